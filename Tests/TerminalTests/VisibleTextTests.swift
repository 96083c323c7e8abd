import MartletTerminal
import Testing

@Suite("VisibleText")
struct VisibleTextTests {
    @Test(arguments: [
        ("plain äöü 日本", "plain äöü 日本"),
        ("\u{1b}[31mred", "\\u{1b}[31mred"),
        ("a\nb\rc\td\u{0}", "a\\nb\\rc\\td\\u{0}"),
        ("\u{202e}evil\u{2066}\u{200f}", "\\u{202e}evil\\u{2066}\\u{200f}"),
        ("c1 \u{9b}31m \u{7f}", "c1 \\u{9b}31m \\u{7f}"),
        ("line\u{2028}and\u{2029}", "line\\u{2028}and\\u{2029}"),
    ])
    func `tells what a terminal would obey by number`(text: String, shown: String) {
        #expect(VisibleText.harmless(text) == shown)
    }

    @Test func `knows how many columns characters take`() {
        #expect(VisibleText.width("abc") == 3)
        #expect(VisibleText.width("日本") == 4)
        #expect(VisibleText.width("e\u{301}") == 1)
        #expect(VisibleText.width("🙂") == 2)
        #expect(VisibleText.width("\u{301}") == 0)
        #expect(VisibleText.width("●✕▁") == 3)
    }

    @Test(arguments: [
        ("hello", 5, "hello"), ("hello!", 5, "hell…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("日本", 4, "日本"),
        ("x", 0, ""), ("ab", 1, "…"),
    ])
    func `cuts to columns`(text: String, columns: Int, shown: String) {
        #expect(VisibleText.fitted(text, columns) == shown)
    }

    @Test func `fills up to columns`() {
        #expect(VisibleText.padded("日", 4) == "日  ")
        #expect(VisibleText.padded("long one", 4) == "lon…")
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a bcdefghij", 4, ["a", "bcde", "fghi", "j"]),
        ("one two", 3, ["one", "two"]),
        ("one ", 3, ["one"]),
        ("", 3, [""]),
        ("日本語", 4, ["日本", "語"]),
        ("ab", 0, ["a", "b"]),
    ])
    func `breaks lines at spaces, and long words anywhere`(text: String, columns: Int, lines: [String]) {
        #expect(VisibleText.wrapped(text, columns) == lines)
    }
}
