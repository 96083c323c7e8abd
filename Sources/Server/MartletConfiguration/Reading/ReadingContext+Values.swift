public import MartletCore
public import MartletSeries
public import MartletYAML

// Values of single nodes. Each gives `nil` for a null or after it has reported what is wrong.
extension ReadingContext {
    /// A text, with environment variables put in; plain numbers and booleans are texts too.
    public func string(_ node: YAMLNode, expected: String = "a text") -> String? {
        if node.isNull { return nil }
        guard let text = node.scalar else { return mismatch(node, expected: expected) }
        guard let environment else { return text }
        let expansion = EnvironmentExpansion.expand(text, with: environment)
        for name in expansion.missing {
            report(
                "environment variable \(name) is not set; set it, or write $${\(name)} for the literal text",
                at: node.mark
            )
        }
        return expansion.missing.isEmpty ? expansion.text : nil
    }

    /// A yes or no, in the words of YAML 1.1 as Prometheus reads them: true, yes, on, false, no, off.
    public func bool(_ node: YAMLNode) -> Bool? {
        let expected = "true or false"
        guard let text = plain(node, expected: expected) else { return nil }
        return switch text.lowercased() {
        case "true", "yes", "on", "y": true
        case "false", "no", "off", "n": false
        default: mismatch(node, expected: expected)
        }
    }

    /// A whole number within a range.
    public func int(_ node: YAMLNode, in range: ClosedRange<Int> = .min ... .max) -> Int? {
        let expected = "a whole number"
        guard let text = plain(node, expected: expected) else { return nil }
        guard let number = Int(text.filter { $0 != "_" }) else { return mismatch(node, expected: expected) }
        guard range.contains(number) else {
            report("\(number) is out of range; \(Self.bounds(range))", at: node.mark)
            return nil
        }
        return number
    }

    /// A finite number within a range.
    public func double(
        _ node: YAMLNode,
        in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
    ) -> Double? {
        let expected = "a number"
        guard let text = plain(node, expected: expected) else { return nil }
        guard let number = Double(text), number.isFinite else { return mismatch(node, expected: expected) }
        guard range.contains(number) else {
            let bounds = "\(FloatText.shortest(range.lowerBound)) to \(FloatText.shortest(range.upperBound))"
            report("\(text) is out of range; it must be in \(bounds)", at: node.mark)
            return nil
        }
        return number
    }

    /// A length of time.
    ///
    /// The forms are those of Prometheus (`1h30m`, `15s`, `1000ms`) and plain words (`5 minutes`, `30 seconds`). A
    /// number without a unit counts in `plainUnit`; where that is `nil`, only `0` needs no unit.
    public func duration(_ node: YAMLNode, plainUnit: PlainDurationUnit? = nil) -> Duration? {
        let expected =
            plainUnit.map { "a duration such as 30s or a number of \($0.rawValue)" }
            ?? "a duration such as 30s, 5m or 1h30m"
        guard let text = string(node, expected: expected) else { return nil }
        if let milliseconds = PlainDuration.milliseconds(text, plainUnit: plainUnit) {
            return .milliseconds(milliseconds)
        }
        if let number = Double(text), number >= 0 {
            report(
                "duration \"\(text)\" has no unit; write \(text)s or another unit of ms, s, m, h, d, w, y",
                at: node.mark
            )
            return nil
        }
        return mismatch(node, expected: expected)
    }

    /// A number of bytes, such as `64MiB`.
    public func size(_ node: YAMLNode) -> Int? {
        let expected = "a size such as 64MiB"
        guard let text = string(node, expected: expected) else { return nil }
        return SizeText.bytes(text) ?? mismatch(node, expected: expected)
    }

    /// A text that is never shown.
    public func secret(_ node: YAMLNode) -> Secret? {
        string(node).map(Secret.init)
    }

    /// A regular expression in RE2 syntax.
    public func pattern(_ node: YAMLNode) -> (any Pattern)? {
        guard let text = string(node, expected: "a regular expression") else { return nil }
        do {
            return try patterns.compile(text)
        } catch {
            report("invalid regular expression \"\(text)\": \(error.description)", at: node.mark)
            return nil
        }
    }

    /// One of a few words; a mistyped one gets a suggestion.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: YAMLNode,
        _ type: Choice.Type,
        what: String
    ) -> Choice? where Choice.RawValue == String {
        guard let text = string(node, expected: what) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        let hint = Suggestion.closest(to: text, among: words).map { " (did you mean \"\($0)\"?)" } ?? ""
        report("unknown \(what) \"\(text)\"\(hint); known are \(words.joined(separator: ", "))", at: node.mark)
        return nil
    }

    /// The items of a list; each is read and those that give `nil` are left out.
    public func list<Item>(_ node: YAMLNode, _ read: (YAMLNode) -> Item?) -> [Item] {
        if node.isNull { return [] }
        guard case .sequence(let items) = node.content else {
            let _: Item? = mismatch(node, expected: "a list")
            return []
        }
        return items.compactMap(read)
    }

    /// A list of texts; a null among them is reported.
    public func strings(_ node: YAMLNode) -> [String] {
        list(node) { item in
            if item.isNull { return mismatch(item, expected: "a text") }
            return string(item)
        }
    }

    /// A mapping of texts to texts, in the order written; a null value is the empty text.
    public func texts(_ node: YAMLNode) -> [(key: String, value: String, mark: YAMLMark)] {
        if node.isNull { return [] }
        guard case .mapping(let entries) = node.content else {
            let _: Int? = mismatch(node, expected: "a mapping of names to texts")
            return []
        }
        return entries.compactMap { entry in
            guard let key = entry.key.scalar else { return mismatch(entry.key, expected: "a name") }
            if entry.value.isNull { return (key, "", entry.key.mark) }
            return string(entry.value).map { (key, $0, entry.key.mark) }
        }
    }

    /// A set of labels with valid names.
    ///
    /// - Parameters:
    ///   - node: The mapping.
    ///   - reserved: Names that may not be set, each with the reason.
    /// - Returns: The labels that are fine.
    public func labels(_ node: YAMLNode, reserved: [String] = [Label.metricName]) -> LabelSet {
        LabelSet(
            texts(node).compactMap { entry in
                if entry.key.isEmpty || reserved.contains(entry.key) {
                    report("\"\(entry.key)\" is not a valid label name here", at: entry.mark)
                    return nil
                }
                return Label(entry.key, entry.value)
            }
        )
    }

    /// Reports that a node is of another kind than expected, and gives `nil`.
    public func mismatch<Value>(_ node: YAMLNode, expected: String) -> Value? {
        // A text where a mapping or a list belongs may be a misplaced password, so it is not shown.
        let isText = node.scalar != nil && !node.isNull
        let isStructure = expected.hasPrefix("a mapping") || expected.hasPrefix("a list")
        report("expected \(expected), found \(isText && isStructure ? "a text" : Self.describe(node))", at: node.mark)
        return nil
    }

    /// A scalar's text where quotes would make it a text of another type.
    private func plain(_ node: YAMLNode, expected: String) -> String? {
        guard !node.isNull else { return nil }
        guard case .scalar(let text, let isPlain) = node.content, isPlain || text.contains("${") else {
            return mismatch(node, expected: expected)
        }
        return string(node, expected: expected)
    }

    private static func bounds(_ range: ClosedRange<Int>) -> String {
        if range.upperBound == .max { return "it must be \(range.lowerBound) or more" }
        if range.lowerBound == .min { return "it must be \(range.upperBound) or less" }
        return "it must be in \(range.lowerBound) to \(range.upperBound)"
    }

    /// What a node is, for people: `the text "abc"`, `a list`; long texts are cut.
    static func describe(_ node: YAMLNode) -> String {
        switch node.content {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .scalar(let text, let isPlain):
            if node.isNull { return "nothing" }
            if isPlain, Double(text) != nil { return "the number \(text)" }
            if isPlain, ["true", "false"].contains(text.lowercased()) { return text.lowercased() }
            return "the text \"\(text.count > 40 ? text.prefix(40) + "…" : text)\""
        }
    }
}
