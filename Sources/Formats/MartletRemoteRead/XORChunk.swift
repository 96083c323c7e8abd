/// Samples as Prometheus packs them into chunks: deltas of deltas of times, and exclusive ors of neighbouring values.
///
/// - SeeAlso: [Chunk formats](https://github.com/prometheus/prometheus/blob/v3.5.0/tsdb/docs/format/chunks.md#xor-chunk-data)
struct XORChunk {
    private var bits = BitWriter()
    private var leading = 0xff
    private var trailing = 0
    private var previous: UInt64 = 0

    /// Packs samples.
    ///
    /// - Precondition: There are as many times as values, and at most 65,535.
    static func encode(_ timestamps: ArraySlice<Int64>, _ values: ArraySlice<Double>) -> [UInt8] {
        precondition(timestamps.count == values.count && timestamps.count <= 0xffff)
        var chunk = XORChunk()
        chunk.bits.append(UInt64(timestamps.count), count: 16)
        var (last, delta): (Int64, Int64) = (0, 0)
        for (index, (timestamp, value)) in zip(timestamps, values).enumerated() {
            switch index {
            case 0:
                chunk.appendVarint(timestamp)
                chunk.bits.append(value.bitPattern, count: 64)
            case 1:
                delta = timestamp &- last
                chunk.appendUnsignedVarint(UInt64(bitPattern: delta))
                chunk.append(value)
            default:
                let next = timestamp &- last
                chunk.append(change: next &- delta)
                delta = next
                chunk.append(value)
            }
            last = timestamp
            chunk.previous = value.bitPattern
        }
        return chunk.bits.bytes
    }

    private mutating func append(change: Int64) {
        switch change {
        case 0: bits.append(0, count: 1)
        case -8191...8192:
            bits.append(0b10, count: 2)
            bits.append(UInt64(bitPattern: change), count: 14)
        case -65535...65536:
            bits.append(0b110, count: 3)
            bits.append(UInt64(bitPattern: change), count: 17)
        case -524_287...524_288:
            bits.append(0b1110, count: 4)
            bits.append(UInt64(bitPattern: change), count: 20)
        default:
            bits.append(0b1111, count: 4)
            bits.append(UInt64(bitPattern: change), count: 64)
        }
    }

    private mutating func append(_ value: Double) {
        let difference = value.bitPattern ^ previous
        guard difference != 0 else { return bits.append(0, count: 1) }
        bits.append(1, count: 1)
        let newLeading = min(difference.leadingZeroBitCount, 31)
        let newTrailing = difference.trailingZeroBitCount
        if leading != 0xff, newLeading >= leading, newTrailing >= trailing {
            bits.append(0, count: 1)
            bits.append(difference >> UInt64(trailing), count: 64 - leading - trailing)
            return
        }
        (leading, trailing) = (newLeading, newTrailing)
        let count = 64 - leading - trailing
        bits.append(1, count: 1)
        bits.append(UInt64(leading), count: 5)
        // 64 does not fit into six bits and is written as 0.
        bits.append(UInt64(count & 63), count: 6)
        bits.append(difference >> UInt64(trailing), count: count)
    }

    private mutating func appendVarint(_ number: Int64) {
        appendUnsignedVarint(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
    }

    private mutating func appendUnsignedVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bits.append(rest & 0x7f | 0x80, count: 8)
            rest >>= 7
        }
        bits.append(rest, count: 8)
    }
}

/// Bits one after the other, the highest of each number first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var free = 0

    /// Appends the lowest `count` bits of a number.
    mutating func append(_ number: UInt64, count: Int) {
        var left = count
        while left > 0 {
            if free == 0 {
                bytes.append(0)
                free = 8
            }
            let taken = min(free, left)
            let part = (number >> UInt64(left - taken)) & ((1 << UInt64(taken)) - 1)
            bytes[bytes.count - 1] |= UInt8(truncatingIfNeeded: part << UInt64(free - taken))
            free -= taken
            left -= taken
        }
    }
}
