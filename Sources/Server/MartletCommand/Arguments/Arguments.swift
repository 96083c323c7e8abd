import MartletCore

/// The options and operands of one call, checked against the verb's ``Syntax``.
struct Arguments: Sendable {
    /// What stands behind the options.
    private(set) var operands: [String] = []

    /// Whether help was asked for; then nothing else is checked.
    private(set) var asksForHelp = false

    private var values: [String: [String]] = [:]

    /// What the verb takes, for the page that a refusal names.
    private let syntax: Syntax

    /// Reads the words behind the verb.
    ///
    /// `--name value`, `--name=value` and `-n value` are alike; `--` ends the options.
    init(_ words: some Sequence<String>, syntax: Syntax) throws(UsageError) {
        self.syntax = syntax
        var rest = Array(words)[...]
        var optionsEnded = false
        while let word = rest.popFirst() {
            if optionsEnded || word == "-" || !word.hasPrefix("-") {
                operands.append(word)
            } else if word == "--" {
                optionsEnded = true
            } else if word == "--help" || word == "-h" {
                asksForHelp = true
                return
            } else if word == "--no-color" {
                // Every verb takes it, so that scripts can say it always; `NO_COLOR` means the same.
                values[word] = [""]
            } else {
                try take(word, &rest, syntax)
            }
        }
        if operands.count < syntax.operandCount.lowerBound {
            throw UsageError("\(syntax.name) needs \(syntax.operands)", syntax: syntax)
        }
        if operands.count > syntax.operandCount.upperBound {
            throw UsageError("unexpected \"\(operands[syntax.operandCount.upperBound])\"", syntax: syntax)
        }
    }

    /// The last value of an option, or `nil`.
    subscript(name: String) -> String? { values[name]?.last }

    /// All values of an option that may come more than once.
    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// Whether a switch is there.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// The value of an option as a duration in milliseconds, such as `5m`.
    func duration(_ name: String) throws(UsageError) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let milliseconds = DurationText.milliseconds(text) else {
            throw UsageError("\(name) needs a duration such as 30s, 5m or 1h; got \"\(text)\"", syntax: syntax)
        }
        return milliseconds
    }

    /// The value of an option as a whole number of at least `minimum`.
    func integer(_ name: String, minimum: Int = 0) throws(UsageError) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), number >= minimum else {
            throw UsageError("\(name) needs a whole number from \(minimum); got \"\(text)\"", syntax: syntax)
        }
        return number
    }

    /// The value of an option that takes one of some words.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        of type: Choice.Type
    ) throws(UsageError) -> Choice? {
        guard let text = self[name] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue)
        throw UsageError("\(name) takes \(known.joined(separator: ", ")); got \"\(text)\"", syntax: syntax)
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>, _ syntax: Syntax) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = syntax.options.first(where: { $0.name == parts[0] || $0.short == parts[0] }) else {
            let nearest = Suggestion.closest(to: parts[0], among: syntax.options.map(\.name))
            var hint = UsageError.hint(nearest)
            if hint.isEmpty, syntax.operands.contains("QUERY") {
                hint = "; a search that begins with \"-\" stands behind \"--\""
            }
            throw UsageError("unknown option \"\(parts[0])\"" + hint, syntax: syntax)
        }
        if option.value == nil {
            guard parts.count == 1 else { throw UsageError("\(option.name) takes no value", syntax: syntax) }
            values[option.name, default: []].append("")
        } else if parts.count == 2 {
            values[option.name, default: []].append(parts[1])
        } else if let value = rest.popFirst() {
            values[option.name, default: []].append(value)
        } else {
            throw UsageError("\(option.name) needs a value: \(option.name) \(option.value ?? "")", syntax: syntax)
        }
    }
}
