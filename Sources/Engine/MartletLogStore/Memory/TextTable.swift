import MartletEvents

/// Byte strings with numbers, each kept once.
///
/// A text of up to eight bytes is its own key, so that most words are found without looking at the texts kept.
struct TextTable: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [UInt32] = []

    /// Open addressing, half full at most: the eight bytes or the hash of the text, then its length and number from 1.
    private var keys = [UInt64](repeating: 0, count: 16)
    private var places = [UInt64](repeating: 0, count: 16)
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
    }

    /// How many there are.
    var count: Int { ends.count }

    /// The bytes of memory taken.
    var byteCount: Int { bytes.count + 4 * ends.count + 16 * keys.count }

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
    func find(_ text: Span<UInt8>) -> UInt32? {
        let range = 0..<text.count
        let slot = slot(text, range, Self.key(text, range, seed))
        return places[slot] == 0 ? nil : UInt32(truncatingIfNeeded: places[slot]) - 1
    }

    /// The number of a text, which is kept if it is new.
    @inline(__always)
    mutating func intern(_ text: Span<UInt8>) -> UInt32 { intern(text, 0..<text.count) }

    /// The number of a part of a text, which is kept if it is new.
    @inline(__always)
    mutating func intern(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
        let key = Self.key(text, range, seed)
        let slot = slot(text, range, key)
        if places[slot] != 0 { return UInt32(truncatingIfNeeded: places[slot]) - 1 }
        return add(text, range, key, slot)
    }

    /// Where a text is, or the free place where it would be.
    @inline(__always)
    private func slot(_ text: Span<UInt8>, _ range: Range<Int>, _ key: UInt64) -> Int {
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: Self.mix(key ^ seed ^ UInt64(range.count)) >> 20) & mask
        while places[slot] != 0 {
            if keys[slot] == key, Int(places[slot] >> 32) == range.count {
                if range.count <= 8 { return slot }
                let known = self.range(UInt32(truncatingIfNeeded: places[slot]) - 1)
                if bytes.span.extracting(known).isEqual(text.extracting(range)) { return slot }
            }
            slot = (slot + 1) & mask
        }
        return slot
    }

    @inline(never)
    private mutating func add(_ text: Span<UInt8>, _ range: Range<Int>, _ key: UInt64, _ slot: Int) -> UInt32 {
        let code = UInt32(count)
        bytes.append(span: text.extracting(range))
        ends.append(UInt32(bytes.count))
        keys[slot] = key
        places[slot] = UInt64(range.count) << 32 | UInt64(code + 1)
        if count * 2 > keys.count { grow() }
        return code
    }

    private mutating func grow() {
        let (oldKeys, oldPlaces) = (keys, places)
        keys = [UInt64](repeating: 0, count: oldKeys.count * 2)
        places = [UInt64](repeating: 0, count: oldKeys.count * 2)
        let mask = keys.count - 1
        for old in oldKeys.indices where oldPlaces[old] != 0 {
            var slot = Int(truncatingIfNeeded: Self.mix(oldKeys[old] ^ seed ^ oldPlaces[old] >> 32) >> 20) & mask
            while places[slot] != 0 { slot = (slot + 1) & mask }
            keys[slot] = oldKeys[old]
            places[slot] = oldPlaces[old]
        }
    }

    /// The bytes themselves where there are at most eight, else their hash; the seed keeps senders from planning
    /// collisions.
    @inline(__always)
    private static func key(_ text: Span<UInt8>, _ range: Range<Int>, _ seed: UInt64) -> UInt64 {
        if range.count <= 8 { return few(text, range) }
        var state = seed ^ UInt64(range.count) &* 0x9e37_79b9_7f4a_7c15
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            state = mix(state ^ text.uint64(at: at))
            at += 8
        }
        return at < range.upperBound ? mix(state ^ text.uint64(at: range.upperBound - 8)) : state
    }

    /// Up to eight bytes as a number.
    @inline(__always)
    private static func few(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        if range.isEmpty { return 0 }
        if range.lowerBound + 8 <= text.count {
            return text.uint64(at: range.lowerBound) & (UInt64.max >> UInt64(64 - 8 * range.count))
        }
        var key: UInt64 = 0
        for place in range.reversed() { key = key << 8 | UInt64(text[place]) }
        return key
    }

    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        let product = (word ^ 0xe703_7ed1_a0b4_28db).multipliedFullWidth(by: 0x8ebc_6af0_9c88_c6e3)
        return product.high ^ product.low
    }
}
