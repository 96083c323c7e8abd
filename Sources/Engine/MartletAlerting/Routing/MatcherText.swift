public import MartletSeries

/// Conditions on labels as Alertmanager writes them: `severity="page"`, `team=~"db|web"`, `{a="b", c!="d"}`.
///
/// Names and values may stand with or without quotes; a value without quotes ends at a comma or brace.
///
/// - SeeAlso: [matchers](https://prometheus.io/docs/alerting/0.28/configuration/#label-matchers)
public struct MatcherText {
    /// What is wrong with a condition.
    public struct SyntaxError: Error, Hashable, CustomStringConvertible {
        /// The message, for people.
        public let description: String
    }

    private let characters: [Character]
    private let patterns: any PatternCompiler
    private var place = 0

    /// The conditions of a text, which may hold several with commas between them, and braces around them.
    ///
    /// - Throws: ``SyntaxError``, also for a regular expression that is malformed.
    public static func parse(
        _ text: String,
        patterns: any PatternCompiler
    ) throws(SyntaxError) -> [LabelMatcher] {
        var parser = MatcherText(characters: Array(text), patterns: patterns)
        return try parser.parse()
    }

    private init(characters: [Character], patterns: any PatternCompiler) {
        self.characters = characters
        self.patterns = patterns
    }

    private mutating func parse() throws(SyntaxError) -> [LabelMatcher] {
        skipSpace()
        let isBraced = take("{")
        var matchers: [LabelMatcher] = []
        skipSpace()
        while place < characters.count, characters[place] != "}" {
            matchers.append(try parseMatcher())
            skipSpace()
            guard take(",") else { break }
            skipSpace()
        }
        if isBraced, !take("}") { throw failure("expected \"}\" or \",\"") }
        skipSpace()
        guard place == characters.count else { throw failure("expected the end") }
        guard !matchers.isEmpty else { throw SyntaxError(description: "expected a matcher such as severity=\"page\"") }
        return matchers
    }

    private mutating func parseMatcher() throws(SyntaxError) -> LabelMatcher {
        let name: String
        if let quoted = try parseQuoted() {
            name = quoted
        } else {
            name = String(takeWhile { !"=!~,{}\"'` \t\n".contains($0) })
        }
        guard !name.isEmpty else { throw failure("expected a label name") }
        skipSpace()
        let operation = try parseOperation()
        skipSpace()
        let value: String
        if let quoted = try parseQuoted() {
            value = quoted
        } else {
            value = takeWhile { !",{}\"".contains($0) }.trimmingTail()
        }
        do throws(PatternError) {
            return try LabelMatcher(name, operation, value, compiler: patterns)
        } catch {
            throw SyntaxError(description: "bad regular expression \"\(value)\": \(error.description)")
        }
    }

    private mutating func parseOperation() throws(SyntaxError) -> LabelMatcher.Operation {
        for operation in [LabelMatcher.Operation.matches, .doesNotMatch, .notEqual, .equal]
        where characters[place...].starts(with: operation.rawValue) {
            place += operation.rawValue.count
            return operation
        }
        throw failure("expected =, !=, =~ or !~")
    }

    private mutating func parseQuoted() throws(SyntaxError) -> String? {
        guard take("\"") else { return nil }
        var text = ""
        while place < characters.count {
            let character = characters[place]
            place += 1
            if character == "\"" { return text }
            guard character == "\\", place < characters.count else {
                text.append(character)
                continue
            }
            let escaped = characters[place]
            place += 1
            switch escaped {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "\"", "\\": text.append(escaped)
            default: text += "\\\(escaped)"
            }
        }
        throw failure("expected a closing quote")
    }

    private mutating func take(_ character: Character) -> Bool {
        guard place < characters.count, characters[place] == character else { return false }
        place += 1
        return true
    }

    private mutating func takeWhile(_ condition: (Character) -> Bool) -> ArraySlice<Character> {
        let start = place
        while place < characters.count, condition(characters[place]) { place += 1 }
        return characters[start..<place]
    }

    private mutating func skipSpace() { _ = takeWhile(\.isWhitespace) }

    private func failure(_ message: String) -> SyntaxError {
        let found = place < characters.count ? "\"\(characters[place])\"" : "the end"
        return SyntaxError(description: "\(message) at character \(place + 1), found \(found)")
    }
}

extension ArraySlice<Character> {
    /// The text without white space at its end.
    fileprivate func trimmingTail() -> String {
        var rest = self
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
