// Sixty-four bytes are looked at in one step; only where one of them is the wanted one its place is worked out, eight
// bytes at a time. Most steps end at the first look, so that a search takes little more than reading the bytes once.
//
// Safety: loads lie in the bytes that the caller vouches for; nothing is kept of the pointer.

/// Looks for a byte among many.
enum ByteScan {
    private typealias Step = SIMD16<UInt8>

    /// Appends the places of a byte, in order.
    ///
    /// - Precondition: `count` bytes can be read from `start` on.
    static func find(_ byte: UInt8, _ start: UnsafeRawPointer, _ count: Int, _ places: inout [Int]) {
        let wanted = Step(repeating: byte)
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var place = 0
        while place &+ 64 <= count {
            let first = unsafe equal(start, place, wanted)
            let second = unsafe equal(start, place &+ 16, wanted)
            let third = unsafe equal(start, place &+ 32, wanted)
            let fourth = unsafe equal(start, place &+ 48, wanted)
            let any = (first | second) | (third | fourth)
            // What was read is read again, so that nothing has to be kept where nothing is found.
            if any.x | any.y != 0 { unsafe look(start, place, pattern, &places) }
            place &+= 64
        }
        while place < count {
            if unsafe start.load(fromByteOffset: place, as: UInt8.self) == byte { places.append(place) }
            place &+= 1
        }
    }

    /// Sixteen bytes, all bits set where the wanted one stands.
    @inline(__always)
    private static func equal(_ start: UnsafeRawPointer, _ place: Int, _ wanted: Step) -> SIMD2<UInt64> {
        let step = unsafe start.loadUnaligned(fromByteOffset: place, as: Step.self)
        return unsafe unsafeBitCast(step .== wanted, to: SIMD2<UInt64>.self)
    }

    @inline(__always)
    private static func look(_ start: UnsafeRawPointer, _ place: Int, _ pattern: UInt64, _ places: inout [Int]) {
        var at = place
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        while at < place &+ 64 {
            let distance = unsafe start.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ pattern
            // The high bit of each byte that is zero, and of no other.
            var found = ~(((distance & low) &+ low) | distance | low)
            while found != 0 {
                places.append(at &+ found.trailingZeroBitCount >> 3)
                found &= found &- 1
            }
            at &+= 8
        }
    }
}
