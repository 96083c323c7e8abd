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

    /// Appends the places where a byte stands in one stream and another one in the second, in order.
    ///
    /// The second stream is read only around what the first has. That is about every fifth step, in no order that a
    /// processor could guess, so the steps of a stretch are noted as bits first.
    ///
    /// - Precondition: `count` bytes can be read from both starts on.
    static func find(
        _ byte: UInt8,
        _ start: UnsafeRawPointer,
        _ other: UInt8,
        _ otherStart: UnsafeRawPointer,
        _ count: Int,
        _ places: inout [Int]
    ) {
        let (wanted, otherWanted) = (Step(repeating: byte), Step(repeating: other))
        var stretch = 0
        while stretch &+ 64 <= count {
            let steps = min(64, (count &- stretch) / 64)
            var noted: UInt64 = 0
            for step in 0..<steps {
                let place = stretch &+ step &* 64
                let first = unsafe equal(start, place, wanted)
                let second = unsafe equal(start, place &+ 16, wanted)
                let third = unsafe equal(start, place &+ 32, wanted)
                let fourth = unsafe equal(start, place &+ 48, wanted)
                let any = (first | second) | (third | fourth)
                noted |= (any.x | any.y != 0 ? 1 : 0) &<< UInt64(truncatingIfNeeded: step)
            }
            while noted != 0 {
                let place = stretch &+ noted.trailingZeroBitCount &* 64
                noted &= noted &- 1
                var any = SIMD2<UInt64>()
                for part in 0..<4 {
                    let at = place &+ part &* 16
                    any |= unsafe equal(start, at, wanted) & equal(otherStart, at, otherWanted)
                }
                guard any.x | any.y != 0 else { continue }
                for at in place..<(place &+ 64) where isPair(at) { places.append(at) }
            }
            stretch &+= steps &* 64
        }
        for at in stretch..<count where isPair(at) { places.append(at) }

        func isPair(_ at: Int) -> Bool {
            unsafe start.load(fromByteOffset: at, as: UInt8.self) == byte
                && otherStart.load(fromByteOffset: at, as: UInt8.self) == other
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
