import MartletFiles

// Whole numbers in granules of 1,024: each has its smallest number, a unit that divides all distances from it, and the
// distances packed in as many bits as the largest needs. A granule of equal numbers takes its directory entry only.
//
// Safety: words are read within the bounds that `init` checked for every granule; numbers are lent for the time they are
// packed.

/// Numbers packed by ``IntegerColumnWriter``, any of which can be had at once.
package struct IntegerColumn: Sendable {
    /// How many numbers a granule has.
    @inlinable @inline(__always) package static var granule: Int { 1024 }

    /// Base, offset of the first word, width, unit's number, two zero bytes.
    @inlinable @inline(__always) static var entrySize: Int { 16 }

    /// The units that distances may be told in; times of many clients have whole micro- or milliseconds.
    @inlinable
    @inline(__always)
    static func unit(_ number: UInt8) -> Int64 { number == 0 ? 1 : number == 1 ? 1000 : 1_000_000 }

    /// How many numbers there are.
    package let count: Int
    @usableFromInline let bytes: ColumnBytes

    /// Takes a column's bytes; `nil` where they make no column.
    package init?(_ bytes: ColumnBytes) {
        let found: Int? = bytes.withBytes { bytes in
            guard bytes.count >= 8, let count = Int(exactly: bytes.uint64(at: 0)) else { return nil }
            let granules = (count + Self.granule - 1) / Self.granule
            guard count <= 1 << 40, granules <= (bytes.count - 8) / Self.entrySize else { return nil }
            for index in 0..<granules {
                let at = 8 + index * Self.entrySize
                let width = Int(bytes[at + 12])
                let values = Swift.min(Self.granule, count - index * Self.granule)
                guard width <= 64, bytes[at + 13] < 3 else { return nil }
                // One word of slack lets readers fetch two words wherever a number begins.
                let words = width == 0 ? 0 : (values * width + 63) / 64 + 1
                guard Int(bytes.uint32(at: at + 8)) * 8 + words * 8 <= bytes.count else { return nil }
            }
            return count
        }
        guard let found else { return nil }
        count = found
        self.bytes = bytes
    }

    /// The number at a place.
    ///
    /// - Precondition: The place is below ``count``.
    @inlinable
    package subscript(index: Int) -> Int64 {
        precondition(index >= 0 && index < count)
        return bytes.withBytes { bytes in
            let at = 8 + index / Self.granule * Self.entrySize
            let width = Int(bytes[at + 12])
            let base = Int64(bitPattern: bytes.uint64(at: at))
            guard width > 0 else { return base }
            let bit = index % Self.granule * width
            let word = (Int(bytes.uint32(at: at + 8)) + bit / 64) * 8
            let distance = Self.bits(bytes.uint64(at: word), bytes.uint64(at: word + 8), bit & 63, width)
            return base &+ Int64(bitPattern: distance) &* Self.unit(bytes[at + 13])
        }
    }

    @inlinable
    @inline(__always)
    static func bits(_ low: UInt64, _ high: UInt64, _ shift: Int, _ width: Int) -> UInt64 {
        let joined = low >> UInt64(shift) | (high << 1) << UInt64(63 - shift)
        return width == 64 ? joined : joined & (1 << UInt64(width) - 1)
    }

    /// Hands the numbers of a range over, in order.
    ///
    /// - Precondition: The range lies below ``count``.
    @inlinable
    package func forEach(in range: Range<Int>, _ body: (_ index: Int, _ value: Int64) -> Void) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        bytes.withBytes { bytes in
            var index = range.lowerBound
            while index < range.upperBound {
                let at = 8 + index / Self.granule * Self.entrySize
                let end = Swift.min(range.upperBound, (index / Self.granule + 1) * Self.granule)
                let width = Int(bytes[at + 12])
                let base = Int64(bitPattern: bytes.uint64(at: at))
                if width == 0 {
                    while index < end {
                        body(index, base)
                        index += 1
                    }
                    continue
                }
                let unit = Self.unit(bytes[at + 13])
                let start = Int(bytes.uint32(at: at + 8)) * 8
                var bit = index % Self.granule * width
                while index < end {
                    let word = start + bit / 64 * 8
                    let distance = Self.bits(bytes.uint64(at: word), bytes.uint64(at: word + 8), bit & 63, width)
                    body(index, base &+ Int64(bitPattern: distance) &* unit)
                    bit += width
                    index += 1
                }
            }
        }
    }

    /// The first place of a number, `nil` where it is nowhere.
    ///
    /// - Complexity: O(*n*); packed numbers are compared as they are, about one a nanosecond.
    package func firstIndex(of value: Int64) -> Int? {
        bytes.withBytes { bytes in
            for granule in 0..<((count + Self.granule - 1) / Self.granule) {
                let at = 8 + granule * Self.entrySize
                let (width, unit) = (Int(bytes[at + 12]), UInt64(Self.unit(bytes[at + 13])))
                let base = Int64(bitPattern: bytes.uint64(at: at))
                let distance = UInt64(bitPattern: value &- base)
                guard value >= base, distance % unit == 0 else { continue }
                let (first, wanted) = (granule * Self.granule, distance / unit)
                guard width == 64 || wanted >> UInt64(width) == 0 else { continue }
                if width == 0 { return first }
                let start = Int(bytes.uint32(at: at + 8)) * 8
                for place in 0..<Swift.min(Self.granule, count - first) {
                    let bit = place * width
                    let word = start + bit / 64 * 8
                    let found = unsafe bytes.withUnsafeBytes { raw in
                        unsafe Self.bits(
                            raw.loadUnaligned(fromByteOffset: word, as: UInt64.self),
                            raw.loadUnaligned(fromByteOffset: word + 8, as: UInt64.self),
                            bit & 63,
                            width
                        )
                    }
                    if found == wanted { return first + place }
                }
            }
            return nil
        }
    }

    /// The sums of a range's numbers, each with all before it, in place of what an array has.
    ///
    /// - Precondition: The range lies below ``count``, in one granule.
    package func sums(in range: Range<Int>, from start: Int, into sums: inout [Int]) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count && !range.isEmpty)
        precondition(range.lowerBound / Self.granule == (range.upperBound - 1) / Self.granule)
        if sums.count != range.count { sums = [Int](repeating: 0, count: range.count) }
        bytes.withBytes { bytes in
            let at = 8 + range.lowerBound / Self.granule * Self.entrySize
            let width = Int(bytes[at + 12])
            let base = Int(truncatingIfNeeded: bytes.uint64(at: at))
            let unit = Int(Self.unit(bytes[at + 13]))
            guard width > 0 else {
                for place in sums.indices { sums[place] = start &+ (place &+ 1) &* base }
                return
            }
            let first = Int(bytes.uint32(at: at + 8)) * 8
            let mask = width == 64 ? UInt64.max : 1 << UInt64(width) - 1
            var (bit, sum) = (range.lowerBound % Self.granule * width, start)
            unsafe bytes.withUnsafeBytes { raw in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    for place in 0..<range.count {
                        let distance = unsafe Self.distance(raw, first, bit, width, mask)
                        sum = sum &+ base &+ Int(truncatingIfNeeded: distance) &* unit
                        unsafe sums[place] = sum
                        bit &+= width
                    }
                }
            }
        }
    }

    /// The first place of a range whose sum with all before it is above a limit, and the sums in front of it and behind it.
    ///
    /// - Precondition: The range lies below ``count``, in one granule.
    package func firstSum(
        above limit: Int,
        in range: Range<Int>,
        from start: Int
    ) -> (place: Int, before: Int, sum: Int)? {
        precondition(range.lowerBound >= 0 && range.upperBound <= count && !range.isEmpty)
        precondition(range.lowerBound / Self.granule == (range.upperBound - 1) / Self.granule)
        return bytes.withBytes { bytes in
            let at = 8 + range.lowerBound / Self.granule * Self.entrySize
            let width = Int(bytes[at + 12])
            let base = Int(truncatingIfNeeded: bytes.uint64(at: at))
            let unit = Int(Self.unit(bytes[at + 13]))
            let first = Int(bytes.uint32(at: at + 8)) * 8
            let mask = width == 64 ? UInt64.max : 1 << UInt64(width) - 1
            return unsafe bytes.withUnsafeBytes { raw in
                var (bit, sum) = (range.lowerBound % Self.granule * width, start)
                for place in range {
                    let distance = unsafe width == 0 ? 0 : Self.distance(raw, first, bit, width, mask)
                    let before = sum
                    sum = sum &+ base &+ Int(truncatingIfNeeded: distance) &* unit
                    if sum > limit { return (place, before, sum) }
                    bit &+= width
                }
                return nil
            }
        }
    }

    /// A packed number; the words and the one of slack behind them were checked for the whole granule.
    @inline(__always)
    private static func distance(
        _ raw: UnsafeRawBufferPointer,
        _ first: Int,
        _ bit: Int,
        _ width: Int,
        _ mask: UInt64
    ) -> UInt64 {
        if width <= 56 {
            let word = unsafe raw.loadUnaligned(fromByteOffset: first &+ bit >> 3, as: UInt64.self)
            return word >> UInt64(bit & 7) & mask
        }
        let word = first &+ bit >> 6 &* 8
        let low = unsafe raw.loadUnaligned(fromByteOffset: word, as: UInt64.self)
        let high = unsafe raw.loadUnaligned(fromByteOffset: word &+ 8, as: UInt64.self)
        return bits(low, high, bit & 63, width)
    }

    /// The numbers of a range.
    package func values(in range: Range<Int>) -> [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(range.count)
        forEach(in: range) { values.append($1) }
        return values
    }
}

/// Packs whole numbers for ``IntegerColumn``.
package enum IntegerColumnWriter {
    /// The column's bytes.
    ///
    /// - Complexity: O(*n*).
    package static func encode(_ values: [Int64]) -> [UInt8] {
        unsafe values.withUnsafeBufferPointer { unsafe encode($0) }
    }

    private static func encode(_ values: UnsafeBufferPointer<Int64>) -> [UInt8] {
        var builder = Builder(count: values.count)
        var start = 0
        while start < values.count {
            let end = min(start + IntegerColumn.granule, values.count)
            unsafe builder.add(UnsafeBufferPointer(rebasing: values[start..<end]))
            start = end
        }
        return builder.finish()
    }

    /// Packs numbers that come granule by granule, so that never more than one of them is held unpacked.
    package struct Builder {
        private var directory: [UInt8] = []
        private var words: [UInt64] = []
        private let wordStart: Int
        private let granules: Int

        /// Begins a column of so many numbers.
        package init(count: Int) {
            granules = (count + IntegerColumn.granule - 1) / IntegerColumn.granule
            let bytes = 8 + granules * IntegerColumn.entrySize
            wordStart = bytes / 8
            directory.reserveCapacity(bytes)
            directory.append(littleEndian: UInt64(count))
        }

        /// Packs the next granule: 1,024 numbers, fewer only at the end.
        package mutating func add(_ values: [Int64]) {
            guard !values.isEmpty else { return }
            unsafe values.withUnsafeBufferPointer { unsafe add($0) }
        }

        fileprivate mutating func add(_ part: UnsafeBufferPointer<Int64>) {
            var (low, high) = unsafe (part[0], part[0])
            for place in part.indices {
                low = unsafe min(low, part[place])
                high = unsafe max(high, part[place])
            }
            let unit = unsafe unit(part, low, isWide: high.subtractingReportingOverflow(low).overflow)
            let divisor = UInt64(IntegerColumn.unit(UInt8(unit)))
            let range = UInt64(bitPattern: high &- low) / divisor
            let width = 64 - range.leadingZeroBitCount
            directory.append(littleEndian: UInt64(bitPattern: low))
            directory.append(littleEndian: UInt32(wordStart + words.count))
            directory.append(UInt8(width))
            directory.append(UInt8(unit))
            directory.append(littleEndian: UInt16(0))
            guard width > 0 else { return }
            unsafe pack(part, low, divisor, width, &words)
        }

        /// The column's bytes.
        ///
        /// - Precondition: As many numbers came as were told.
        package consuming func finish() -> [UInt8] {
            precondition(directory.count == 8 * wordStart)
            directory.append(littleEndian: words)
            return directory
        }
    }

    private static func pack(
        _ values: UnsafeBufferPointer<Int64>,
        _ low: Int64,
        _ divisor: UInt64,
        _ width: Int,
        _ words: inout [UInt64]
    ) {
        var (word, filled) = (UInt64(0), 0)
        for place in values.indices {
            let distance = unsafe UInt64(bitPattern: values[place] &- low)
            let number = divisor == 1 ? distance : distance / divisor
            word |= number << UInt64(filled)
            filled += width
            if filled >= 64 {
                words.append(word)
                filled -= 64
                word = filled == 0 ? 0 : number >> UInt64(width - filled)
            }
        }
        if filled > 0 { words.append(word) }
        words.append(0)
    }

    /// The number of the largest unit that all distances are multiples of.
    private static func unit(_ values: UnsafeBufferPointer<Int64>, _ low: Int64, isWide: Bool) -> Int {
        guard !isWide else { return 0 }
        // One loop a unit: a divisor that the compiler knows costs a multiplication.
        if unsafe values.allSatisfy({ ($0 &- low) % 1_000_000 == 0 }) { return 2 }
        return unsafe values.allSatisfy { ($0 &- low) % 1000 == 0 } ? 1 : 0
    }
}
