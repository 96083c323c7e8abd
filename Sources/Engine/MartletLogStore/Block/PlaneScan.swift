import MartletEvents

// Sixty-four codes are looked at in one step: their lowest bytes are compared with the wanted code's, and only where one
// of them is equal the other planes are read. Most steps end there, so that a search reads little more than the first
// plane once.
//
// Safety: loads lie in the planes, as the precondition makes sure; nothing is kept of the pointers.

/// Looks for codes of two or three bytes that stand in planes: all lowest bytes, then all next ones.
enum PlaneScan {
    private typealias Step = SIMD16<UInt8>

    /// Appends the places of a code in a range, in order.
    ///
    /// - Precondition: The range lies below `codeCount`, and there are `planeCount` planes of so many bytes.
    static func find(
        _ code: Int,
        in range: Range<Int>,
        _ planes: Span<UInt8>,
        codeCount: Int,
        planeCount: Int,
        _ places: inout [Int]
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= codeCount)
        precondition(codeCount <= Int.max / 4 && planes.count >= planeCount * codeCount)
        unsafe planes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            let wanted = Step(repeating: UInt8(truncatingIfNeeded: code))
            var place = range.lowerBound
            while place + 64 <= range.upperBound {
                let first = unsafe equal(start, place, wanted)
                let second = unsafe equal(start, place + 16, wanted)
                let third = unsafe equal(start, place + 32, wanted)
                let fourth = unsafe equal(start, place + 48, wanted)
                let any = (first | second) | (third | fourth)
                // What was read is read again, so that nothing has to be kept where nothing is found.
                if any.x | any.y != 0 { unsafe look(start, place, code, codeCount, planeCount, &places) }
                place += 64
            }
            while place < range.upperBound {
                if unsafe self.code(start, place, codeCount, planeCount) == code { places.append(place) }
                place += 1
            }
        }
    }

    /// Sixteen bytes, all bits set where the wanted one stands.
    @inline(__always)
    private static func equal(_ start: UnsafeRawPointer, _ place: Int, _ wanted: Step) -> SIMD2<UInt64> {
        let step = unsafe start.loadUnaligned(fromByteOffset: place, as: Step.self)
        return unsafe unsafeBitCast(step .== wanted, to: SIMD2<UInt64>.self)
    }

    @inline(never)
    private static func look(
        _ start: UnsafeRawPointer,
        _ place: Int,
        _ code: Int,
        _ codeCount: Int,
        _ planeCount: Int,
        _ places: inout [Int]
    ) {
        let wanted = Step(repeating: UInt8(truncatingIfNeeded: code))
        for step in stride(from: place, to: place + 64, by: 16) {
            let found = unsafe equal(start, step, wanted)
            for half in 0..<2 {
                var bits = found[half] & 0x0101_0101_0101_0101
                while bits != 0 {
                    let own = step + 8 * half + bits.trailingZeroBitCount >> 3
                    if unsafe self.code(start, own, codeCount, planeCount) == code { places.append(own) }
                    bits &= bits - 1
                }
            }
        }
    }

    @inline(__always)
    private static func code(_ start: UnsafeRawPointer, _ place: Int, _ codeCount: Int, _ planeCount: Int) -> Int {
        var code = unsafe Int(start.load(fromByteOffset: place, as: UInt8.self))
        code |= unsafe Int(start.load(fromByteOffset: codeCount + place, as: UInt8.self)) << 8
        guard planeCount > 2 else { return code }
        return unsafe code | Int(start.load(fromByteOffset: 2 * codeCount + place, as: UInt8.self)) << 16
    }
}
