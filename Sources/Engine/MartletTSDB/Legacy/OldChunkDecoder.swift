import MartletFiles

/// Reads chunks of version 1, with columns that are used again from chunk to chunk.
///
/// It accepts any bytes: what is no chunk gives `false`, never a crash.
struct OldChunkDecoder {
    /// How the values of a chunk are written.
    private enum ValueMode: UInt8 {
        case constant, delta, deltaOfDelta, xor
    }

    /// The flag beside the mode: every time follows the one before at the same distance.
    private static let isRegularFlag: UInt8 = 4

    /// More samples than this are taken for damage.
    private static let countLimit = 65_536

    private static let powersOfTen: [Double] = (0...12).map { exponent in
        (0..<exponent).reduce(1.0) { product, _ in product * 10 }
    }

    /// The times of the chunk read last.
    private(set) var timestamps: [Int64] = []

    /// The values of the chunk read last.
    private(set) var values: [Double] = []

    /// Reads a whole chunk.
    ///
    /// - Returns: Whether the bytes are a chunk whose times ascend.
    /// - Complexity: O(*n*) in the number of samples.
    mutating func decode(_ bytes: Span<UInt8>) -> Bool {
        timestamps.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        var at = 0
        guard let header = Self.header(bytes, &at), at < bytes.count else { return false }
        let flags = bytes[at]
        at += 1
        guard flags < 8, let mode = Self.ValueMode(rawValue: flags & 3) else { return false }
        timestamps.reserveCapacity(header.count)
        values.reserveCapacity(header.count)
        return readTimes(header, isRegular: flags & Self.isRegularFlag != 0, bytes, &at)
            && readValues(header.count, mode, bytes, &at) && at == bytes.count
    }

    /// A chunk's count and times without its samples.
    static func header(_ bytes: Span<UInt8>, _ at: inout Int) -> (count: Int, first: Int64, last: Int64)? {
        guard let count = bytes.varint(&at), let first = bytes.varint(&at),
            let length = bytes.varint(&at), count > 0, count <= UInt64(Self.countLimit), length <= .max / 2
        else { return nil }
        let start = unzigzag(first)
        let (end, overflow) = start.addingReportingOverflow(Int64(length))
        return overflow ? nil : (Int(count), start, end)
    }

    private mutating func readTimes(
        _ header: (count: Int, first: Int64, last: Int64),
        isRegular: Bool,
        _ bytes: Span<UInt8>,
        _ at: inout Int
    ) -> Bool {
        timestamps.append(header.first)
        guard header.count > 1 else { return header.first == header.last }
        var time = header.first
        if isRegular {
            let step = (header.last - header.first) / Int64(header.count - 1)
            guard step > 0, step * Int64(header.count - 1) == header.last - header.first else { return false }
            for _ in 1..<header.count {
                time += step
                timestamps.append(time)
            }
            return true
        }
        guard let firstStep = bytes.varint(&at), firstStep <= .max / 2, at + 2 <= bytes.count else {
            return false
        }
        var step = Int64(firstStep)
        time &+= step
        timestamps.append(time)
        var isAscending = step > 0
        let isPacked = Self.readPacked(header.count - 2, bytes, &at) { change in
            step &+= change
            isAscending = isAscending && step > 0
            time &+= step
            timestamps.append(time)
        }
        return isPacked && isAscending && time == header.last
    }

    private mutating func readValues(
        _ count: Int,
        _ mode: Self.ValueMode,
        _ bytes: Span<UInt8>,
        _ at: inout Int
    ) -> Bool {
        switch mode {
        case .constant:
            guard at + 8 <= bytes.count else { return false }
            values.append(contentsOf: repeatElement(Double(bitPattern: bytes.uint64(at: at)), count: count))
            at += 8
            return true
        case .xor: return readXOR(count, bytes, &at)
        case .delta, .deltaOfDelta: return readDecimals(count, isSteady: mode == .deltaOfDelta, bytes, &at)
        }
    }

    private mutating func readDecimals(_ count: Int, isSteady: Bool, _ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
        guard count > 1, at < bytes.count, Int(bytes[at]) <= Self.powersOfTen.count - 1 else { return false }
        let power = Self.powersOfTen[Int(bytes[at])]
        at += 1
        guard let first = bytes.varint(&at) else { return false }
        var mantissa = unzigzag(first)
        values.append(Double(mantissa) / power)
        guard isSteady else {
            return Self.readPacked(count - 1, bytes, &at) { change in
                mantissa &+= change
                values.append(Double(mantissa) / power)
            }
        }
        guard let firstStep = bytes.varint(&at) else { return false }
        var step = unzigzag(firstStep)
        mantissa &+= step
        values.append(Double(mantissa) / power)
        return Self.readPacked(count - 2, bytes, &at) { change in
            step &+= change
            mantissa &+= step
            values.append(Double(mantissa) / power)
        }
    }

    private mutating func readXOR(_ count: Int, _ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
        guard at + 8 <= bytes.count else { return false }
        var bits = bytes.uint64(at: at)
        values.append(Double(bitPattern: bits))
        var reader = BitReader(at: at + 8)
        var (leading, width) = (0, 0)
        for _ in 1..<max(count, 1) {
            if reader.read(bytes, width: 1) == 1 {
                if reader.read(bytes, width: 1) == 1 {
                    leading = Int(reader.read(bytes, width: 6))
                    width = Int(reader.read(bytes, width: 6)) + 1
                }
                guard width > 0, leading + width <= 64 else { return false }
                bits ^= reader.read(bytes, width: width) << UInt64(64 - leading - width)
            }
            values.append(Double(bitPattern: bits))
        }
        at = reader.place
        return !reader.isPastEnd
    }

    @inline(__always)
    private static func readPacked(
        _ count: Int,
        _ bytes: Span<UInt8>,
        _ at: inout Int,
        _ body: (Int64) -> Void
    ) -> Bool {
        guard at + 2 <= bytes.count else { return false }
        let (small, large) = (Int(bytes[at]), Int(bytes[at + 1]))
        guard small <= large, large <= 64 else { return false }
        var reader = BitReader(at: at + 2)
        for _ in 0..<count {
            let isLarge = small != large && reader.read(bytes, width: 1) == 1
            body(unzigzag(reader.read(bytes, width: isLarge ? large : small)))
        }
        at = reader.place
        return !reader.isPastEnd
    }
}
