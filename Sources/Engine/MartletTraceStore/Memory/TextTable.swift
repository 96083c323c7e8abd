import MartletEvents
import MartletFiles

// Safety: a text is read within its length.

/// Byte strings with numbers, each kept once.
struct TextTable: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// Open addressing, two thirds full at most; an entry has 32 bits of the hash and a number.
    private var entries = [UInt64](repeating: .max, count: 16)
    private let seed: UInt64

    init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
    }

    /// How many there are.
    var count: Int { ends.count }

    /// The bytes of memory taken.
    var byteCount: Int { bytes.count + 8 * ends.count + 8 * entries.count }

    /// Lends a text.
    @inline(__always)
    func withText<Result>(_ code: UInt32, _ body: (Span<UInt8>) -> Result) -> Result {
        let place = Int(code)
        return body(bytes.span.extracting((place == 0 ? 0 : ends[place - 1])..<ends[place]))
    }

    /// Whether a text has these bytes.
    @inline(__always)
    func isText(_ code: UInt32, _ text: Span<UInt8>) -> Bool {
        let place = Int(code)
        let start = place == 0 ? 0 : ends[place &- 1]
        guard ends[place] &- start == text.count else { return false }
        return bytes.span.isEqual(text, at: start)
    }

    /// A copy of a text.
    func bytes(_ code: UInt32) -> [UInt8] { withText(code) { $0.array } }

    /// A text, repaired where it is not UTF-8.
    func text(_ code: UInt32) -> String { withText(code) { $0.text } }

    /// What a text is looked up by; the same for equal texts.
    @inline(__always)
    func hash(_ text: Span<UInt8>) -> UInt64 { Self.hash(text, seed) }

    /// The number of a text, `nil` where it is not here.
    func find(_ text: Span<UInt8>) -> UInt32? { find(text, Self.hash(text, seed)) }

    @inline(__always)
    private func find(_ text: Span<UInt8>, _ hash: UInt64) -> UInt32? {
        let entries = entries.span
        let mask = entries.count &- 1
        var index = Int(truncatingIfNeeded: hash >> 32) & mask
        while true {
            let entry = entries[index]
            if entry == .max { return nil }
            if entry >> 32 == hash >> 32 {
                let code = UInt32(truncatingIfNeeded: entry)
                if isText(code, text) { return code }
            }
            index = (index &+ 1) & mask
        }
    }

    /// The number of a text, which is kept if it is new.
    @inline(__always)
    mutating func intern(_ text: Span<UInt8>) -> UInt32 {
        let hash = Self.hash(text, seed)
        if let code = find(text, hash) { return code }
        return add(text, hash)
    }

    private mutating func add(_ text: Span<UInt8>, _ hash: UInt64) -> UInt32 {
        if (count + 1) * 3 > entries.count * 2 {
            let old = entries
            entries = [UInt64](repeating: .max, count: old.count * 2)
            for entry in old where entry != .max { put(entry) }
        }
        let code = UInt32(count)
        bytes.append(span: text)
        ends.append(bytes.count)
        put((hash & 0xffff_ffff_0000_0000) | UInt64(code))
        return code
    }

    private mutating func put(_ entry: UInt64) {
        let mask = entries.count - 1
        var index = Int(truncatingIfNeeded: entry >> 32) & mask
        while entries[index] != .max { index = (index + 1) & mask }
        entries[index] = entry
    }

    @inline(__always)
    private static func hash(_ text: Span<UInt8>, _ seed: UInt64) -> UInt64 {
        unsafe text.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return mix(seed) }
            return unsafe hash(base, bytes.count, seed)
        }
    }

    /// Mixes eight bytes a step; the seed keeps senders from planning collisions.
    @unsafe
    @inline(__always)
    static func hash(_ text: UnsafeRawPointer, _ count: Int, _ seed: UInt64) -> UInt64 {
        func word<Word: FixedWidthInteger>(_ place: Int, _: Word.Type) -> UInt64 {
            unsafe UInt64(truncatingIfNeeded: text.loadUnaligned(fromByteOffset: place, as: Word.self))
        }
        guard count > 0 else { return mix(seed) }
        var state = seed ^ UInt64(truncatingIfNeeded: count) &* 0x9e37_79b9_7f4a_7c15
        if count >= 8 {
            var at = 0
            while at < count &- 8 {
                state = mix(state ^ word(at, UInt64.self))
                at &+= 8
            }
            // The last eight bytes, some of them once more.
            state ^= word(count &- 8, UInt64.self)
        } else if count >= 4 {
            state ^= word(0, UInt32.self) << 32 | word(count &- 4, UInt32.self)
        } else {
            state ^= word(0, UInt8.self) << 16 | word(count / 2, UInt8.self) << 8 | word(count &- 1, UInt8.self)
        }
        return mix(state)
    }

    @inline(__always)
    static func mix(_ word: UInt64) -> UInt64 {
        let product = (word ^ 0xe703_7ed1_a0b4_28db).multipliedFullWidth(by: 0x8ebc_6af0_9c88_c6e3)
        return product.high ^ product.low
    }
}
