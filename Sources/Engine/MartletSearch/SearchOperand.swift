import MartletCore

/// A value as somebody wrote it in a search, in every way it may be meant.
public struct SearchOperand: Hashable, Sendable {
    /// What a number counts.
    public enum Unit: Hashable, Sendable {
        /// Nothing in particular.
        case none
        /// Time; the number is in nanoseconds.
        case duration
        /// Bytes.
        case bytes
    }

    /// The text.
    public var text: String

    /// The number, in the base of its unit; `nil` where the text is none.
    public var number: Double?

    /// What the number counts.
    public var unit: Unit

    /// The time that the text is, in nanoseconds since the epoch, where it is one in RFC 3339 or a date.
    public var time: Int64? {
        RFC3339.nanosecondsSinceEpoch(text) ?? RFC3339.nanosecondsSinceEpoch(text + "T00:00:00Z")
            ?? RFC3339.nanosecondsSinceEpoch(text + "Z")
    }

    /// Reads a value.
    public init(_ text: String) {
        self.text = text
        (number, unit) = Self.quantity(Array(text.utf8).span) ?? (nil, .none)
    }

    private static let durations: [(name: StaticString, scale: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("sec", 1e9), ("m", 60e9),
        ("min", 60e9), ("h", 3600e9), ("d", 86_400e9), ("w", 604_800e9),
    ]
    private static let sizes: [(name: StaticString, scale: Double)] = [
        ("b", 1), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("kib", 1024), ("mib", 1_048_576),
        ("gib", 1_073_741_824), ("tib", 1_099_511_627_776),
    ]

    /// A number with or without a unit, such as `12`, `-1.5e3`, `100ms`, `1h30m`, `2MiB`; `nil` for anything else.
    public static func quantity(_ text: Span<UInt8>) -> (number: Double, unit: Unit)? {
        guard !text.isEmpty, text.count <= 64 else { return nil }
        let characters = text.indices.map { text[$0] }
        guard let first = characters.first, (first >= 0x30 && first <= 0x39) || first == 0x2d || first == 0x2e else {
            return nil
        }
        if let number = Double(String(decoding: characters, as: UTF8.self)) {
            return number.isFinite ? (number, .none) : nil
        }
        var (total, at, isFirst) = (0.0, 0, true)
        while at < characters.count {
            let start = at
            while at < characters.count, isNumber(characters[at]) || (isFirst && at == 0 && characters[at] == 0x2d) {
                at += 1
            }
            guard let number = Double(String(decoding: characters[start..<at], as: UTF8.self)) else { return nil }
            let unitStart = at
            while at < characters.count, !isNumber(characters[at]) { at += 1 }
            let unit = String(decoding: characters[unitStart..<at], as: UTF8.self)
            if let scale = durations.first(where: { $0.name.description == unit })?.scale {
                total += (total < 0 ? -1 : 1) * number * scale
                isFirst = false
                continue
            }
            guard isFirst, at == characters.count else { return nil }
            let small = unit.lowercased()
            guard let scale = sizes.first(where: { $0.name.description == small })?.scale else { return nil }
            return (number * scale, .bytes)
        }
        return (total, .duration)
    }

    private static func isNumber(_ byte: UInt8) -> Bool { (byte >= 0x30 && byte <= 0x39) || byte == 0x2e }
}
