import MartletFiles

/// Packs whole numbers in groups of 32: each group has its own width, and numbers that are too large for it are patched.
///
/// docs/formats/segment.md describes the bytes. The width of a group is the one that makes it smallest.
struct GroupPacking {
    static let groupSize = 32

    /// Numbers are packed in at most so many bits; the rest of larger ones is patched in.
    static let widthMax = 56

    private static let patchFlag: UInt8 = 0x40
    private static let zeroRun: UInt8 = 0x80

    /// How many numbers of the group have each width.
    private let widthCounts = Scratch<UInt8>(capacity: 65, filledWith: 0)

    /// Packs the first numbers of a scratch.
    func pack(_ numbers: Scratch<UInt64>, count: Int, to writer: ByteWriter) {
        var start = 0
        var zeroGroups = 0
        while start < count {
            let end = min(start + Self.groupSize, count)
            var union: UInt64 = 0
            for place in start..<end { union |= numbers[place] }
            if union == 0 {
                zeroGroups += 1
            } else {
                Self.putZeroGroups(&zeroGroups, to: writer)
                packGroup(numbers, start, end, union, to: writer)
            }
            start = end
        }
        Self.putZeroGroups(&zeroGroups, to: writer)
    }

    private static func putZeroGroups(_ groups: inout Int, to writer: ByteWriter) {
        if groups == 1 { writer.put(byte: 0) }
        if groups > 1 {
            writer.put(byte: zeroRun)
            writer.putVarint(UInt64(groups - 2))
        }
        groups = 0
    }

    @inline(__always)
    private static func width(_ number: UInt64) -> Int { 64 - number.leadingZeroBitCount }

    private func packGroup(_ numbers: Scratch<UInt64>, _ start: Int, _ end: Int, _ union: UInt64, to writer: ByteWriter)
    {
        let width = bestWidth(numbers, start, end, union)
        let mask: UInt64 = 1 << UInt64(width) - 1
        let hasPatches = union > mask
        writer.put(byte: UInt8(width) | (hasPatches ? Self.patchFlag : 0))
        var (bits, filled) = (UInt64(0), 0)
        var patches = 0
        for place in start..<end {
            let number = numbers[place]
            if number > mask { patches += 1 }
            bits |= (number & mask) << UInt64(filled)
            filled += width
            if filled >= 64 {
                writer.put(bits, bytes: 8)
                filled -= 64
                bits = filled == 0 ? 0 : (number & mask) >> UInt64(width - filled)
            }
        }
        if filled > 0 { writer.put(bits, bytes: (filled + 7) / 8) }
        guard hasPatches else { return }
        writer.put(byte: UInt8(patches))
        for place in start..<end where numbers[place] > mask {
            writer.put(byte: UInt8(place - start))
            writer.putVarint(numbers[place] >> UInt64(width))
        }
    }

    private func bestWidth(_ numbers: Scratch<UInt64>, _ start: Int, _ end: Int, _ union: UInt64) -> Int {
        let largest = Self.width(union)
        let count = end - start
        if count * largest <= 16 { return min(largest, Self.widthMax) }
        for place in start..<end {
            let width = Self.width(numbers[place])
            widthCounts[width] += 1
        }
        var best = min(largest, Self.widthMax)
        var bestBytes = largest > Self.widthMax ? Int.max : (count * largest + 7) / 8
        var patches = 0
        var width = largest
        while width > 0 {
            patches += Int(widthCounts[width])
            width -= 1
            // More patches than a quarter never pay off.
            if patches > count / 4, bestBytes < .max { break }
            guard width <= Self.widthMax else { continue }
            let bytes = (count * width + 7) / 8 + 1 + patches * (2 + (largest - width - 1) / 7)
            if bytes < bestBytes { (best, bestBytes) = (width, bytes) }
        }
        for place in start..<end { widthCounts[Self.width(numbers[place])] = 0 }
        return best
    }

    /// Unpacks the first of so many numbers into the start of a scratch; `false` where the bytes make none.
    ///
    /// Moves behind the group with the last wanted number.
    static func unpack(
        _ bytes: Span<UInt8>,
        _ at: inout Int,
        count wanted: Int,
        of count: Int,
        into numbers: Scratch<UInt64>
    ) -> Bool {
        guard count <= numbers.capacity else { return false }
        var start = 0
        while start < wanted {
            guard at < bytes.count else { return false }
            let head = bytes[at]
            at += 1
            if head == zeroRun || head == 0 {
                var groups: UInt64 = 1
                if head == zeroRun {
                    guard let more = bytes.varint(&at), more < UInt64(count) else { return false }
                    groups = more + 2
                }
                let end = min(count, start + Int(groups) * groupSize)
                for place in start..<end { numbers[place] = 0 }
                start = end
                continue
            }
            let end = min(start + groupSize, count)
            let width = Int(head & 0x3f)
            guard head & zeroRun == 0, width <= widthMax else { return false }
            let size = ((end - start) * width + 7) / 8
            guard size <= bytes.count - at else { return false }
            var bit = at * 8
            for place in start..<end {
                numbers[place] = bytes.bits(at: bit, width: width)
                bit += width
            }
            at += size
            if head & patchFlag != 0 {
                guard patch(bytes, &at, width, start, end, numbers) else { return false }
            }
            start = end
        }
        return true
    }

    private static func patch(
        _ bytes: Span<UInt8>,
        _ at: inout Int,
        _ width: Int,
        _ start: Int,
        _ end: Int,
        _ numbers: Scratch<UInt64>
    ) -> Bool {
        guard at < bytes.count else { return false }
        let patches = bytes[at]
        at += 1
        for _ in 0..<patches {
            guard at < bytes.count else { return false }
            let place = start + Int(bytes[at])
            at += 1
            guard place < end, let high = bytes.varint(&at), high.leadingZeroBitCount >= width else {
                return false
            }
            numbers[place] |= high << UInt64(width)
        }
        return true
    }
}
