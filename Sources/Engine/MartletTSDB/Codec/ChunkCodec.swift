import MartletFiles
import MartletSeries

/// Compresses runs of values: as decimal differences where that is exact, else as XORs.
///
/// The XORs are those of Gorilla (Pelkonen and others, VLDB 2015); docs/formats/segment.md describes the bytes.
/// A run is written from its last value to its first, so that the last one can be read without the others. The object
/// has memory to work with; one caller at a time may use it.
final class ChunkCodec: Sendable {
    /// How values are written.
    enum Kind: UInt8 {
        case constant, delta, framedDelta, deltaOfDelta, fallingDelta, xor, histograms
        /// Whole numbers whose differences are all multiples of one number, which they are divided by.
        case scaled
    }

    /// How whole numbers are packed; but for the last one they are kinds of their own, too.
    enum Packing: UInt8 {
        case delta = 1
        case framedDelta, deltaOfDelta, fallingDelta
        /// The numbers themselves less the least of each group; in scaled runs only.
        case framed
    }

    /// How many bits a scaled run has to be smaller to be worth its longer head.
    private static let scaledBitsMin = 64

    /// How many values a run may have.
    static let countMax = 4096

    /// The highest power of ten by which values are multiplied to become whole.
    static let exponentMax = 12

    /// Says that a constant is written as its eight bytes.
    static let rawExponent = 31

    /// Says that a run of XORs has no stale marker; 0 says nothing of that.
    static let withoutStaleMarker = 1

    /// The powers of ten, all exact.
    private static let powers: [Double] = (0...exponentMax).map { exponent in
        (0..<exponent).reduce(1.0) { product, _ in product * 10 }
    }

    private let whole = Scratch<Int64>(capacity: countMax, filledWith: 0)
    private let packed = Scratch<UInt64>(capacity: countMax, filledWith: 0)
    private let groups = GroupPacking()
    private let powersOfTen = Scratch<Double>(capacity: exponentMax + 1, filledWith: 1)

    init() {
        for exponent in 0...Self.exponentMax { powersOfTen[exponent] = Self.powers[exponent] }
    }

    // MARK: Writing

    /// Appends a run of values.
    ///
    /// - Precondition: There are 1 through ``countMax`` values.
    func encode(_ values: Span<Double>, to writer: ByteWriter) {
        precondition(values.count >= 1 && values.count <= Self.countMax)
        let count = values.count
        let bits = values[count - 1].bitPattern
        var isConstant = true
        for place in 0..<count where values[place].bitPattern != bits {
            isConstant = false
            break
        }
        guard let exponent = decimals(values, count: isConstant ? 1 : count) else {
            if isConstant {
                writer.put(byte: Self.head(.constant, exponent: Self.rawExponent))
                writer.put(bits, bytes: 8)
            } else {
                writer.put(byte: Self.head(.xor, exponent: hasStaleMarker(values) ? 0 : Self.withoutStaleMarker))
                encodeXOR(values, to: writer)
            }
            return
        }
        if isConstant {
            writer.put(byte: Self.head(.constant, exponent: exponent))
            writer.putZigzag(whole[0])
            return
        }
        let best = bestPacking(count, mayFrame: false)
        let last = whole[0]
        if best.bits > Self.scaledBitsMin {
            let factor = scaleDown(count)
            let scaled = bestPacking(count, mayFrame: true)
            if scaled.bits + Self.scaledBitsMin < best.bits {
                writer.put(byte: Self.head(.scaled, exponent: exponent))
                writer.putVarint(UInt64(factor))
                writer.put(byte: scaled.packing.rawValue)
                writer.putZigzag(last)
                encode(scaled.packing, count, to: writer)
                return
            }
            for place in 0..<count { whole[place] = last &+ whole[place] &* factor }
        }
        writer.put(byte: best.packing.rawValue | UInt8(exponent << 3))
        writer.putZigzag(last)
        encode(best.packing, count, to: writer)
    }

    /// Takes the last number from all, and divides them by the greatest number that divides all differences.
    ///
    /// - Returns: What they were divided by, one where there is nothing better.
    private func scaleDown(_ count: Int) -> Int64 {
        let last = whole[0]
        var factor: Int64 = 0
        for place in 0..<count {
            let number = whole[place] &- last
            whole[place] = number
            if factor == 1 { continue }
            var (more, rest) = (factor, number.magnitude > UInt64(Int64.max) ? 1 : abs(number))
            while rest != 0 { (more, rest) = (rest, more % rest) }
            factor = more
        }
        if factor > 1 { for place in 0..<count { whole[place] /= factor } }
        return max(1, factor)
    }

    private func hasStaleMarker(_ values: Span<Double>) -> Bool {
        for place in 0..<values.count where StaleMarker.isStale(values[place]) { return true }
        return false
    }

    private static func head(_ kind: Kind, exponent: Int) -> UInt8 { kind.rawValue | UInt8(exponent << 3) }

    /// Fills `whole` from the last value backwards with whole numbers of one power of ten that give the same bits.
    private func decimals(_ values: Span<Double>, count: Int) -> Int? {
        let magic = 6_755_399_441_055_744.0
        var exponent = 0
        let last = values.count - 1
        search: while exponent <= Self.exponentMax {
            let power = powersOfTen[exponent]
            for place in 0..<count {
                let value = values[last - place]
                let scaled = value * power
                // Adding and taking away 1.5 · 2^52 rounds to the nearest whole number.
                let rounded = (scaled + magic) - magic
                guard scaled.magnitude < 2_251_799_813_685_248,
                    (rounded / power).bitPattern == value.bitPattern
                else {
                    guard value.isFinite else { return nil }
                    exponent += 1
                    continue search
                }
                whole[place] = Int64(rounded)
            }
            return exponent
        }
        return nil
    }

    /// The packing that takes the fewest bits, patches left out of account.
    private func bestPacking(_ count: Int, mayFrame: Bool) -> (bits: Int, packing: Packing) {
        var (plain, framed, second, falling, flat) = (0, 0, 0, 0, 0)
        var before = whole[0]
        var deltaBefore: Int64 = 0
        var isFalling = true
        var place = 1
        while place < count {
            let end = min(place + GroupPacking.groupSize, count)
            var (union, unionOfSecond, unionOfFalling) = (UInt64(0), UInt64(0), UInt64(0))
            var (least, greatest) = (Int64.max, Int64.min)
            var (lowest, highest) = (Int64.max, Int64.min)
            for index in place..<end {
                let number = whole[index]
                let delta = number &- before
                union |= zigzag(delta)
                if index > 1 { unionOfSecond |= zigzag(delta &- deltaBefore) }
                unionOfFalling |= UInt64(bitPattern: 0 &- delta)
                if delta > 0 { isFalling = false }
                least = min(least, delta)
                greatest = max(greatest, delta)
                lowest = min(lowest, number)
                highest = max(highest, number)
                (before, deltaBefore) = (number, delta)
            }
            let size = end - place
            plain += size * (64 - union.leadingZeroBitCount)
            second += size * (64 - unionOfSecond.leadingZeroBitCount)
            falling += size * (64 - unionOfFalling.leadingZeroBitCount)
            framed += Self.framedBits(size, least, greatest)
            flat += Self.framedBits(size, lowest, highest)
            place = end
        }
        var best = (plain, Packing.delta)
        if isFalling, falling < best.0 { best = (falling, .fallingDelta) }
        if second < best.0 { best = (second, .deltaOfDelta) }
        if framed < best.0 { best = (framed, .framedDelta) }
        if mayFrame, flat < best.0 { best = (flat, .framed) }
        return best
    }

    /// The bits of a group of numbers less the least of them, and of that one.
    @inline(__always)
    private static func framedBits(_ size: Int, _ least: Int64, _ greatest: Int64) -> Int {
        size * (64 - UInt64(bitPattern: greatest &- least).leadingZeroBitCount)
            + 8 * max(1, (70 - zigzag(least).leadingZeroBitCount) / 7)
    }

    private func encode(_ packing: Packing, _ count: Int, to writer: ByteWriter) {
        switch packing {
        case .delta:
            for place in 1..<count { packed[place - 1] = zigzag(whole[place] &- whole[place - 1]) }
            groups.pack(packed, count: count - 1, to: writer)
        case .fallingDelta:
            for place in 1..<count { packed[place - 1] = UInt64(bitPattern: whole[place - 1] &- whole[place]) }
            groups.pack(packed, count: count - 1, to: writer)
        case .deltaOfDelta:
            var delta = whole[1] &- whole[0]
            writer.putZigzag(delta)
            guard count > 2 else { return }
            for place in 2..<count {
                let next = whole[place] &- whole[place - 1]
                packed[place - 2] = zigzag(next &- delta)
                delta = next
            }
            groups.pack(packed, count: count - 2, to: writer)
        case .framedDelta: encodeFramed(count, to: writer) { whole[$0] &- whole[$0 - 1] }
        case .framed: encodeFramed(count, to: writer) { whole[$0] }
        }
    }

    /// Writes the least number of each group, then all numbers less that.
    @inline(__always)
    private func encodeFramed(_ count: Int, to writer: ByteWriter, _ number: (Int) -> Int64) {
        var start = 1
        while start < count {
            let end = min(start + GroupPacking.groupSize, count)
            var least = Int64.max
            for place in start..<end { least = min(least, number(place)) }
            for place in start..<end { packed[place - 1] = UInt64(bitPattern: number(place) &- least) }
            writer.putZigzag(least)
            start = end
        }
        groups.pack(packed, count: count - 1, to: writer)
    }

    private func encodeXOR(_ values: Span<Double>, to writer: ByteWriter) {
        var sink = BitSink(writer)
        var previous = values[values.count - 1].bitPattern
        writer.put(previous, bytes: 8)
        var (leading, width) = (0, 0)
        var place = values.count - 2
        while place >= 0 {
            let difference = values[place].bitPattern ^ previous
            previous = values[place].bitPattern
            place -= 1
            guard difference != 0 else {
                sink.put(0, width: 1)
                continue
            }
            let (above, below) = (difference.leadingZeroBitCount, difference.trailingZeroBitCount)
            let isInside = width > 0 && above >= leading && below >= 64 - leading - width
            // A window much wider than needed is given up: its 12 bits of description are soon earned back.
            if isInside, width - (64 - above - below) < 12 {
                sink.put(0b01, width: 2)
            } else {
                (leading, width) = (above, 64 - above - below)
                sink.put(0b11 | UInt64(leading) << 2 | UInt64(width - 1) << 8, width: 14)
            }
            sink.put(difference >> UInt64(64 - leading - width), width: width)
        }
        sink.finish()
    }

    // MARK: Reading

    /// The last value of a run that begins at a place; `nil` for histograms and where the bytes make no run.
    static func last(_ bytes: Span<UInt8>, at place: Int) -> Double? {
        var at = place
        guard let (kind, exponent) = head(bytes, &at) else { return nil }
        if kind == .histograms { return nil }
        if kind == .xor || exponent == rawExponent {
            return at + 8 <= bytes.count ? Double(bitPattern: bytes.word(at: at)) : nil
        }
        if kind == .scaled {
            guard bytes.varint(&at) != nil else { return nil }
            at += 1
        }
        guard let number = bytes.varint(&at) else { return nil }
        return Double(unzigzag(number)) / powers[exponent]
    }

    /// Whether a run has no stale marker for certain, which nearly all are known not to have.
    ///
    /// Whole numbers have none, of constants one look tells, and of XORs their first byte.
    static func isWithoutStaleMarkers(_ bytes: Span<UInt8>, at place: Int) -> Bool {
        var at = place
        guard let (kind, exponent) = head(bytes, &at) else { return false }
        return switch kind {
        case .delta, .framedDelta, .deltaOfDelta, .fallingDelta, .scaled: true
        case .constant: last(bytes, at: place).map { !StaleMarker.isStale($0) } ?? false
        case .xor: exponent == withoutStaleMarker
        case .histograms: false
        }
    }

    /// What a run begins with.
    static func head(_ bytes: Span<UInt8>, _ at: inout Int) -> (kind: Kind, exponent: Int)? {
        guard at < bytes.count, let kind = Kind(rawValue: bytes[at] & 7) else { return nil }
        let exponent = Int(bytes[at] >> 3)
        at += 1
        guard exponent <= exponentMax || (exponent == rawExponent && kind == .constant) else { return nil }
        return (kind, exponent)
    }

    /// Appends the values of a run and moves behind it; `false` where the bytes make no run of that many numbers.
    ///
    /// With `from`, the values before that place are neither appended nor read, and it does not move to the run's end.
    ///
    /// - Complexity: O(*count* − *from*).
    func decode(
        _ bytes: Span<UInt8>,
        _ at: inout Int,
        count total: Int,
        from: Int = 0,
        into values: inout [Double]
    ) -> Bool {
        guard total >= 1, total <= Self.countMax, from >= 0, from < total,
            let (kind, exponent) = Self.head(bytes, &at)
        else { return false }
        let count = total - from
        switch kind {
        case .histograms: return false
        case .xor: return decodeXOR(bytes, &at, count, into: &values)
        case .constant:
            let value: Double
            if exponent == Self.rawExponent {
                guard at + 8 <= bytes.count else { return false }
                value = Double(bitPattern: bytes.word(at: at))
                at += 8
            } else {
                guard let number = bytes.varint(&at) else { return false }
                value = Double(unzigzag(number)) / powersOfTen[exponent]
            }
            values.append(contentsOf: repeatElement(value, count: count))
            return true
        case .scaled:
            guard let factor = bytes.varint(&at), at < bytes.count, let packing = Packing(rawValue: bytes[at])
            else { return false }
            at += 1
            guard let last = bytes.varint(&at), decode(packing, 0, bytes, &at, total, count) else { return false }
            let (base, step) = (unzigzag(last), Int64(bitPattern: factor))
            for place in 0..<count { whole[place] = base &+ whole[place] &* step }
        case .delta, .framedDelta, .deltaOfDelta, .fallingDelta:
            guard let packing = Packing(rawValue: kind.rawValue), let first = bytes.varint(&at),
                decode(packing, unzigzag(first), bytes, &at, total, count)
            else { return false }
        }
        let power = powersOfTen[exponent]
        let old = values.count
        values.append(contentsOf: repeatElement(0, count: count))
        var target = values.mutableSpan
        if exponent == 0 {
            for place in 0..<count { target[old + count - 1 - place] = Double(whole[place]) }
        } else {
            for place in 0..<count { target[old + count - 1 - place] = Double(whole[place]) / power }
        }
        return true
    }

    /// Fills `whole` with the last `count` of so many numbers, from the last one backwards.
    private func decode(
        _ packing: Packing,
        _ first: Int64,
        _ bytes: Span<UInt8>,
        _ at: inout Int,
        _ total: Int,
        _ count: Int
    ) -> Bool {
        whole[0] = first
        guard total > 1 else { return false }
        switch packing {
        case .delta:
            guard GroupPacking.unpack(bytes, &at, count: count - 1, of: total - 1, into: packed) else { return false }
            var number = first
            for place in 1..<count {
                number &+= unzigzag(packed[place - 1])
                whole[place] = number
            }
        case .fallingDelta:
            guard GroupPacking.unpack(bytes, &at, count: count - 1, of: total - 1, into: packed) else { return false }
            var number = first
            for place in 1..<count {
                number &-= Int64(bitPattern: packed[place - 1])
                whole[place] = number
            }
        case .deltaOfDelta:
            guard let start = bytes.varint(&at) else { return false }
            var delta = unzigzag(start)
            var number = first &+ delta
            whole[1] = number
            guard count > 2 else { return true }
            guard GroupPacking.unpack(bytes, &at, count: count - 2, of: total - 2, into: packed) else { return false }
            for place in 2..<count {
                delta &+= unzigzag(packed[place - 2])
                number &+= delta
                whole[place] = number
            }
        case .framedDelta, .framed:
            let groupCount = (total - 2) / GroupPacking.groupSize + 1
            // The bases wait in `whole`, each where its group begins, until the differences are there.
            for group in 0..<groupCount {
                guard let base = bytes.varint(&at) else { return false }
                whole[1 + group * GroupPacking.groupSize] = unzigzag(base)
            }
            guard GroupPacking.unpack(bytes, &at, count: count - 1, of: total - 1, into: packed) else { return false }
            var number = first
            var base: Int64 = 0
            for place in 1..<count {
                if (place - 1) % GroupPacking.groupSize == 0 { base = whole[place] }
                let difference = base &+ Int64(bitPattern: packed[place - 1])
                number = packing == .framed ? difference : number &+ difference
                whole[place] = number
            }
        }
        return true
    }

    private func decodeXOR(_ bytes: Span<UInt8>, _ at: inout Int, _ count: Int, into values: inout [Double]) -> Bool {
        guard at + 8 <= bytes.count else { return false }
        var bits = bytes.word(at: at)
        var bit = (at + 8) * 8
        let end = bytes.count * 8
        let old = values.count
        values.append(contentsOf: repeatElement(0, count: count))
        var target = values.mutableSpan
        target[old + count - 1] = Double(bitPattern: bits)
        var (leading, width) = (0, 0)
        var place = count - 2
        while place >= 0 {
            let code = bytes.bits(at: bit, width: 14)
            if code & 1 == 0 {
                bit += 1
            } else {
                if code & 2 == 0 {
                    bit += 2
                } else {
                    leading = Int(code >> 2 & 63)
                    width = Int(code >> 8) + 1
                    bit += 14
                }
                guard width > 0, leading + width <= 64 else { return false }
                var difference = bytes.bits(at: bit, width: min(width, 32))
                if width > 32 { difference |= bytes.bits(at: bit + 32, width: width - 32) << 32 }
                bit += width
                bits ^= difference << UInt64(64 - leading - width)
            }
            guard bit <= end else { return false }
            target[old + place] = Double(bitPattern: bits)
            place -= 1
        }
        at = (bit + 7) / 8
        return true
    }

    // MARK: Times

    /// Appends times in order.
    ///
    /// - Precondition: There are 1 through ``countMax`` times.
    func encodeTimes(_ times: Span<Int64>, to writer: ByteWriter) {
        precondition(times.count >= 1 && times.count <= Self.countMax)
        writer.putZigzag(times[0])
        guard times.count > 1 else { return }
        var delta = times[1] &- times[0]
        writer.putZigzag(delta)
        guard times.count > 2 else { return }
        for place in 2..<times.count {
            let next = times[place] &- times[place - 1]
            packed[place - 2] = zigzag(next &- delta)
            delta = next
        }
        groups.pack(packed, count: times.count - 2, to: writer)
    }

    /// Appends so many times to an array; `false` where the bytes make none or they do not ascend strictly.
    func decodeTimes(_ bytes: Span<UInt8>, count: Int, into times: inout [Int64]) -> Bool {
        var at = 0
        guard count >= 1, count <= Self.countMax, let first = bytes.varint(&at) else { return false }
        var time = unzigzag(first)
        times.append(time)
        guard count > 1 else { return true }
        guard let start = bytes.varint(&at) else { return false }
        var delta = unzigzag(start)
        guard delta > 0 else { return false }
        time &+= delta
        times.append(time)
        guard count > 2 else { return true }
        guard GroupPacking.unpack(bytes, &at, count: count - 2, of: count - 2, into: packed) else { return false }
        for place in 2..<count {
            delta &+= unzigzag(packed[place - 2])
            guard delta > 0 else { return false }
            time &+= delta
            times.append(time)
        }
        return true
    }
}

/// Bits on their way into bytes, the low ones first.
struct BitSink {
    private let writer: ByteWriter
    private var bits: UInt64 = 0
    private var filled = 0

    init(_ writer: ByteWriter) {
        self.writer = writer
    }

    @inline(__always)
    mutating func put(_ number: UInt64, width: Int) {
        bits |= number << UInt64(filled)
        filled += width
        if filled >= 64 {
            writer.put(bits, bytes: 8)
            filled -= 64
            bits = filled == 0 ? 0 : number >> UInt64(width - filled)
        }
    }

    mutating func finish() {
        if filled > 0 { writer.put(bits, bytes: (filled + 7) / 8) }
        (bits, filled) = (0, 0)
    }
}
