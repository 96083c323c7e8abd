import MartletEvents
import MartletFiles

// Open addressing, half full at most. A slot has sixteen bytes that tell a text: the text itself where it is that short,
// which nearly all words are, so that one look at one place finds it; else two hashes, and the text is compared.
//
// Safety: whoever lends bytes says which part of them is meant, and that it lies in them is checked before: by the callers
// that have a `Span`, by the reader of records for what it lends. Sixteen bytes are only read where the lent ones go on
// that far. A mask of a power of two keeps slots in their table.

/// Byte strings with numbers, each kept once.
struct TextTable: Sendable {
    /// What tells a text, then its length and its number from 1; 0 is a free slot.
    private struct Slot: Sendable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var place: UInt64 = 0
    }

    /// What tells a text.
    struct Key: Sendable {
        var first: UInt64
        var second: UInt64
    }

    private(set) var bytes: [UInt8] = []
    private(set) var ends: [UInt32] = []
    private var slots = [Slot](repeating: Slot(), count: 16)
    private var isFrozen = false

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

    /// Gives back what finds a text's number fast, more than half of the memory; no text may be added from here on.
    mutating func freeze() {
        slots = [Slot](repeating: Slot(), count: 16)
        isFrozen = true
    }

    /// The number of a text, `nil` where it is not here.
    ///
    /// - Complexity: O(1); O(*n*) once the table is frozen.
    func find(_ text: Span<UInt8>) -> UInt32? {
        if isFrozen { return (0..<UInt32(count)).first { withText($0) { $0.isEqual(text) } } }
        return unsafe text.withUnsafeBytes { text in
            let key = unsafe key(text, 0, text.count)
            let number = unsafe place(text, 0, text.count, key).number
            return number == 0 ? nil : number - 1
        }
    }

    /// The number of a text, which is kept if it is new.
    mutating func intern(_ text: Span<UInt8>) -> UInt32 {
        unsafe text.withUnsafeBytes { unsafe intern($0, 0, $0.count) }
    }

    /// The number of a part of a text, which is kept if it is new.
    mutating func intern(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
        precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
        return unsafe text.withUnsafeBytes { unsafe intern($0, range.lowerBound, range.count) }
    }

    /// The number of a part of lent bytes, which is kept if it is new.
    ///
    /// - Precondition: The part lies in the bytes.
    @inline(__always)
    mutating func intern(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt32 {
        let key = unsafe key(bytes, start, count)
        let found = unsafe place(bytes, start, count, key)
        if found.number != 0 { return found.number &- 1 }
        return unsafe add(bytes, start, count, key, found.slot)
    }

    /// Where a text should be, found without waiting for what is there.
    ///
    /// Tables are larger than caches: whoever guesses several places first has them fetched at the same time.
    struct Guess {
        var key: Key
        var slot: Int

        /// What is told of the place, read so that it is fetched.
        var place: UInt64
    }

    /// Guesses where a part of lent bytes is.
    ///
    /// - Precondition: The part lies in the bytes.
    @inline(__always)
    func guess(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Guess {
        let key = unsafe key(bytes, start, count)
        return unsafe slots.withUnsafeBufferPointer { slots in
            let slot = self.start(key, count) & (slots.count &- 1)
            return unsafe Guess(key: key, slot: slot, place: slots[slot].place)
        }
    }

    /// The number of a text from 1 on where the guess was right, else 0.
    @inline(__always)
    func number(_ guess: Guess, _ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt32 {
        unsafe slots.withUnsafeBufferPointer { slots in
            // The table may have grown since, but never shrinks.
            let own = unsafe slots[guess.slot]
            let number = UInt32(truncatingIfNeeded: own.place)
            let difference =
                (own.first ^ guess.key.first) | (own.second ^ guess.key.second)
                | (own.place >> 32 ^ UInt64(truncatingIfNeeded: count))
            guard difference == 0, unsafe number == 0 || count <= 16 || isEqual(number &- 1, bytes, start, count)
            else { return 0 }
            return number
        }
    }

    /// The number of a text from 1 on, or 0 and the free place where it would be.
    ///
    /// - Precondition: The text lies in the bytes.
    @inline(__always)
    func place(
        _ bytes: UnsafeRawBufferPointer,
        _ start: Int,
        _ count: Int,
        _ key: Key
    ) -> (slot: Int, number: UInt32) {
        unsafe slots.withUnsafeBufferPointer { slots in
            let mask = slots.count &- 1
            var slot = self.start(key, count) & mask
            while true {
                let own = unsafe slots[slot]
                let number = UInt32(truncatingIfNeeded: own.place)
                // One comparison for all three: nearly always the first place that is looked at is the one.
                let difference =
                    (own.first ^ key.first) | (own.second ^ key.second)
                    | (own.place >> 32 ^ UInt64(truncatingIfNeeded: count))
                if difference == 0, number != 0, unsafe count <= 16 || isEqual(number &- 1, bytes, start, count) {
                    return (slot, number)
                }
                if number == 0 { return (slot, 0) }
                slot = (slot &+ 1) & mask
            }
        }
    }

    @inline(never)
    private func isEqual(_ code: UInt32, _ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Bool {
        let known = range(code)
        precondition(known.count == count && start >= 0 && start <= bytes.count - count)
        return unsafe self.bytes.withUnsafeBytes { own in
            // Texts that are compared have more than sixteen bytes: the last eight are looked at once more.
            var at = 0
            while at <= count - 8 {
                if unsafe own.loadUnaligned(fromByteOffset: known.lowerBound + at, as: UInt64.self)
                    != bytes.loadUnaligned(fromByteOffset: start + at, as: UInt64.self)
                {
                    return false
                }
                at += 8
            }
            return unsafe own.loadUnaligned(fromByteOffset: known.upperBound - 8, as: UInt64.self)
                == bytes.loadUnaligned(fromByteOffset: start + count - 8, as: UInt64.self)
        }
    }

    @inline(__always)
    private func start(_ key: Key, _ count: Int) -> Int {
        let product = (key.first ^ seed).multipliedFullWidth(by: key.second ^ otherSeed ^ UInt64(count))
        return Int(truncatingIfNeeded: (product.high ^ product.low) >> 8)
    }

    /// Keeps a text that is not here at the free place that was found for it.
    @inline(never)
    mutating func add(
        _ bytes: UnsafeRawBufferPointer,
        _ start: Int,
        _ count: Int,
        _ key: Key,
        _ slot: Int
    ) -> UInt32 {
        let code = UInt32(ends.count)
        unsafe self.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)]))
        ends.append(UInt32(self.bytes.count))
        slots[slot] = Slot(first: key.first, second: key.second, place: UInt64(count) << 32 | UInt64(code + 1))
        if ends.count * 2 > slots.count { grow() }
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
    func key(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Key {
        if count <= 16 {
            guard start &+ 16 <= bytes.count else { return unsafe Self.few(bytes, start, count) }
            let low = min(count, 8)
            return unsafe Key(
                first: Self.word(bytes, start) & Self.mask(low),
                second: Self.word(bytes, start &+ 8) & Self.mask(count &- low)
            )
        }
        return unsafe hashes(bytes, start, count)
    }

    /// The lowest of eight bytes, as many as are said; without a branch, for lengths follow no rule.
    @inline(__always)
    private static func mask(_ count: Int) -> UInt64 {
        let half = UInt64(truncatingIfNeeded: 4 &* count)
        return ~((UInt64.max &<< half) &<< half)
    }

    /// The same where there are not sixteen bytes to read.
    @inline(never)
    private static func few(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Key {
        var key = Key(first: 0, second: 0)
        for place in 0..<count {
            let byte = unsafe UInt64(bytes[start + place])
            if place < 8 {
                key.first |= byte << UInt64(8 * place)
            } else {
                key.second |= byte << UInt64(8 * place - 64)
            }
        }
        return key
    }

    @inline(never)
    private func hashes(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Key {
        precondition(start >= 0 && start <= bytes.count - count)
        var state = otherSeed ^ UInt64(count) &* 0x9e37_79b9_7f4a_7c15
        var at = start
        while at &+ 8 <= start &+ count {
            state = unsafe Self.mix(state ^ Self.word(bytes, at), seed)
            at &+= 8
        }
        return unsafe Key(first: Self.mix(state ^ Self.word(bytes, start &+ count &- 8), seed), second: state)
    }

    /// Eight bytes as a number.
    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    @inline(__always)
    private static func mix(_ word: UInt64, _ seed: UInt64) -> UInt64 {
        let product = (word ^ seed).multipliedFullWidth(by: 0x8ebc_6af0_9c88_c6e3)
        return product.high ^ product.low
    }
}
