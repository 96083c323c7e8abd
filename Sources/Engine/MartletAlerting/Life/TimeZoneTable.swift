/// How far a place's clocks are from UTC, and when that changed: the content of a TZif file.
///
/// - SeeAlso: [RFC 8536](https://www.rfc-editor.org/rfc/rfc8536)
public struct TimeZoneTable: Hashable, Sendable {
    /// The times at which an offset begins, in seconds since the epoch.
    private var transitions: [Int64] = []
    private var offsets: [Int] = []
    private var first = 0
    private var rule: TimeZoneRule?

    /// UTC itself.
    public static let utc = TimeZoneTable()

    private init() {}

    /// Reads the bytes of a TZif file; `nil` where they are none.
    public init?(_ bytes: [UInt8]) {
        guard let one = Header(bytes, at: 0) else { return nil }
        var header = one
        var width = 4
        var start = 44
        if one.version >= UInt8(ascii: "2") {
            guard let two = Header(bytes, at: 44 + one.bytes(width: 4)) else { return nil }
            start = 88 + one.bytes(width: 4)
            header = two
            width = 8
        }
        guard bytes.count >= start + header.bytes(width: width), header.types > 0 else { return nil }
        let kinds = start + header.times * width
        let types = kinds + header.times
        let offset = { (index: Int) in Int(Int32(truncatingIfNeeded: Self.number(bytes, types + 6 * index, 4))) }
        for index in 0..<header.times {
            let kind = Int(bytes[kinds + index])
            guard kind < header.types else { return nil }
            transitions.append(Self.number(bytes, start + width * index, width))
            offsets.append(offset(kind))
        }
        first = offset(0)
        guard width == 8 else { return }
        let footer = bytes[(start + header.bytes(width: 8))...].dropFirst().prefix { $0 != 0x0a }
        rule = TimeZoneRule(String(decoding: footer, as: UTF8.self))
    }

    /// How many seconds the place's clocks are ahead of UTC at a time, in seconds since the epoch.
    ///
    /// - Complexity: O(log *n*) in the number of changes.
    public func offset(at seconds: Int64) -> Int {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        // After the last change the rule at the file's end holds.
        if low == transitions.count, let rule { return rule.offset(at: seconds) }
        return low == 0 ? first : offsets[low - 1]
    }

    private struct Header {
        let version: UInt8
        let times: Int
        let types: Int
        private let characters: Int
        private let leaps: Int
        private let standards: Int
        private let universals: Int

        init?(_ bytes: [UInt8], at start: Int) {
            guard bytes.count >= start + 44, bytes[start..<(start + 4)].elementsEqual("TZif".utf8) else { return nil }
            version = bytes[start + 4]
            let counts = (0..<6).map { Int(TimeZoneTable.number(bytes, start + 20 + 4 * $0, 4)) }
            // No place has changed its clocks ten thousand times.
            guard counts.allSatisfy({ (0...10_000).contains($0) }) else { return nil }
            (universals, standards, leaps) = (counts[0], counts[1], counts[2])
            (times, types, characters) = (counts[3], counts[4], counts[5])
        }

        /// The length of what follows the header.
        func bytes(width: Int) -> Int {
            times * (width + 1) + types * 6 + characters + leaps * (width + 4) + standards + universals
        }
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int64 {
        bytes[start..<(start + count)].reduce(0) { $0 << 8 | Int64($1) }
    }
}
