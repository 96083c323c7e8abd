// Safety: the bounds are checked before the bytes are read.

extension Span<UInt8> {
    /// The eight bytes at a place, the low one first; what lies behind the end counts as zero.
    @inline(__always)
    func word(at place: Int) -> UInt64 {
        guard place >= 0, place &+ 8 <= count else { return lastWord(at: place) }
        return unsafe withUnsafeBytes {
            UInt64(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        }
    }

    private func lastWord(at place: Int) -> UInt64 {
        var word: UInt64 = 0
        for offset in 0..<8 where place >= 0 && place + offset < count {
            word |= UInt64(self[place + offset]) << UInt64(8 * offset)
        }
        return word
    }

    /// The number of `width` bits that begins at a bit; bits behind the end count as zero.
    ///
    /// - Precondition: `width` is 57 at most.
    @inline(__always)
    func bits(at bit: Int, width: Int) -> UInt64 {
        word(at: bit >> 3) >> UInt64(bit & 7) & (1 << UInt64(width) - 1)
    }
}
