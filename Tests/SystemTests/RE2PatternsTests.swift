import MartletPatterns
import MartletSeries
import Testing

@Suite("RE2 patterns")
struct RE2PatternsTests {
    private let patterns = RE2Patterns()

    @Test(arguments: [
        ("api", "api", true), ("api", "apis", false), ("api", "my api", false), ("", "", true), ("", "x", false),
        ("api|web|db", "web", true), ("api|web|db", "we", false), ("api|", "", true), ("b|a", "a", true),
        (".*", "", true), (".*", "x\ny", true), (".+", "", false), (".+", "\n", true),
        ("api.*", "api", true), ("api.*", "apix\n", true), ("api.*", "ap", false), ("api.+", "api", false),
        ("api.+", "apix", true), ("a|ab", "ab", true), ("(a|ab)(c|bcd)", "abcd", true), ("a.c", "a\nc", true),
        ("[0-9]{3}", "123", true), ("[0-9]{3}", "1234", false), ("(?i)API", "api", true), ("a$|b", "a", true),
        ("é.", "éü", true), ("a\\.b", "a.b", true), ("a\\.b", "axb", false), ("e\u{301}", "é", false),
        ("x|e\u{301}", "\u{e9}", false), ("\\pL+", "слово", true), ("(?s).", "\n", true), ("^a$", "a", true),
    ])
    func `matches whole texts`(source: String, text: String, isMatch: Bool) throws {
        #expect(try patterns.compile(source).matches(text) == isMatch)
    }

    @Test(arguments: [
        ("(a", "missing ): (a"),
        ("a)(b", "unexpected ): a)(b"),
        ("a**b", "bad repetition operator: **"),
        ("(?=a)", "invalid perl operator: (?="),
        ("[z-a]", "invalid character class range: z-a"),
        ("a{1001}", "invalid repetition size: {1001}"),
        ("\\1", "invalid escape sequence: \\1"),
    ])
    func `tells what is wrong with an expression`(source: String, message: String) {
        let error = #expect(throws: PatternError.self) { try patterns.compile(source) }
        #expect(error == PatternError(source: source, description: message))
    }

    @Test(arguments: [
        ("(.*):(\\d+)", "$1", "host:90", "host"),
        ("(.*):(\\d+)", "$2-$1", "host:90", "90-host"),
        ("(.*):(\\d+)", "${1}x", "host:90", "hostx"),
        ("(.*):(\\d+)", "$1x", "host:90", ""),
        ("(.*):(\\d+)", "a$$b", "host:90", "a$b"),
        ("(.*):(\\d+)", "$0", "host:90", "host:90"),
        ("(.*):(\\d+)", "$9", "host:90", ""),
        ("(.*):(\\d+)", "$", "host:90", "$"),
        ("(.*):(\\d+)", "${1", "host:90", "${1"),
        ("(.*):(\\d+)", "${}$-", "host:90", "${}$-"),
        ("(.*):(\\d+)", "$01", "host:90", ""),
        ("(?P<h>.*):(?P<p>\\d+)", "$h/${p}", "host:90", "host/90"),
        ("(?P<h>.*):(?P<p>\\d+)", "$none.", "host:90", "."),
        ("(a)|(b)", "[$1$2]", "b", "[b]"),
        ("(é)(.*)", "$2$1", "éx", "xé"),
        ("(a)(b)(c)(d)(e)(f)(g)(h)(i)", "$9$1", "abcdefghi", "ia"),
        (".*", "$0!", "", "!"),
    ])
    func `expands templates by Go's rules`(source: String, template: String, text: String, expected: String) throws {
        #expect(try patterns.compile(source).expand(template, in: text) == expected)
    }

    @Test func `expands nothing where the text does not match`() throws {
        #expect(try patterns.compile("a(.)").expand("$1", in: "xab") == nil)
    }

    @Test(arguments: [
        ("a", "b", "banana", "bbnbnb"),
        ("a*", "x", "baaac", "xbxcx"),
        ("", "-", "éa", "-é-a-"),
        ("(n)(a)", "$2$1", "banana", "baanan"),
        ("z", "y", "abc", "abc"),
        ("x*", "-", "", "-"),
        ("^", ">", "ab", ">ab"),
        ("a|b", "", "abc", "c"),
        ("\\d+", "<$0>", "a1b22", "a<1>b<22>"),
    ])
    func `replaces every match`(source: String, template: String, text: String, expected: String) throws {
        #expect(try patterns.compile(source).replaceAll(in: text, with: template) == expected)
    }

    @Test func `refuses expressions above the limits`() {
        let long = #expect(throws: PatternError.self) {
            try RE2Patterns(sourceBytesMax: 8).compile("abcdefghi")
        }
        #expect(long?.description == "expression has 9 bytes, more than the limit of 8")
        let large = #expect(throws: PatternError.self) { try patterns.compile("((a{100}){10}){10}") }
        #expect(
            large?.description == "bad repetition operator: {10}" || large?.description.contains("too large") == true
                || large?.description == "invalid repetition size: {10}"
        )
    }

    @Test func `keeps a bounded number of expressions`() throws {
        let few = RE2Patterns(cacheSize: 8)
        for number in 0..<100 { _ = try few.compile("x\(number)[a-z]") }
        #expect(few.cachedCount <= 8)
        #expect(few.cachedCount >= 4)
        let none = RE2Patterns(cacheSize: 0)
        _ = try none.compile("a")
        #expect(none.cachedCount == 0)
    }

    @Test func `gives the same compiled expression again`() throws {
        let first = ObjectIdentifier(try patterns.compile("[ab]+") as AnyObject)
        let second = ObjectIdentifier(try patterns.compile("[ab]+") as AnyObject)
        #expect(first == second)
    }

    @Test func `tells canonically equivalent expressions apart`() throws {
        #expect(try patterns.compile("\u{e9}").matches("\u{e9}"))
        #expect(try !patterns.compile("e\u{301}").matches("\u{e9}"))
        #expect(try patterns.compile("\u{e9}").matches("\u{e9}"))
    }

    @Test func `matches from many threads`() async throws {
        let pattern = try patterns.compile("(a|b)*c[0-9]+")
        let total = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask { (0..<500).count { pattern.matches("abab\(task)c\($0)") == false } }
            }
            return await group.reduce(0, +)
        }
        #expect(total == 4000)
    }
}
