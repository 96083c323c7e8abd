/// Native histograms of one layout, which the chunk says once.
enum HistogramChunk {
    /// A chunk may claim at most this many runs of buckets, and this many buckets.
    private static let bucketsMax: UInt64 = 100_000

    static func read(integers data: [UInt8], _ body: (Int64, BlockHistogram) throws -> Void) throws {
        let (sampleCount, first, start) = try layout(data)
        var histogram = first
        var bits = start
        let positive = histogram.positiveBuckets.count
        var buckets = [Int64](repeating: 0, count: positive + histogram.negativeBuckets.count)
        var bucketDeltas = buckets
        var (time, timeDelta): (Int64, Int64) = (0, 0)
        var counts: [Int64] = [0, 0]
        var countDeltas: [Int64] = [0, 0]
        var sum = XORValue()
        for index in 0..<sampleCount {
            if index == 0 {
                time = try bits.varbitSigned()
                counts = [Int64(bitPattern: try bits.varbit()), Int64(bitPattern: try bits.varbit())]
                sum = XORValue(bits: try bits.bits(64))
                if !isStale(sum.number) {
                    for place in buckets.indices { buckets[place] = try bits.varbitSigned() }
                }
            } else {
                timeDelta &+= try bits.varbitSigned()
                time &+= timeDelta
                for place in counts.indices {
                    countDeltas[place] &+= try bits.varbitSigned()
                    counts[place] &+= countDeltas[place]
                }
                try sum.read(&bits)
                if !isStale(sum.number) {
                    for place in buckets.indices {
                        bucketDeltas[place] &+= try bits.varbitSigned()
                        buckets[place] &+= bucketDeltas[place]
                    }
                }
            }
            histogram.count = Double(UInt64(bitPattern: counts[0]))
            histogram.zeroCount = Double(UInt64(bitPattern: counts[1]))
            histogram.sum = sum.number
            // A bucket is stored as its difference to the one before it.
            histogram.positiveBuckets = absolute(buckets[..<positive])
            histogram.negativeBuckets = absolute(buckets[positive...])
            try body(time, histogram)
            histogram.resetHint = histogram.resetHint == 3 ? 3 : 2
        }
    }

    static func read(floats data: [UInt8], _ body: (Int64, BlockHistogram) throws -> Void) throws {
        let (sampleCount, first, start) = try layout(data)
        var histogram = first
        var bits = start
        let positive = histogram.positiveBuckets.count
        // Count, zero count, sum, then the buckets.
        var values = [XORValue](repeating: XORValue(), count: 3 + positive + histogram.negativeBuckets.count)
        var (time, timeDelta): (Int64, Int64) = (0, 0)
        for index in 0..<sampleCount {
            if index == 0 {
                time = try bits.varbitSigned()
            } else {
                timeDelta &+= try bits.varbitSigned()
                time &+= timeDelta
            }
            for place in values.indices {
                if place >= 3, isStale(values[2].number) { break }
                if index == 0 {
                    values[place] = XORValue(bits: try bits.bits(64))
                } else {
                    try values[place].read(&bits)
                }
            }
            histogram.count = values[0].number
            histogram.zeroCount = values[1].number
            histogram.sum = values[2].number
            histogram.positiveBuckets = values[3..<(3 + positive)].map(\.number)
            histogram.negativeBuckets = values[(3 + positive)...].map(\.number)
            try body(time, histogram)
            histogram.resetHint = histogram.resetHint == 3 ? 3 : 2
        }
    }

    private static func isStale(_ value: Double) -> Bool { value.bitPattern == 0x7ff0_0000_0000_0002 }

    private static func absolute(_ deltas: ArraySlice<Int64>) -> [Double] {
        var count: Int64 = 0
        return deltas.map {
            count &+= $0
            return Double(count)
        }
    }

    private static func layout(
        _ data: [UInt8]
    ) throws(BlockError) -> (sampleCount: Int, histogram: BlockHistogram, bits: BitReader) {
        guard data.count >= 3 else { throw .truncated("a chunk", at: data.count) }
        var bits = BitReader(data, from: 3)
        var histogram = BlockHistogram()
        histogram.resetHint =
            switch data[2] & 0xc0 {
            case 0x80: 1
            case 0x40: 2
            case 0xc0: 3
            default: 0
            }
        histogram.zeroThreshold = try zeroThreshold(&bits)
        histogram.schema = Int32(truncatingIfNeeded: try bits.varbitSigned())
        (histogram.positiveSpans, histogram.positiveBuckets) = try spans(&bits)
        (histogram.negativeSpans, histogram.negativeBuckets) = try spans(&bits)
        if histogram.schema == -53 { histogram.customBounds = try bounds(&bits) }
        return (Int(data[0]) << 8 | Int(data[1]), histogram, bits)
    }

    /// One byte for zero and for powers of two, nine for anything else.
    private static func zeroThreshold(_ bits: inout BitReader) throws(BlockError) -> Double {
        switch try bits.bits(8) {
        case 0: 0
        case 255: Double(bitPattern: try bits.bits(64))
        case let exponent: Double(sign: .plus, exponent: Int(exponent) - 244, significand: 1)
        }
    }

    private static func spans(
        _ bits: inout BitReader
    ) throws(BlockError) -> (spans: [BlockHistogram.Span], buckets: [Double]) {
        let count = try bits.varbit()
        guard count <= bucketsMax else { throw BlockError("a chunk has \(count) runs of buckets") }
        var spans: [BlockHistogram.Span] = []
        var total: UInt64 = 0
        for _ in 0..<count {
            let length = try bits.varbit()
            let offset = try bits.varbitSigned()
            total += min(length, bucketsMax + 1)
            guard total <= bucketsMax else { throw BlockError("a chunk has over \(bucketsMax) buckets") }
            spans.append(.init(offset: Int32(truncatingIfNeeded: offset), length: UInt32(length)))
        }
        return (spans, [Double](repeating: 0, count: Int(total)))
    }

    private static func bounds(_ bits: inout BitReader) throws(BlockError) -> [Double] {
        let count = try bits.varbit()
        guard count <= bucketsMax else { throw BlockError("a chunk has \(count) bounds") }
        var bounds: [Double] = []
        for _ in 0..<count {
            // Thousandths one above themselves; 0 says that all bits follow.
            let thousandths = try bits.varbit()
            bounds.append(thousandths == 0 ? Double(bitPattern: try bits.bits(64)) : Double(thousandths - 1) / 1000)
        }
        return bounds
    }
}
