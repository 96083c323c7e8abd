import MartletSeries

/// Regular expressions through Swift's own engine, which is near enough to RE2 for these tests.
struct TestPatterns: PatternCompiler {
    func compile(_ source: String) throws(PatternError) -> any Pattern {
        do {
            _ = try Regex(source)
            return TestPattern(source: source)
        } catch {
            throw PatternError(source: source, description: "malformed: \(source)")
        }
    }

    private struct TestPattern: Pattern {
        let source: String

        func matches(_ text: String) -> Bool {
            guard let regex = try? Regex(source) else { return false }
            return text.wholeMatch(of: regex.dotMatchesNewlines()) != nil
        }

        func expand(_ template: String, in text: String) -> String? { matches(text) ? template : nil }

        func replaceAll(in text: String, with template: String) -> String {
            guard let regex = try? Regex(source) else { return text }
            return text.replacing(regex) { match in
                (0..<match.output.count).reversed().reduce(template) { result, index in
                    result.replacing("$\(index)", with: match.output[index].substring ?? "")
                }
            }
        }
    }
}
