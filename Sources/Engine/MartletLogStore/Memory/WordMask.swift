// Safety: sixteen bytes are only loaded where the caller lent them all; those at the end are gathered one by one.

/// Which of up to sixty-four bytes belong to words, found sixteen at a time.
struct WordMask {
    private typealias Step = SIMD16<UInt8>

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
            let step = unsafe Self.load(bytes, start &+ size)
            let shift = UInt64(truncatingIfNeeded: size)
            words |= Self.gather(Self.wordBytes(step)) &<< shift
            spaces |= Self.gather(Self.all(step .== Step(repeating: 0x20))) &<< shift
            let halves = unsafe unsafeBitCast(step, to: SIMD2<UInt64>.self)
            if (halves.x | halves.y) & 0x8080_8080_8080_8080 != 0 {
                let wide = Self.gather(Self.all(step .>= Step(repeating: 0x80)))
                size = min(limit, size &+ wide.trailingZeroBitCount)
                break
            }
            size &+= 16
        }
        size = min(size, limit)
        // What stands behind belongs to no word of this text.
        words &= UInt64.max >> UInt64(truncatingIfNeeded: 64 &- size)
    }

    // Only operators of two vectors become instructions; those with a number beside a vector would be loops.

    /// All bits of the bytes that belong to words.
    @inline(__always)
    private static func wordBytes(_ step: Step) -> SIMD2<UInt64> {
        let fromLetter = (step | Step(repeating: 0x20)) &- Step(repeating: 0x61)
        let fromDigit = step &- Step(repeating: 0x30)
        return all(fromLetter .< Step(repeating: 26)) | all(fromDigit .< Step(repeating: 10))
            | all(step .== Step(repeating: 0x5f))
    }

    @inline(__always)
    private static func all(_ mask: SIMDMask<SIMD16<Int8>>) -> SIMD2<UInt64> {
        unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
    }

    /// A bit for each of sixteen bytes.
    @inline(__always)
    private static func gather(_ bytes: SIMD2<UInt64>) -> UInt64 { gather(bytes.x) | gather(bytes.y) << 8 }

    /// A bit for each of eight bytes that have none or all set: each keeps another one, and they are summed up.
    @inline(__always)
    private static func gather(_ bytes: UInt64) -> UInt64 {
        ((bytes & 0x8040_2010_0804_0201) &* 0x0101_0101_0101_0101) >> 56
    }

    @inline(__always)
    private static func load(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Step {
        guard at &+ 16 <= bytes.count else { return unsafe last(bytes, at) }
        return unsafe bytes.loadUnaligned(fromByteOffset: at, as: Step.self)
    }

    @inline(never)
    private static func last(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Step {
        var step = Step()
        for place in at..<bytes.count { step[place - at] = unsafe bytes[place] }
        return step
    }
}
