import MartletEvents

/// Byte strings with numbers, each kept once.
struct TextTable: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [UInt32] = []

    /// Open addressing, half full at most; an entry has 32 bits of the hash and a number.
    private var entries = [UInt64](repeating: .max, count: 16)
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
    }

    /// How many there are.
    var count: Int { ends.count }

    /// The bytes of memory taken.
    var byteCount: Int { bytes.count + 4 * ends.count + 8 * entries.count }

    /// Where a text's bytes are.
    @inline(__always)
    func range(_ code: UInt32) -> Range<Int> {
        let place = Int(code)
        return (place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])
    }

    /// Lends a text.
    @inline(__always)
    func withText<Result>(_ code: UInt32, _ body: (Span<UInt8>) -> Result) -> Result {
        body(bytes.span.extracting(range(code)))
    }

    /// A copy of a text.
    func bytes(_ code: UInt32) -> [UInt8] { withText(code) { $0.array } }

    /// A text, repaired where it is not UTF-8.
    func text(_ code: UInt32) -> String { withText(code) { $0.text } }

    /// The number of a text, `nil` where it is not here.
    func find(_ text: Span<UInt8>) -> UInt32? { find(text, Self.hash(text, seed)) }

    @inline(__always)
    private func find(_ text: Span<UInt8>, _ hash: UInt64) -> UInt32? {
        let mask = entries.count - 1
        var index = Int(truncatingIfNeeded: hash >> 32) & mask
        while entries[index] != .max {
            if entries[index] >> 32 == hash >> 32 {
                let code = UInt32(truncatingIfNeeded: entries[index])
                if withText(code, { $0.isEqual(text) }) { return code }
            }
            index = (index + 1) & mask
        }
        return nil
    }

    /// The number of a text, which is kept if it is new.
    @inline(__always)
    mutating func intern(_ text: Span<UInt8>) -> UInt32 {
        let hash = Self.hash(text, seed)
        if let code = find(text, hash) { return code }
        return add(text, hash)
    }

    private mutating func add(_ text: Span<UInt8>, _ hash: UInt64) -> UInt32 {
        if (count + 1) * 2 > entries.count {
            let old = entries
            entries = [UInt64](repeating: .max, count: old.count * 2)
            for entry in old where entry != .max { put(entry) }
        }
        let code = UInt32(count)
        bytes.append(span: text)
        ends.append(UInt32(bytes.count))
        put((hash & 0xffff_ffff_0000_0000) | UInt64(code))
        return code
    }

    private mutating func put(_ entry: UInt64) {
        let mask = entries.count - 1
        var index = Int(truncatingIfNeeded: entry >> 32) & mask
        while entries[index] != .max { index = (index + 1) & mask }
        entries[index] = entry
    }

    /// Mixes eight bytes a step; the seed keeps senders from planning collisions.
    @inline(__always)
    private static func hash(_ text: Span<UInt8>, _ seed: UInt64) -> UInt64 {
        var state = seed ^ UInt64(text.count) &* 0x9e37_79b9_7f4a_7c15
        var at = 0
        while at + 8 <= text.count {
            state = mix(state ^ text.uint64(at: at))
            at += 8
        }
        if at < text.count {
            var rest: UInt64 = 0
            if text.count >= 8 {
                rest = text.uint64(at: text.count - 8)
            } else {
                while at < text.count {
                    rest = rest << 8 | UInt64(text[at])
                    at += 1
                }
            }
            state = mix(state ^ rest)
        }
        return mix(state)
    }

    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        let product = (word ^ 0xe703_7ed1_a0b4_28db).multipliedFullWidth(by: 0x8ebc_6af0_9c88_c6e3)
        return product.high ^ product.low
    }
}
