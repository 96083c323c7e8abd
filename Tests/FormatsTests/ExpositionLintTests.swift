import MartletExposition
import Testing

@Suite("ExpositionLint")
struct ExpositionLintTests {
    private func problems(_ text: String, _ format: ExpositionFormat = .text) -> [String] {
        ExpositionLint.check(Array(text.utf8), format: format).map(\.description)
    }

    @Test func `has nothing to say of a text without fault`() {
        #expect(problems("# HELP a_total A.\n# TYPE a_total counter\na_total 1\n").isEmpty)
        #expect(problems("# TYPE a counter\n# HELP a A.\na_total 1\n# EOF\n", .openMetrics).isEmpty)
    }

    @Test(arguments: [
        ("a 1\n", "1:1: warning: a has no # HELP; say what it means"),
        ("# HELP a A.\n# TYPE a counter\na 1\n", "1:1: warning: the counter a should end with _total"),
        (
            "# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n",
            "1:1: warning: a_total ends with _total, which only counters should"
        ),
        (
            "# HELP a_milliseconds A.\na_milliseconds 1\n",
            "1:1: warning: a_milliseconds is in milliseconds; use the base unit, seconds"
        ),
        ("# HELP a A.\na 1\na 2\n", "3:1: error: the series a{} comes twice"),
        (
            "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
            "3:1: error: the histogram a has no bucket with le=\"+Inf\""
        ),
        (
            "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
            "3:1: error: the count of a is not that of its +Inf bucket"
        ),
        ("# HELP a_total A.\n# TYPE a_total counter\na_total -1\n", "3:9: error: a_total must be 0 or more, got -1"),
        ("# HELP a A.\na 1\nb{ 1\n", "3:4: error: expected a label name"),
    ])
    func `names place and fault in the text format`(text: String, problem: String) {
        #expect(problems(text) == [problem])
    }

    @Test func `finds blanks between labels, which only scrapers tolerate`() {
        let text = "# HELP a A.\na{x=\"1 2\", y=\"3\"} 1\n# EOF\n"
        #expect(problems(text, .openMetrics) == ["2:11: error: OpenMetrics has no blanks between labels"])
    }

    @Test func `stops after as many problems as asked for`() {
        let text = Array(String(repeating: "?\n", count: 100).utf8)
        #expect(ExpositionLint.check(text, format: .text, problemsMax: 7).count == 7)
    }
}
