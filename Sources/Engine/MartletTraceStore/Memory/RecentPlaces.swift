import MartletCore
import MartletEvents

// Safety: the bytes that are hashed were checked to be there by who asks.

/// Numbers of what came lately, each found by a hash; what comes later on the same line takes its place.
///
/// Nothing is told from the hash alone: whoever asks compares. Senders cannot plan to share lines, as the hash is seeded,
/// and would only lose what a table saves.
struct RecentPlaces: Sendable {
    /// The upper half of the hash, and the number; all ones for none.
    private var lines: [UInt64]
    private let seed = UInt64.random(in: .min ... .max)

    /// Room for at least a number of lines, sixteen at the least.
    init(lines count: Int) {
        var size = 16
        while size < count { size *= 2 }
        lines = [UInt64](repeating: .max, count: size)
    }

    /// The number that may be meant by a hash.
    @inline(__always)
    func candidate(_ hash: UInt64) -> UInt32? {
        let line = lines[Int(truncatingIfNeeded: hash) & (lines.count &- 1)]
        // An upper half of all ones with a number of all ones stands for none, and numbers stay below that.
        return line >> 32 == hash >> 32 && line != .max ? UInt32(truncatingIfNeeded: line) : nil
    }

    /// Remembers a number.
    @inline(__always)
    mutating func put(_ hash: UInt64, _ number: UInt32) {
        lines[Int(truncatingIfNeeded: hash) & (lines.count &- 1)] = hash & ~0xffff_ffff | UInt64(number)
    }

    /// What a trace is looked up by.
    @inline(__always)
    func hash(_ id: TraceID) -> UInt64 { TextTable.mix(id.high ^ seed) ^ TextTable.mix(id.low &- seed) }

    /// What bytes are looked up by: of many the last sixteen, where the values of attributes stand.
    @unsafe
    @inline(__always)
    func hash(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> UInt64 {
        guard count >= 16 else { return unsafe TextTable.hash(base + start, count, seed) }
        let end = unsafe base + (start &+ count)
        let (first, last) = unsafe (
            end.loadUnaligned(fromByteOffset: -16, as: UInt64.self),
            end.loadUnaligned(fromByteOffset: -8, as: UInt64.self)
        )
        return TextTable.mix(TextTable.mix(first ^ seed) ^ last &+ UInt64(truncatingIfNeeded: count))
    }
}
