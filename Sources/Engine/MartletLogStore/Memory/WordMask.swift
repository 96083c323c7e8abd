// Safety: eight bytes are only loaded where the caller lent them all; those at the end are gathered one by one.

/// Which of up to sixty-four bytes belong to words, found eight at a time.
struct WordMask {
    /// A bit a byte, the first lowest: set for letters, digits and `_` of ASCII.
    private(set) var words: UInt64 = 0

    /// A bit for each space.
    private(set) var spaces: UInt64 = 0

    /// How many bytes are told of: as far as the text goes, or to the first that is not ASCII.
    private(set) var size = 0

    /// Looks at the bytes from a place on.
    ///
    /// - Precondition: The part lies in the bytes.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) {
        let limit = min(64, end &- start)
        while size < limit {
            let eight = unsafe Self.load(bytes, start &+ size)
            let wide = eight & Self.all(0x80)
            let plain = eight & Self.all(0x7f)
            words |= Self.gather(Self.wordBits(plain)) &<< UInt64(truncatingIfNeeded: size)
            spaces |= Self.gather(~((plain ^ Self.all(0x20)) &+ Self.all(0x7f))) &<< UInt64(truncatingIfNeeded: size)
            if wide != 0 {
                size = min(limit, size &+ wide.trailingZeroBitCount / 8)
                break
            }
            size &+= 8
        }
        size = min(size, limit)
        // What stands behind belongs to no word of this text.
        words &= UInt64.max >> UInt64(truncatingIfNeeded: 64 &- size)
    }

    /// The highest bit of each of eight bytes below 128 that belongs to words.
    @inline(__always)
    private static func wordBits(_ bytes: UInt64) -> UInt64 {
        // Adding carries into a byte's highest bit where the byte is at least so much.
        let folded = bytes | all(0x20)
        let letters = (folded &+ all(0x80 - 0x61)) & ~(folded &+ all(0x80 - 0x7b))
        let digits = (bytes &+ all(0x80 - 0x30)) & ~(bytes &+ all(0x80 - 0x3a))
        let lines = ~((bytes ^ all(0x5f)) &+ all(0x7f))
        return letters | digits | lines
    }

    /// The highest bits of eight bytes, beside each other.
    @inline(__always)
    private static func gather(_ bytes: UInt64) -> UInt64 {
        (((bytes & all(0x80)) >> 7) &* 0x0102_0408_1020_4080) >> 56
    }

    @inline(__always)
    private static func all(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    @inline(__always)
    private static func load(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        guard at &+ 8 <= bytes.count else { return unsafe last(bytes, at) }
        return unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    @inline(never)
    private static func last(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        var word: UInt64 = 0
        for place in at..<bytes.count { word |= unsafe UInt64(bytes[place]) << UInt64(8 * (place - at)) }
        return word
    }
}
