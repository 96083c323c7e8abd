import MartletEvents
import MartletSearch

/// Finds what messages have in common: words stay, what has a digit becomes a place for anything.
struct PatternMiner {
    /// How many different patterns are counted.
    static let patternsMax = 100_000

    private var counts: [String: Int] = [:]
    private var dropped = 0

    mutating func add(_ found: RowSet, _ part: some LogPart) throws(EventError) {
        for row in found.rowNumbers { add(try part.message(row)) }
    }

    mutating func add(_ message: [UInt8]) { add(Self.pattern(message), 1) }

    /// Takes what another found.
    mutating func merge(_ other: PatternMiner) {
        dropped += other.dropped
        for (pattern, count) in other.counts { add(pattern, count) }
    }

    private mutating func add(_ pattern: String, _ count: Int) {
        guard counts[pattern] != nil || counts.count < Self.patternsMax else {
            dropped += count
            return
        }
        counts[pattern, default: 0] += count
    }

    /// The pattern of a message: each stretch without spaces that has a digit is `<*>`, together with its quotation
    /// marks and brackets' content, but not the name before `=`.
    static func pattern(_ message: [UInt8]) -> String {
        var result: [UInt8] = []
        var start = 0
        func isBoundary(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x20, 0x09, 0x0a, 0x0d, 0x3d, 0x2c, 0x3b, 0x28, 0x29, 0x5b, 0x5d, 0x22, 0x27, 0x7b, 0x7d: true
            default: false
            }
        }
        while start < message.count {
            var end = start
            var hasDigit = false
            while end < message.count, !isBoundary(message[end]) {
                if message[end] &- 0x30 < 10 { hasDigit = true }
                end += 1
            }
            result += hasDigit ? Array("<*>".utf8) : Array(message[start..<end])
            if end < message.count { result.append(message[end]) }
            start = end + 1
        }
        return String(decoding: result.prefix(512), as: UTF8.self)
    }

    func rows(_ most: Int) -> [[String]] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(most).map { [$0.key, String($0.value)] }
    }
}
