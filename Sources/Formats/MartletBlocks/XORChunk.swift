/// Times as differences of differences, values as what changed of their bits.
enum XORChunk {
    static func read(_ data: [UInt8], _ body: (Int64, Double) throws -> Void) throws {
        guard data.count >= 2 else { throw BlockError.truncated("a chunk", at: data.count) }
        let count = Int(data[0]) << 8 | Int(data[1])
        var bits = BitReader(data, from: 2)
        var (time, delta): (Int64, Int64) = (0, 0)
        var value = XORValue()
        for index in 0..<count {
            switch index {
            case 0:
                let folded = try bits.varint()
                time = Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
                value = XORValue(bits: try bits.bits(64))
            case 1:
                delta = Int64(bitPattern: try bits.varint())
                time &+= delta
                try value.read(&bits)
            default:
                delta &+= try deltaOfDelta(&bits)
                time &+= delta
                try value.read(&bits)
            }
            try body(time, value.number)
        }
    }

    private static func deltaOfDelta(_ bits: inout BitReader) throws(BlockError) -> Int64 {
        for size in [0, 14, 17, 20] where try !bits.bit() { return size == 0 ? 0 : try bits.signed(size) }
        return try bits.signed(64)
    }
}

/// A value that is stored as what changed since the one before it.
struct XORValue {
    private var bits: UInt64 = 0
    private var leading: Int?
    private var trailing = 0

    init(bits: UInt64 = 0) {
        self.bits = bits
    }

    var number: Double { Double(bitPattern: bits) }

    mutating func read(_ reader: inout BitReader) throws(BlockError) {
        guard try reader.bit() else { return }
        if try reader.bit() {
            let leading = Int(try reader.bits(5))
            let count = Int(try reader.bits(6))
            let significant = count == 0 ? 64 : count
            guard leading + significant <= 64 else { throw BlockError("a chunk has a value of over 64 bits") }
            self.leading = leading
            trailing = 64 - leading - significant
        }
        guard let leading else { throw BlockError("a chunk refers to bits of a value that is not there") }
        bits ^= try reader.bits(64 - leading - trailing) << UInt64(trailing)
    }
}
