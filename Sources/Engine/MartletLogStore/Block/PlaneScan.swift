import MartletEvents

/// Looks for codes of two bytes that stand in two planes: all low bytes, then all high ones.
enum PlaneScan {
    /// The places of a code in a range, eight looked at a time.
    ///
    /// - Precondition: The planes have `2 * codeCount` bytes, and the range lies below `codeCount`.
    static func places(of code: Int, in range: Range<Int>, _ planes: Span<UInt8>, codeCount: Int) -> [Int] {
        var places: [Int] = []
        let first = UInt64(code & 255) &* 0x0101_0101_0101_0101
        let second = UInt64(code >> 8) &* 0x0101_0101_0101_0101
        let ones: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        var place = range.lowerBound
        while place + 8 <= range.upperBound {
            let low = planes.uint64(at: place) ^ first
            // Says "none" of most eights; what it lets pass is looked at exactly.
            if (low &- 0x0101_0101_0101_0101) & ~low & 0x8080_8080_8080_8080 == 0 {
                place += 8
                continue
            }
            let differs = low | (planes.uint64(at: codeCount + place) ^ second)
            // The high bit of each byte that is zero, exactly.
            var zeros = ~(((differs & ones) &+ ones) | differs | ones)
            while zeros != 0 {
                places.append(place + (zeros.trailingZeroBitCount >> 3))
                zeros &= zeros - 1
            }
            place += 8
        }
        while place < range.upperBound {
            if Int(planes[place]) | Int(planes[codeCount + place]) << 8 == code { places.append(place) }
            place += 1
        }
        return places
    }
}
