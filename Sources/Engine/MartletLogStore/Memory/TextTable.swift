import MartletEvents
import MartletFiles

// Open addressing, half full at most. A slot has the number of an entry, with sixteen bytes that tell a text: the text itself
// where it is that short, which nearly all words are, so that no other place is looked at; else two hashes, and the text is
// compared.
//
// Safety: whoever lends bytes says which part of them is meant, and that it lies in them is checked before: by the callers
// that have a `Span`, by the reader of records for what it lends. Sixteen bytes are only read where the lent ones go on
// that far. A mask of a power of two keeps slots in their table, and a slot only has numbers that entries have.

/// Byte strings with numbers, each kept once.
struct TextTable: Sendable {
    /// What tells a text, and how many bytes it has.
    private struct Entry: Sendable {
        var key: Key
        var count: UInt32
    }

    /// What tells a text.
    struct Key: Sendable {
        var first: UInt64
        var second: UInt64
    }

    private(set) var bytes: [UInt8] = []
    private(set) var ends: [UInt32] = []

    // What is frequent comes early, so that the entries that are mostly looked at stand beside each other and stay in the
    // cache; slots are small for the same reason.
    private var entries: [Entry] = []

    /// Numbers of texts, from 1; 0 is a free slot.
    private var slots = [UInt32](repeating: 0, count: 16)
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
    var byteCount: Int { bytes.count + 4 * ends.count + 24 * entries.count + 4 * slots.count }

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
        entries = []
        slots = [UInt32](repeating: 0, count: 16)
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

    /// Where a text should be.
    ///
    /// Tables are larger than caches. Whoever looks for several texts guesses the places of all, then reads all of these,
    /// then compares: so that the memory is waited for twice, not once a text.
    struct Guess {
        var key: Key
        var slot: Int

        /// The number that stands in the slot, once it is read.
        var number: UInt32 = 0
    }

    /// Guesses where a part of lent bytes is.
    ///
    /// - Precondition: The part lies in the bytes.
    @inline(__always)
    func guess(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Guess {
        let key = unsafe key(bytes, start, count)
        return Guess(key: key, slot: self.start(key, count) & (slots.count &- 1))
    }

    /// The number in a guessed slot, 0 where it is free.
    @inline(__always)
    func number(in slot: Int) -> UInt32 {
        // The table may have grown since the guess, but never shrinks.
        unsafe slots.withUnsafeBufferPointer { slots in unsafe slots[slot] }
    }

    /// Whether a number that was read belongs to the text that it was guessed for.
    @inline(__always)
    func isRight(_ guess: Guess, _ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Bool {
        guard guess.number != 0 else { return false }
        return unsafe isText(guess.number, guess.key, bytes, start, count)
    }

    /// Whether a number, from 1, is that of a text.
    @inline(__always)
    private func isText(
        _ number: UInt32,
        _ key: Key,
        _ bytes: UnsafeRawBufferPointer,
        _ start: Int,
        _ count: Int
    ) -> Bool {
        unsafe entries.withUnsafeBufferPointer { entries in
            // One comparison for all three: nearly always the first entry that is looked at is the one.
            let own = unsafe entries[Int(number &- 1)]
            let difference =
                (own.key.first ^ key.first) | (own.key.second ^ key.second)
                | (UInt64(own.count) ^ UInt64(truncatingIfNeeded: count))
            return unsafe difference == 0 && (count <= 16 || isEqual(number &- 1, bytes, start, count))
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
                let number = unsafe slots[slot]
                guard number != 0 else { return (slot, 0) }
                if unsafe isText(number, key, bytes, start, count) { return (slot, number) }
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
        entries.append(Entry(key: key, count: UInt32(count)))
        slots[slot] = code + 1
        if ends.count * 2 > slots.count { grow() }
        return code
    }

    private mutating func grow() {
        var grown = [UInt32](repeating: 0, count: slots.count * 2)
        let mask = grown.count - 1
        for (code, entry) in entries.enumerated() {
            var slot = start(entry.key, Int(entry.count)) & mask
            while grown[slot] != 0 { slot = (slot + 1) & mask }
            grown[slot] = UInt32(code + 1)
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
