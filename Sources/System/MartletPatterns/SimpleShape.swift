/// Expressions so simple that comparing bytes decides them, which is what most matchers are.
enum SimpleShape: Equatable {
    /// `.*`
    case anything
    /// `.+`
    case nonEmpty
    /// `api|web|db`, sorted; one literal is the list of one.
    case oneOf([String])
    /// `api.*`, or `api.+` where something has to follow.
    case prefix(String, needsMore: Bool)

    init?(_ source: String) {
        switch source {
        case ".*": self = .anything
        case ".+": self = .nonEmpty
        default:
            if let stem = Self.stem(of: source) {
                self = .prefix(stem, needsMore: source.hasSuffix("+"))
                return
            }
            let words = source.utf8.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
            guard words.allSatisfy({ $0.allSatisfy(Self.isPlain) }) else { return nil }
            let texts = words.map { String(decoding: $0, as: UTF8.self) }
            self = .oneOf(texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        }
    }

    /// Whether the whole text matches.
    ///
    /// Bytes are compared, not characters: Swift's `==` takes canonically equivalent texts for equal, RE2 does not.
    func matches(_ text: String) -> Bool {
        switch self {
        case .anything: true
        case .nonEmpty: !text.utf8.isEmpty
        case .prefix(let stem, let needsMore):
            text.utf8.starts(with: stem.utf8) && (!needsMore || text.utf8.count > stem.utf8.count)
        case .oneOf(let words): Self.contains(text, in: words)
        }
    }

    private static func contains(_ text: String, in words: [String]) -> Bool {
        if words.count == 1 { return words[0].utf8.elementsEqual(text.utf8) }
        var low = 0
        var high = words.count
        while low < high {
            let middle = (low + high) / 2
            if words[middle].utf8.lexicographicallyPrecedes(text.utf8) { low = middle + 1 } else { high = middle }
        }
        return low < words.count && words[low].utf8.elementsEqual(text.utf8)
    }

    private static func stem(of source: String) -> String? {
        guard source.utf8.count > 2, source.hasSuffix(".*") || source.hasSuffix(".+") else { return nil }
        let stem = source.utf8.dropLast(2)
        return stem.allSatisfy(isPlain) ? String(decoding: stem, as: UTF8.self) : nil
    }

    /// Whether a byte stands for itself in an expression.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "?"),
            UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "|"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "^"), UInt8(ascii: "$"):
            false
        default: true
        }
    }
}
