import MartletEvents

// Open addressing, half full at most. A slot has sixteen bytes that tell a text: the text itself where it is that short,
// which nearly all words are, so that one look at one place finds it; else two hashes, and the text is compared.
//
// Safety: eight bytes are only read where the text has them behind the place, as is checked in front of each load.

/// Byte strings with numbers, each kept once.
struct TextTable: Sendable {
    /// What tells a text, then its length and its number from 1; 0 is a free slot.
    private struct Slot: Sendable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var place: UInt64 = 0
    }

    /// What tells a text.
    private struct Key {
        var first: UInt64
        var second: UInt64
    }

    private(set) var bytes: [UInt8] = []
    private(set) var ends: [UInt32] = []
    private var slots = [Slot](repeating: Slot(), count: 16)

    /// Two secrets, so that no sender can plan collisions.
    private let seed: UInt64
    private let otherSeed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        otherSeed = IDFilter.hash(seed, 0x51ed_270b_a1f3_9d6b)
    }

    /// How many there are.
    var count: Int { ends.count }

    /// The bytes of memory taken.
    var byteCount: Int { bytes.count + 4 * ends.count + 24 * slots.count }

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
        let slot = slot(text, range, key(text, range))
        return slots[slot].place == 0 ? nil : UInt32(truncatingIfNeeded: slots[slot].place) - 1
    }

    /// The number of a text, which is kept if it is new.
    @inline(__always)
    mutating func intern(_ text: Span<UInt8>) -> UInt32 { intern(text, 0..<text.count) }

    /// The number of a part of a text, which is kept if it is new.
    @inline(__always)
    mutating func intern(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
        let key = key(text, range)
        let slot = slot(text, range, key)
        let place = slots[slot].place
        if place != 0 { return UInt32(truncatingIfNeeded: place) - 1 }
        return add(text, range, key, slot)
    }

    /// Where a text is, or the free place where it would be.
    @inline(__always)
    private func slot(_ text: Span<UInt8>, _ range: Range<Int>, _ key: Key) -> Int {
        let mask = slots.count - 1
        var slot = start(key, range.count) & mask
        while slots[slot].place != 0 {
            if slots[slot].first == key.first, slots[slot].second == key.second,
                Int(slots[slot].place >> 32) == range.count
            {
                if range.count <= 16 { return slot }
                let known = self.range(UInt32(truncatingIfNeeded: slots[slot].place) - 1)
                if bytes.span.extracting(known).isEqual(text.extracting(range)) { return slot }
            }
            slot = (slot + 1) & mask
        }
        return slot
    }

    @inline(__always)
    private func start(_ key: Key, _ count: Int) -> Int {
        let product = (key.first ^ seed).multipliedFullWidth(by: key.second ^ otherSeed ^ UInt64(count))
        return Int(truncatingIfNeeded: (product.high ^ product.low) >> 8)
    }

    @inline(never)
    private mutating func add(_ text: Span<UInt8>, _ range: Range<Int>, _ key: Key, _ slot: Int) -> UInt32 {
        let code = UInt32(count)
        bytes.append(span: text.extracting(range))
        ends.append(UInt32(bytes.count))
        slots[slot] = Slot(
            first: key.first,
            second: key.second,
            place: UInt64(range.count) << 32 | UInt64(code + 1)
        )
        if count * 2 > slots.count { grow() }
        return code
    }

    private mutating func grow() {
        var grown = [Slot](repeating: Slot(), count: slots.count * 2)
        let mask = grown.count - 1
        for old in slots where old.place != 0 {
            var slot = start(Key(first: old.first, second: old.second), Int(old.place >> 32)) & mask
            while grown[slot].place != 0 { slot = (slot + 1) & mask }
            grown[slot] = old
        }
        slots = grown
    }

    /// The bytes themselves where there are at most sixteen, else two hashes of them.
    @inline(__always)
    private func key(_ text: Span<UInt8>, _ range: Range<Int>) -> Key {
        if range.count <= 8 { return Key(first: Self.few(text, range), second: 0) }
        let last = Self.word(text, range.upperBound - 8)
        if range.count <= 16 { return Key(first: Self.word(text, range.lowerBound), second: last) }
        return hashes(text, range, last)
    }

    private func hashes(_ text: Span<UInt8>, _ range: Range<Int>, _ last: UInt64) -> Key {
        var state = otherSeed ^ UInt64(range.count) &* 0x9e37_79b9_7f4a_7c15
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            state = Self.mix(state ^ Self.word(text, at), seed)
            at += 8
        }
        return Key(first: Self.mix(state ^ last, seed), second: state)
    }

    /// Eight bytes as a number.
    @inline(__always)
    private static func word(_ text: Span<UInt8>, _ at: Int) -> UInt64 {
        precondition(at >= 0 && at <= text.count - 8)
        return unsafe UInt64(littleEndian: text.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    /// Up to eight bytes as a number.
    @inline(__always)
    private static func few(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        if range.isEmpty { return 0 }
        if range.lowerBound + 8 <= text.count {
            return word(text, range.lowerBound) & (UInt64.max >> UInt64(64 - 8 * range.count))
        }
        var key: UInt64 = 0
        for place in range.reversed() { key = key << 8 | UInt64(text[place]) }
        return key
    }

    @inline(__always)
    private static func mix(_ word: UInt64, _ seed: UInt64) -> UInt64 {
        let product = (word ^ seed).multipliedFullWidth(by: 0x8ebc_6af0_9c88_c6e3)
        return product.high ^ product.low
    }
}
