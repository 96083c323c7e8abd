/// Compresses a stretch of a series: times as differences of differences, values as decimal differences where that is
/// exact, else as XORs after Gorilla (Pelkonen et al., VLDB 2015).
enum ChunkEncoder {
    /// How the values of a chunk are written.
    enum ValueMode: UInt8 {
        case constant, delta, deltaOfDelta, xor
    }

    /// The flag beside the mode: every time follows the one before at the same distance.
    static let isRegularFlag: UInt8 = 4

    /// The highest power of ten by which values are multiplied to become whole.
    static let exponentMax = 12

    /// The powers of ten, all exact.
    static let powersOfTen: [Double] = (0...exponentMax).map { exponent in
        (0..<exponent).reduce(1.0) { product, _ in product * 10 }
    }

    static func encode(_ timestamps: ArraySlice<Int64>, _ values: ArraySlice<Double>) -> [UInt8] {
        let first = timestamps[timestamps.startIndex]
        let last = timestamps[timestamps.endIndex - 1]
        let changes = differences(differences(Array(timestamps)))
        let isRegular = changes.allSatisfy { $0 == 0 }
        let plan = plan(Array(values))

        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + values.count)
        Varint.append(UInt64(timestamps.count), to: &bytes)
        Varint.append(Varint.zigzag(first), to: &bytes)
        Varint.append(UInt64(bitPattern: last &- first), to: &bytes)
        bytes.append(plan.mode.rawValue | (isRegular ? isRegularFlag : 0))
        if timestamps.count > 1, !isRegular {
            Varint.append(UInt64(bitPattern: timestamps[timestamps.startIndex + 1] &- first), to: &bytes)
            appendPacked(changes, to: &bytes)
        }
        append(plan, of: values, to: &bytes)
        return bytes
    }

    private struct Plan {
        var mode: ValueMode
        var exponent = 0
        var mantissas: [Int64] = []
        var changes: [Int64] = []
    }

    private static func plan(_ values: [Double]) -> Plan {
        let bits = values[0].bitPattern
        if values.allSatisfy({ $0.bitPattern == bits }) { return Plan(mode: .constant) }
        guard let (exponent, mantissas) = decimals(values) else { return Plan(mode: .xor) }
        let deltas = differences(mantissas)
        let changes = differences(deltas)
        let isSteady = PackedWidths(changes).bitCount < PackedWidths(deltas).bitCount
        return Plan(
            mode: isSteady ? .deltaOfDelta : .delta,
            exponent: exponent,
            mantissas: mantissas,
            changes: isSteady ? changes : deltas
        )
    }

    /// The values as whole numbers of one power of ten that give back the same bits, if there is such a power.
    private static func decimals(_ values: [Double]) -> (exponent: Int, mantissas: [Int64])? {
        var exponent = 0
        for value in values {
            while mantissa(value, exponent) == nil {
                exponent += 1
                if exponent > exponentMax { return nil }
            }
        }
        var mantissas: [Int64] = []
        mantissas.reserveCapacity(values.count)
        for value in values {
            guard let mantissa = mantissa(value, exponent) else { return nil }
            mantissas.append(mantissa)
        }
        return (exponent, mantissas)
    }

    private static func mantissa(_ value: Double, _ exponent: Int) -> Int64? {
        let scaled = (value * powersOfTen[exponent]).rounded()
        guard scaled.magnitude <= 9_007_199_254_740_992 else { return nil }
        let whole = Int64(scaled)
        return (Double(whole) / powersOfTen[exponent]).bitPattern == value.bitPattern ? whole : nil
    }

    private static func append(_ plan: Plan, of values: ArraySlice<Double>, to bytes: inout [UInt8]) {
        let first = values[values.startIndex]
        switch plan.mode {
        case .constant: bytes.appendLittleEndian(first.bitPattern)
        case .xor:
            bytes.appendLittleEndian(first.bitPattern)
            appendXOR(values, to: &bytes)
        case .delta, .deltaOfDelta:
            bytes.append(UInt8(plan.exponent))
            Varint.append(Varint.zigzag(plan.mantissas[0]), to: &bytes)
            if plan.mode == .deltaOfDelta {
                Varint.append(Varint.zigzag(plan.mantissas[1] &- plan.mantissas[0]), to: &bytes)
            }
            appendPacked(plan.changes, to: &bytes)
        }
    }

    private static func appendPacked(_ numbers: [Int64], to bytes: inout [UInt8]) {
        let widths = PackedWidths(numbers)
        bytes.append(UInt8(widths.small))
        bytes.append(UInt8(widths.large))
        var writer = BitWriter(after: bytes)
        bytes = []
        for number in numbers {
            let zigzag = Varint.zigzag(number)
            let isLarge = 64 - zigzag.leadingZeroBitCount > widths.small
            if widths.small != widths.large { writer.write(isLarge ? 1 : 0, width: 1) }
            writer.write(zigzag, width: isLarge ? widths.large : widths.small)
        }
        bytes = writer.finish()
    }

    private static func appendXOR(_ values: ArraySlice<Double>, to bytes: inout [UInt8]) {
        var writer = BitWriter(after: bytes)
        bytes = []
        var previous = values[values.startIndex].bitPattern
        var (leading, width) = (0, 0)
        for value in values.dropFirst() {
            let difference = value.bitPattern ^ previous
            previous = value.bitPattern
            guard difference != 0 else {
                writer.write(0, width: 1)
                continue
            }
            let (zerosAbove, zerosBelow) = (difference.leadingZeroBitCount, difference.trailingZeroBitCount)
            let isInside = width > 0 && zerosAbove >= leading && zerosBelow >= 64 - leading - width
            // A window much wider than needed is given up: its 12 bits of description are soon earned back.
            if isInside, width - (64 - zerosAbove - zerosBelow) < 12 {
                writer.write(0b10, width: 2)
            } else {
                (leading, width) = (zerosAbove, 64 - zerosAbove - zerosBelow)
                writer.write(0b11, width: 2)
                writer.write(UInt64(leading), width: 6)
                writer.write(UInt64(width - 1), width: 6)
            }
            writer.write(difference >> UInt64(64 - leading - width), width: width)
        }
        bytes = writer.finish()
    }

    private static func differences(_ numbers: [Int64]) -> [Int64] {
        guard numbers.count > 1 else { return [] }
        return (1..<numbers.count).map { numbers[$0] &- numbers[$0 - 1] }
    }
}

/// The two widths that pack a list of numbers best: one for most of them, one for the rest; a bit tells which.
struct PackedWidths {
    var small = 0
    var large = 0
    var bitCount = 0

    init(_ numbers: [Int64]) {
        var counts = [Int](repeating: 0, count: 65)
        for number in numbers {
            let width = 64 - Varint.zigzag(number).leadingZeroBitCount
            counts[width] += 1
            large = max(large, width)
        }
        small = large
        bitCount = numbers.count * large
        var fitting = 0
        for width in 0..<large {
            fitting += counts[width]
            let bits = numbers.count + fitting * width + (numbers.count - fitting) * large
            if bits < bitCount { (small, bitCount) = (width, bits) }
        }
    }
}
