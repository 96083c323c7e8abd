public import MartletCore
public import MartletSeries
public import MartletYAML

// Values by key. Where a value is absent, null, or wrong (and reported), the default or `nil` is given.
extension MappingReader {
    /// A text.
    public func string(_ key: String) -> String? {
        node(key).flatMap { context.string($0) }
    }

    /// A text, or a default.
    public func string(_ key: String, default value: String) -> String {
        string(key) ?? value
    }

    /// A text that must be there and not be empty; its absence is reported.
    public func requiredString(_ key: String) -> String? {
        guard let node = requiredNode(key), let text = context.string(node) else { return nil }
        guard !text.isEmpty else {
            context.report("field \"\(key)\" must not be empty", at: node.mark)
            return nil
        }
        return text
    }

    /// A yes or no, or `nil`.
    public func bool(_ key: String) -> Bool? {
        node(key).flatMap { context.bool($0) }
    }

    /// A yes or no, or a default.
    public func bool(_ key: String, default value: Bool) -> Bool {
        bool(key) ?? value
    }

    /// A whole number within a range, or `nil`.
    public func int(_ key: String, in range: ClosedRange<Int> = .min ... .max) -> Int? {
        node(key).flatMap { context.int($0, in: range) }
    }

    /// A whole number within a range, or a default.
    public func int(_ key: String, in range: ClosedRange<Int> = .min ... .max, default value: Int) -> Int {
        int(key, in: range) ?? value
    }

    /// A number, or `nil`.
    public func double(
        _ key: String,
        in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
    ) -> Double? {
        node(key).flatMap { context.double($0, in: range) }
    }

    /// A length of time, or `nil`.
    ///
    /// A number without a unit is allowed where the key says the unit, as `interval_ms` does.
    public func duration(_ key: String) -> Duration? {
        node(key).flatMap { context.duration($0, plainUnit: .named(by: key)) }
    }

    /// A length of time, or a default.
    public func duration(_ key: String, default value: Duration) -> Duration {
        duration(key) ?? value
    }

    /// A length of time above zero, or `nil`; zero is reported.
    public func positiveDuration(_ key: String) -> Duration? {
        guard let duration = duration(key) else { return nil }
        if duration > .zero { return duration }
        report("\"\(key)\" must be more than zero", at: key)
        return nil
    }

    /// A number of bytes, or `nil`.
    public func size(_ key: String) -> Int? {
        node(key).flatMap { context.size($0) }
    }

    /// A text that is never shown, or `nil`.
    public func secret(_ key: String) -> Secret? {
        node(key).flatMap { context.secret($0) }
    }

    /// A secret from `key`, or from the file that `key_file` names; both at once are reported.
    public func secretSource(_ key: String) -> SecretSource? {
        let inline = secret(key)
        let file = path(key + "_file")
        if inline != nil, file != nil {
            report("at most one of \"\(key)\" and \"\(key)_file\" may be given", at: key)
        }
        return inline.map(SecretSource.inline) ?? file.map(SecretSource.file)
    }

    /// A file's path, seen from the configuration file's directory, or `nil`.
    public func path(_ key: String) -> String? {
        string(key).flatMap { $0.isEmpty ? nil : context.resolve($0) }
    }

    /// A regular expression, or `nil`.
    public func pattern(_ key: String) -> (any Pattern)? {
        node(key).flatMap { context.pattern($0) }
    }

    /// One of a few words, or `nil`.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        _ type: Choice.Type,
        what: String? = nil
    ) -> Choice? where Choice.RawValue == String {
        node(key).flatMap { context.choice($0, type, what: what ?? key) }
    }

    /// A list of texts; empty where it is absent.
    public func strings(_ key: String) -> [String] {
        node(key).map { context.strings($0) } ?? []
    }

    /// A list, each item read by a closure; empty where it is absent.
    public func list<Item>(_ key: String, _ read: (YAMLNode) -> Item?) -> [Item] {
        node(key).map { context.list($0, read) } ?? []
    }

    /// A list of mappings, each read by a closure and then searched for unknown keys.
    public func mappings<Item>(_ key: String, _ read: (MappingReader) -> Item?) -> [Item] {
        list(key) { node in
            guard let reader = MappingReader(node, context) else { return nil }
            defer { reader.finish() }
            return read(reader)
        }
    }

    /// A nested mapping, read by a closure and then searched for unknown keys; `nil` where it is absent or wrong.
    public func mapping<Value>(_ key: String, _ read: (MappingReader) -> Value?) -> Value? {
        guard let node = node(key), let reader = MappingReader(node, context) else { return nil }
        defer { reader.finish() }
        return read(reader)
    }

    /// Names and texts in the order written; empty where the key is absent.
    public func texts(_ key: String) -> [(key: String, value: String, mark: YAMLMark)] {
        node(key).map { context.texts($0) } ?? []
    }

    /// A label set; empty where the key is absent.
    public func labels(_ key: String) -> LabelSet {
        node(key).map { context.labels($0) } ?? .empty
    }
}
