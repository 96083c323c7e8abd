/// Makes nodes of events: aliases replaced, mappings merged, limits kept.
struct YAMLComposer {
    /// A node that an alias may name, and how many nodes it stands for.
    private struct Anchored {
        var node: YAMLNode
        var nodeCount: Int
    }

    private let reader: YAMLEventReader
    private let limits: YAMLParser.Limits
    private var anchors: [String: Anchored] = [:]
    private var nodeCount = 0

    init(_ reader: YAMLEventReader, limits: YAMLParser.Limits) {
        self.reader = reader
        self.limits = limits
    }

    /// The only document of the text.
    mutating func document() throws(YAMLError) -> YAMLNode {
        _ = try reader.next()
        guard case .documentStart = try reader.next().kind else {
            return YAMLNode(.scalar("", isPlain: true), at: YAMLMark(line: 1, column: 1))
        }
        let root = try node(try reader.next(), depth: 0)
        _ = try reader.next()
        let end = try reader.next()
        guard case .streamEnd = end.kind else {
            throw YAMLError("a second document begins here; only one is allowed", at: end.mark)
        }
        return root
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= limits.depthMax else {
            throw YAMLError("document nests deeper than the limit of \(limits.depthMax) levels", at: event.mark)
        }
        let countBefore = nodeCount
        try count(1, at: event.mark)
        let content: YAMLNode.Content
        switch event.kind {
        case .alias(let name): return try expand(name, at: event.mark)
        case .scalar(let text, let isPlain):
            content = .scalar(text, isPlain: try Self.isPlain(isPlain, tag: event.tag, at: event.mark))
        case .sequenceStart:
            try Self.check(event.tag, at: event.mark)
            content = .sequence(try items(depth: depth))
        case .mappingStart:
            try Self.check(event.tag, at: event.mark)
            content = .mapping(try entries(depth: depth))
        default:
            throw YAMLError("did not find expected value", at: event.mark)
        }
        let node = YAMLNode(content, at: event.mark)
        if let anchor = event.anchor { anchors[anchor] = Anchored(node: node, nodeCount: nodeCount - countBefore) }
        return node
    }

    private mutating func items(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try reader.next()
            if case .sequenceEnd = event.kind { return items }
            items.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws(YAMLError) -> [(key: YAMLNode, value: YAMLNode)] {
        var entries: [(key: YAMLNode, value: YAMLNode)] = []
        var places: [String: YAMLMark] = [:]
        var merged: [YAMLNode] = []
        while true {
            let event = try reader.next()
            if case .mappingEnd = event.kind { break }
            let key = try node(event, depth: depth + 1)
            guard case .scalar(let name, let isPlain) = key.content else {
                throw YAMLError("a mapping's key has to be a scalar, not a list or a mapping", at: key.mark)
            }
            // An alias as key stands where its anchor does; the event knows its own place.
            if let first = places.updateValue(event.mark, forKey: name) {
                throw YAMLError(
                    "key \"\(name)\" is written twice in one mapping; the first is at \(first)",
                    at: event.mark
                )
            }
            let value = try node(try reader.next(), depth: depth + 1)
            if isPlain && name == "<<" {
                merged += try Self.mappings(of: value)
            } else {
                entries.append((key, value))
            }
        }
        for mapping in merged {
            guard case .mapping(let more) = mapping.content else { continue }
            for entry in more where places.updateValue(entry.key.mark, forKey: entry.key.scalar ?? "") == nil {
                entries.append(entry)
            }
        }
        return entries
    }

    /// The mappings that `<<` names, the strongest first.
    private static func mappings(of value: YAMLNode) throws(YAMLError) -> [YAMLNode] {
        switch value.content {
        case .mapping: return [value]
        case .sequence(let items):
            for item in items {
                guard case .mapping = item.content else {
                    throw YAMLError("\"<<\" merges mappings only; this is none", at: item.mark)
                }
            }
            return items
        case .scalar:
            throw YAMLError("\"<<\" merges a mapping or a list of mappings; this is a scalar", at: value.mark)
        }
    }

    private mutating func expand(_ name: String, at mark: YAMLMark) throws(YAMLError) -> YAMLNode {
        guard let anchored = anchors[name] else {
            throw YAMLError("alias \"*\(name)\" names no anchor before it", at: mark)
        }
        try count(anchored.nodeCount, at: mark)
        return anchored.node
    }

    private mutating func count(_ more: Int, at mark: YAMLMark) throws(YAMLError) {
        nodeCount += more
        guard nodeCount <= limits.nodesMax else {
            throw YAMLError("document exceeds the limit of \(limits.nodesMax) nodes, aliases expanded", at: mark)
        }
    }

    private static let standardTags = "tag:yaml.org,2002:"

    /// Whether a scalar counts as unquoted once its tag is heeded: `!!str 1` is a text, `!!int "1"` a number.
    private static func isPlain(_ isPlain: Bool, tag: String?, at mark: YAMLMark) throws(YAMLError) -> Bool {
        guard let tag else { return isPlain }
        try check(tag, at: mark)
        return !(tag == "!" || tag == standardTags + "str" || tag == standardTags + "binary")
    }

    private static func check(_ tag: String?, at mark: YAMLMark) throws(YAMLError) {
        guard let tag, tag != "!", !tag.hasPrefix(standardTags) else { return }
        throw YAMLError("tag \"\(tag)\" is not supported; leave it out", at: mark)
    }
}
