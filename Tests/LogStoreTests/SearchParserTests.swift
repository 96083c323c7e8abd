import MartletSearch
import Testing

@Suite("Search language")
struct SearchParserTests {
    private func condition(_ text: String) throws -> SearchCondition {
        try SearchExpression(parsing: text).condition
    }

    @Test func `reads words, phrases and prefixes`() throws {
        #expect(try condition("") == .all)
        #expect(try condition("*") == .all)
        #expect(try condition("Timeout") == .words(SearchWords(["timeout"])))
        #expect(try condition("\"Connection refused\"") == .words(SearchWords(["connection", "refused"])))
        #expect(try condition("time*") == .words(SearchWords(["time"], isPrefix: true)))
        #expect(try condition("user-42") == .words(SearchWords(["user", "42"])))
        #expect(try condition("\"a b\"*") == .words(SearchWords(["a", "b"], isPrefix: true)))
        #expect(try condition("https://example.org/x") == .words(SearchWords(["https", "example", "org", "x"])))
        #expect(try condition("\\(a\\)") == .words(SearchWords(["a"])))
    }

    @Test func `reads regular expressions`() throws {
        #expect(try condition("/time(out|d)/") == .pattern("time(out|d)"))
        #expect(try condition("/a\\/b\\d+/") == .pattern("a/b\\d+"))
        #expect(try condition("/var/log") == .words(SearchWords(["var", "log"])))
        #expect(try condition("path:/api.*x/") == .field(SearchField("path"), .pattern("api.*x")))
    }

    @Test func `reads fields with their tests`() throws {
        let status = SearchField("status")
        #expect(try condition("status:500") == .field(status, .equals(SearchOperand("500"))))
        #expect(try condition("status:>=500") == .field(status, .compares(.greaterOrEqual, SearchOperand("500"))))
        #expect(try condition("status:*") == .field(status, .exists))
        #expect(try condition("path:/api/*") == .field(SearchField("path"), .glob("/api/*")))
        #expect(
            try condition("-path:/healthz") == .not(.field(SearchField("path"), .equals(SearchOperand("/healthz"))))
        )
        #expect(
            try condition("@user.id:42")
                == .field(SearchField("user.id", isAttribute: true), .equals(SearchOperand("42")))
        )
        #expect(try condition("user:\"a b\"") == .field(SearchField("user"), .equals(SearchOperand("a b"))))
        #expect(try condition("message:\"a b\"") == .words(SearchWords(["a", "b"])))
        let range = SearchCondition.and([
            .field(status, .compares(.greaterOrEqual, SearchOperand("400"))),
            .field(status, .compares(.lessOrEqual, SearchOperand("499"))),
        ])
        #expect(try condition("status:400..499") == range)
        #expect(try condition("status:[400 TO 499]") == range)
        #expect(try condition("status:400..") == .field(status, .compares(.greaterOrEqual, SearchOperand("400"))))
        #expect(
            try condition("status:(500 OR 502 503)")
                == .or(["500", "502", "503"].map { .field(status, .equals(SearchOperand($0))) })
        )
    }

    @Test func `binds negation, then and, then or`() throws {
        let (a, b, c): (SearchCondition, SearchCondition, SearchCondition) = (
            .words(SearchWords(["a"])), .words(SearchWords(["b"])), .words(SearchWords(["c"]))
        )
        #expect(try condition("a b OR c") == .or([.and([a, b]), c]))
        #expect(try condition("a AND (b OR c)") == .and([a, .or([b, c])]))
        #expect(try condition("NOT a b") == .and([.not(a), b]))
        #expect(try condition("-(a OR b)") == .not(.or([a, b])))
        #expect(try condition("!a") == .not(a))
    }

    @Test(arguments: [
        ("100ms", 1e8), ("1h30m", 5.4e12), ("1.5s", 1.5e9), ("1MiB", 1_048_576), ("2kB", 2000), ("-3", -3), ("12", 12),
    ])
    func `reads quantities`(text: String, number: Double) {
        #expect(SearchOperand(text).number == number)
    }

    @Test(arguments: ["10x", "ms", "1ms2", "1m2MiB", "", "abc", "1..2"])
    func `takes no other text for a quantity`(text: String) {
        #expect(SearchOperand(text).number == nil)
    }

    @Test func `reads stages`() throws {
        func stage(_ text: String) throws -> SearchStage? { try SearchExpression(parsing: text).stage }
        #expect(try stage("a | count") == .count(by: []))
        #expect(
            try stage("a | count by (component, level)")
                == .count(by: [SearchField("component"), SearchField("level")])
        )
        #expect(try stage("| top 5 user") == .top(5, SearchField("user")))
        #expect(try stage("| top user") == .top(10, SearchField("user")))
        #expect(try stage("| histogram 1m") == .histogram(60_000_000_000, by: nil))
        #expect(try stage("| histogram 5m by level") == .histogram(300_000_000_000, by: SearchField("level")))
        #expect(try stage("| patterns 20") == .patterns(20))
        #expect(try SearchExpression(parsing: "a | limit 7").limit == 7)
    }

    @Test(arguments: [
        ("(a", "1:1: parse error: this parenthesis is never closed"),
        ("a)", "1:2: parse error: a parenthesis is closed that was not opened"),
        ("\"abc", "1:1: parse error: this quotation mark is never closed"),
        ("level:wran", "1:7: parse error: \"wran\" is no level (did you mean \"warn\"?)"),
        ("a | cuont by (x)", "1:5: parse error: unknown step \"cuont\" (did you mean \"count\"?)"),
        ("a OR", "1:5: parse error: a condition is missing at the end"),
        ("status:", "1:8: parse error: a value is missing behind \"status:\"; write status:* for any"),
        ("a | histogram x", "1:15: parse error: histogram needs a duration such as 1m; got \"x\""),
        ("trace:xyz", "1:7: parse error: a trace id has 32 hexadecimal digits; got \"xyz\""),
        ("time:>soon", "1:6: parse error: \"soon\" is no time; write 2026-01-31 or 2026-01-31T12:00:00Z"),
    ])
    func `says what is wrong and where`(text: String, message: String) {
        #expect(throws: SearchError.self) { try SearchExpression(parsing: text) }
        do { _ = try SearchExpression(parsing: text) } catch { #expect(error.description == message) }
    }

    @Test func `stays within its limits`() {
        let deep = String(repeating: "(", count: 200) + "a" + String(repeating: ")", count: 200)
        #expect(throws: SearchError.self) { try SearchExpression(parsing: deep) }
        #expect(throws: SearchError.self) { try SearchExpression(parsing: String(repeating: "-", count: 500) + "a") }
        #expect(throws: SearchError.self) { try SearchExpression(parsing: String(repeating: "a ", count: 2000)) }
        #expect(throws: SearchError.self) { try SearchExpression(parsing: String(repeating: "a", count: 20_000)) }
    }
}
