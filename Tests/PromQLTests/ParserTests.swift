import MartletPatterns
import MartletPromQL
import Testing

@Suite("PromQL parser")
struct ParserTests {
    private let engine = QueryEngine(patterns: RE2Patterns(), options: .init(features: .all))
    private let stable = QueryEngine(patterns: RE2Patterns())

    @Test(arguments: [
        (#"rat(x[5m])"#, #"1:1: parse error: unknown function with name "rat" (did you mean "rate"?)"#),
        ("sum by (job) (rat(x[5m]))", #"1:15: parse error: unknown function with name "rat" (did you mean "rate"?)"#),
        ("", "1:1: parse error: no expression found in input"),
        ("1 +", "1:4: parse error: unexpected end of input"),
        ("sum(", "1:5: parse error: unclosed left parenthesis"),
        ("(1))", "1:4: parse error: unexpected right parenthesis ')'"),
        ("foo{", "1:5: parse error: unexpected end of input inside braces"),
        ("foo{a*\"b\"}", "1:6: parse error: unexpected character inside braces: '*'"),
        ("foo{1}", "1:5: parse error: unexpected character inside braces: '1'"),
        ("foo{gibberish}", #"1:14: parse error: unexpected "}" in label matching, expected label matching operator"#),
        ("foo{a=b}", #"1:7: parse error: unexpected identifier "b" in label matching, expected string"#),
        ("foo{a=\"b\" c}", #"1:11: parse error: unexpected identifier "c" in label matching, expected "," or "}""#),
        ("1 =~ 1", "1:3: parse error: unexpected character after '=': '~'"),
        ("1 ! 1", "1:3: parse error: unexpected character after '!': ' '"),
        ("1 or 1", #"1:1: parse error: set operator "or" not allowed in binary scalar expression"#),
        ("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
        ("foo + bool bar", "1:5: parse error: bool modifier can only be used on comparison operators"),
        ("foo or on(a) group_left(b) bar", #"1:1: parse error: no grouping allowed for "or" operation"#),
        (
            "foo + on(a) group_left(a) bar",
            #"1:5: parse error: label "a" must not occur in ON and GROUP clause at once"#
        ),
        (
            "-\"a\"",
            "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"string\""
        ),
        ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        ("foo{__name__=\"bar\"}", #"1:1: parse error: metric name must not be set twice: "foo" or "bar""#),
        ("rate(foo)", #"1:6: parse error: expected type range vector in call to function "rate", got instant vector"#),
        ("floor(foo, 1)", #"1:1: parse error: expected 1 argument(s) in call to "floor", got 2"#),
        ("hour(a, b, c)", #"1:1: parse error: expected at most 1 argument(s) in call to "hour", got 3"#),
        ("label_join(a)", #"1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1"#),
        (
            "topk(foo)",
            "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1"
        ),
        ("topk(foo, foo)", "1:6: parse error: expected type scalar in aggregation parameter, got instant vector"),
        ("sum()", "1:1: parse error: no arguments for aggregate expression provided"),
        ("sum(foo,)", "1:8: parse error: trailing commas not allowed in function call args"),
        ("sum by foo (bar)", #"1:8: parse error: unexpected identifier "foo" in grouping opts, expected "(""#),
        ("sum foo", #"1:5: parse error: unexpected identifier "foo" in aggregation"#),
        ("foo offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times"),
        ("foo offset 1m[5m]", "1:14: parse error: no offset modifiers allowed before range"),
        ("foo @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"),
        ("foo @ Inf", "1:7: parse error: timestamp out of bounds for @ modifier: +Inf"),
        ("foo @ bar", #"1:7: parse error: unexpected identifier "bar" in @, expected timestamp"#),
        ("(foo + bar)[5m]", "1:12: parse error: ranges only allowed for vector selectors"),
        ("foo[5m:][5m:]", "1:1: parse error: subquery is only allowed on instant vector, got matrix instead"),
        ("foo[0]", "1:5: parse error: duration must be greater than 0"),
        ("foo[5s/0d]", "1:8: parse error: division by zero"),
        ("foo[9.5e10]", "1:5: parse error: duration out of range"),
        ("foo[5mm]", #"1:5: parse error: bad number or duration syntax: "5mm""#),
        ("\"\\c\"", "1:1: parse error: unknown escape sequence U+0063 'c'"),
        ("\"abc", "1:1: parse error: unterminated quoted string"),
        ("foo{a=~\"(\"}", "1:5: parse error: error parsing regexp: missing ): ("),
        ("foo +\n  rat(x)", #"2:3: parse error: unknown function with name "rat" (did you mean "rate"?)"#),
        ("foo[5m] anchored smoothed", "1:1: parse error: anchored and smoothed modifiers cannot be used together"),
        ("info(a, b)", "1:9: parse error: expected label selectors only, got vector selector instead"),
    ])
    func `errors name the place in Prometheus' words`(query: String, message: String) {
        do {
            let tree = try engine.parse(query)
            Issue.record("accepted \(query) as \(tree)")
        } catch {
            #expect(error.description == message)
            #expect(error.errorType == "bad_data")
        }
    }

    @Test(arguments: [
        "sort_by_label(foo, \"a\")", "limitk(1, foo)", "foo[5m + 1m]", "foo[5m] anchored", "foo + fill (0) bar",
        "foo offset step()",
    ])
    func `experimental syntax needs its feature`(query: String) throws {
        #expect(throws: PromQLError.self) { try stable.parse(query) }
        _ = try engine.parse(query)
    }

    @Test(arguments: [
        ("1+2", "1 + 2"),
        ("-foo", "-foo"),
        ("- - 1", "1"),
        ("foo{b='x',a!~\"y\"}[5m:30s] offset -1m @ 12.5", "foo{b=\"x\",a!~\"y\"}[5m:30s] @ 12.500 offset -1m"),
        ("SUM(foo) BY (a,\"b c\")", "sum by (a, \"b c\") (foo)"),
        ("sum without() (foo)", "sum without () (foo)"),
        ("topk(3,foo)", "topk(3, foo)"),
        ("foo*on(a)group_left(b)bar", "foo * on (a) group_left (b) bar"),
        ("foo >bool ignoring(a) bar", "foo > bool ignoring (a) bar"),
        ("foo + fill(1) bar", "foo + fill (1) bar"),
        ("foo + fill_left(1) fill_right(2) bar", "foo + fill_left (1) fill_right (2) bar"),
        ("rate(foo[600])", "rate(foo[10m])"),
        ("foo[5m] smoothed @ end()", "foo[5m] smoothed @ end()"),
        ("foo @ start()", "foo @ start()"),
        ("foo[max_of(step(),5s)+(1m)]", "foo[max_of(step(), 5s) + (1m)]"),
        ("{\"some.metric\"}", "{__name__=\"some.metric\"}"),
        ("'it''s'", "'it'"),
        ("(1h)", "(1h)"),
    ])
    func `prints on one line`(query: String, text: String) throws {
        if query == "'it''s'" {
            #expect(throws: PromQLError.self) { try engine.parse(query) }
            return
        }
        let tree = try engine.parse(query)
        #expect(tree.description == text)
        #expect(try engine.parse(text).description == text)
    }

    @Test func `prints long expressions over several lines`() throws {
        let query = """
            sum by (instance) (rate(http_requests_total{job="some-long-job-name",code=~"5.."}[5m])) \
            / sum by (instance) (rate(http_requests_total{job="some-long-job-name-that-fills-the-line",code=~"2.."}[5m]))
            """
        let pretty = try engine.parse(query).prettyPrinted
        #expect(
            pretty == """
                  sum by (instance) (rate(http_requests_total{job="some-long-job-name",code=~"5.."}[5m]))
                /
                  sum by (instance) (
                    rate(http_requests_total{job="some-long-job-name-that-fills-the-line",code=~"2.."}[5m])
                  )
                """
        )
        #expect(try engine.parse(pretty).description == query)
        let nested =
            "ceil(-(clamp_max(\(String(repeating: "a", count: 60)) + \(String(repeating: "b", count: 60)), 5)))"
        let lines = try engine.parse(nested).prettyPrinted
        #expect(try engine.parse(lines).description == nested)
        #expect(lines.contains("\n    (\n") || lines.contains("-(\n"))
        let subquery =
            "sum_over_time((\(String(repeating: "a", count: 60)) + \(String(repeating: "b", count: 60)))[5m:])"
        #expect(try engine.parse(engine.parse(subquery).prettyPrinted).description == subquery)
    }

    @Test func `bounds depth and length`() {
        for query in [
            String(repeating: "(", count: 500) + "1" + String(repeating: ")", count: 500),
            String(repeating: "-", count: 100_000) + "1",
            [String](repeating: "1", count: 3000).joined(separator: "+"),
            "foo[" + String(repeating: "(", count: 500) + "1",
            "foo[" + [String](repeating: "1", count: 1000).joined(separator: "+") + "]",
            "foo" + String(repeating: "[1m:]", count: 1000),
            String(repeating: " ", count: 300_000) + "1",
        ] {
            do {
                _ = try engine.parse(query)
                Issue.record("accepted \(query.prefix(40))")
            } catch {
                #expect(
                    error.description.contains("deeper than 200 levels") || error.description.contains("at most 262144")
                        || error.description.contains("over 2000 binary operators")
                )
            }
        }
    }

    @Test func `never crashes on damaged queries`() {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        print("seed \(state)")
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let pieces = [
            "sum", " by ", "(", ")", "{", "}", "[", "]", "foo", "5m", "1", "\"a\"", "'", "=", "=~", "!", "offset ",
            "@ ",
            "start()", "+", "-", "^", "and ", ":", ",", "rate", "\\", "é", "0x", "e9", ".", "#", "\n", "bool ", "on",
            "inf",
        ]
        for _ in 0..<20_000 {
            let query = (0..<(1 + random(12))).map { _ in pieces[random(pieces.count)] }.joined()
            guard let tree = try? engine.parse(query) else { continue }
            guard let again = try? engine.parse(tree.description) else {
                Issue.record("\(query) prints as \(tree), which is refused")
                continue
            }
            #expect(again.description == tree.description)
        }
    }

    @Test func `reads a lone selector`() throws {
        let selector = try engine.parseSelector(#"up{job=~"a.*"}"#)
        #expect(selector.matchers.map(\.description) == [#"job=~"a.*""#, #"__name__="up""#])
        #expect(throws: PromQLError.self) { try engine.parseSelector("up + 1") }
        #expect(throws: PromQLError.self) { try engine.parseSelector("1") }
        #expect(throws: PromQLError.self) { try engine.parseSelector("{}") }
    }
}
