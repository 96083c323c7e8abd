import MartletCore
public import MartletYAML

/// Reads the keys of one mapping, reports what is wrong with them, and at the end which keys nobody asked for.
///
/// A key that is absent or null gives the default, as in Prometheus. Reading never stops at a problem.
///
/// ```swift
/// guard let reader = MappingReader(node, context) else { return nil }
/// let interval = reader.duration("group_wait", default: .seconds(30))
/// reader.finish()
/// ```
public final class MappingReader {
    /// The file's name, environment and problems.
    public let context: ReadingContext

    /// Where the mapping begins.
    public let mark: YAMLMark

    fileprivate let entries: [String: (key: YAMLNode, value: YAMLNode)]
    fileprivate var asked: Set<String> = []

    /// Creates a reader, or reports that the node is no mapping; a null is an empty mapping.
    public init?(_ node: YAMLNode, _ context: ReadingContext, expected: String = "a mapping") {
        self.context = context
        mark = node.mark
        if node.isNull {
            entries = [:]
            return
        }
        guard case .mapping(let pairs) = node.content else {
            let _: Int? = context.mismatch(node, expected: expected)
            return nil
        }
        var entries: [String: (key: YAMLNode, value: YAMLNode)] = [:]
        for pair in pairs {
            guard let name = pair.key.scalar else {
                let _: Int? = context.mismatch(pair.key, expected: "a field's name")
                continue
            }
            if entries[name] != nil { context.report("field \"\(name)\" is given twice", at: pair.key.mark) }
            entries[name] = pair
        }
        self.entries = entries
    }

    /// The node of a key, or `nil` where it is absent or null; marks the key as known.
    public func node(_ key: String) -> YAMLNode? {
        asked.insert(key)
        guard let value = entries[key]?.value, !value.isNull else { return nil }
        return value
    }

    /// The node of a key as it stands, null included.
    public func raw(_ key: String) -> YAMLNode? {
        asked.insert(key)
        return entries[key]?.value
    }

    /// Whether a key is there, even with a null.
    public func has(_ key: String) -> Bool {
        entries[key] != nil
    }

    /// The node of a key that must be there; reports its absence.
    public func requiredNode(_ key: String) -> YAMLNode? {
        if let node = node(key) { return node }
        context.report("missing field \"\(key)\"", at: entries[key]?.key.mark ?? mark)
        return nil
    }

    /// The place of a key, or of the mapping where the key is absent.
    public func mark(of key: String) -> YAMLMark {
        entries[key]?.key.mark ?? mark
    }

    /// Reports a problem at a key's value, or at the mapping where the key is absent.
    public func report(_ message: String, at key: String) {
        context.report(message, at: entries[key]?.value.mark ?? mark)
    }

    /// Warns at a key.
    public func warn(_ message: String, at key: String) {
        context.warn(message, at: mark(of: key))
    }

    /// Reports every key that nobody asked for, with the known key it resembles.
    public func finish() {
        for (name, pair) in entries where !asked.contains(name) {
            let hint = Suggestion.closest(to: name, among: asked.sorted()).map { " (did you mean \"\($0)\"?)" } ?? ""
            context.report("unknown field \"\(name)\"\(hint)", at: pair.key.mark)
        }
    }
}

extension MappingReader {
    /// The keys of the mapping, sorted.
    public var keys: [String] { entries.keys.sorted() }

    /// Takes keys as known without reading them.
    public func skip(_ keys: [String]) {
        asked.formUnion(keys)
    }
}
