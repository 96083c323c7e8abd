import MartletFiles
import MartletSeries

/// The bytes of native histograms and of numbers among them; docs/formats/segment.md says the same in words.
enum HistogramCodec {
    private static let number: UInt8 = 0
    private static let histogram: UInt8 = 1
    private static let likeBefore: UInt8 = 2

    /// More buckets or spans than this are taken for damage.
    private static let itemsMax: UInt64 = 65_536

    /// Appends samples, each a number or a histogram; a histogram with the layout of the last one tells only counts.
    static func encode(_ values: [Double], _ histograms: [NativeHistogram?], to writer: ByteWriter) {
        var before: NativeHistogram?
        for (value, sample) in zip(values, histograms) {
            guard let sample else {
                writer.put(byte: number)
                writer.put(value.bitPattern, bytes: 8)
                continue
            }
            if let before, hasLayout(sample, of: before) {
                writer.put(byte: likeBefore)
            } else {
                writer.put(byte: histogram)
                putLayout(sample, to: writer)
            }
            putCounts(sample, to: writer)
            before = sample
        }
    }

    /// Appends one histogram by itself.
    static func encode(_ histogram: NativeHistogram, to writer: ByteWriter) {
        putLayout(histogram, to: writer)
        putCounts(histogram, to: writer)
    }

    private static func hasLayout(_ sample: NativeHistogram, of other: NativeHistogram) -> Bool {
        sample.schema == other.schema && sample.zeroThreshold.bitPattern == other.zeroThreshold.bitPattern
            && sample.positiveSpans == other.positiveSpans && sample.negativeSpans == other.negativeSpans
            && sample.customBounds.elementsEqual(other.customBounds) { $0.bitPattern == $1.bitPattern }
    }

    private static func putLayout(_ sample: NativeHistogram, to writer: ByteWriter) {
        writer.putZigzag(Int64(sample.schema))
        writer.put(sample.zeroThreshold.bitPattern, bytes: 8)
        for spans in [sample.positiveSpans, sample.negativeSpans] {
            writer.putVarint(UInt64(spans.count))
            for span in spans {
                writer.putZigzag(Int64(span.offset))
                writer.putVarint(UInt64(span.length))
            }
        }
        writer.putVarint(UInt64(sample.customBounds.count))
        for bound in sample.customBounds { writer.put(bound.bitPattern, bytes: 8) }
    }

    private static func putCounts(_ sample: NativeHistogram, to writer: ByteWriter) {
        writer.put(byte: sample.resetHint.rawValue)
        putCount(sample.zeroCount, to: writer)
        putCount(sample.count, to: writer)
        writer.put(sample.sum.bitPattern, bytes: 8)
        for count in sample.positiveBuckets { putCount(count, to: writer) }
        for count in sample.negativeBuckets { putCount(count, to: writer) }
    }

    /// A whole count as an even varint, any other as 1 and its bits.
    private static func putCount(_ count: Double, to writer: ByteWriter) {
        if count.magnitude <= 4_503_599_627_370_496, Double(Int64(count)).bitPattern == count.bitPattern, count >= 0 {
            writer.putVarint(UInt64(count) << 1)
        } else {
            writer.put(byte: 1)
            writer.put(count.bitPattern, bytes: 8)
        }
    }

    /// Appends samples and moves behind them; `false` where the bytes make no such samples.
    static func decode(
        _ bytes: Span<UInt8>,
        _ at: inout Int,
        count: Int,
        into values: inout [Double],
        _ histograms: inout [NativeHistogram?]
    ) -> Bool {
        var before: NativeHistogram?
        for _ in 0..<count {
            guard at < bytes.count else { return false }
            let form = bytes[at]
            at += 1
            if form == number {
                guard at + 8 <= bytes.count else { return false }
                values.append(Double(bitPattern: bytes.word(at: at)))
                histograms.append(nil)
                at += 8
                continue
            }
            guard form == histogram || (form == likeBefore && before != nil) else { return false }
            guard let sample = read(bytes, &at, layout: form == likeBefore ? before : nil) else { return false }
            values.append(sample.sum)
            histograms.append(sample)
            before = sample
        }
        return true
    }

    /// Reads one histogram and moves behind it; without a layout its own is read first.
    static func read(_ bytes: Span<UInt8>, _ at: inout Int, layout: NativeHistogram? = nil) -> NativeHistogram? {
        var schema: Int32 = 0
        var threshold = 0.0
        var spans: [[NativeHistogram.Span]] = []
        var bounds: [Double] = []
        if let layout {
            (schema, threshold, bounds) = (layout.schema, layout.zeroThreshold, layout.customBounds)
            spans = [layout.positiveSpans, layout.negativeSpans]
        } else {
            guard let number = bytes.varint(&at),
                let narrow = Int32(exactly: unzigzag(number)), at + 8 <= bytes.count
            else { return nil }
            schema = narrow
            threshold = Double(bitPattern: bytes.word(at: at))
            at += 8
            for _ in 0..<2 {
                guard let list = readSpans(bytes, &at) else { return nil }
                spans.append(list)
            }
            guard let count = bytes.varint(&at), count <= itemsMax, Int(count) * 8 <= bytes.count - at else {
                return nil
            }
            for _ in 0..<count {
                bounds.append(Double(bitPattern: bytes.word(at: at)))
                at += 8
            }
        }
        guard at < bytes.count, let hint = NativeHistogram.ResetHint(rawValue: bytes[at]) else { return nil }
        at += 1
        guard let zeroCount = readCount(bytes, &at), let count = readCount(bytes, &at), at + 8 <= bytes.count else {
            return nil
        }
        let sum = Double(bitPattern: bytes.word(at: at))
        at += 8
        guard let positive = readCounts(bytes, &at, spans[0]), let negative = readCounts(bytes, &at, spans[1]) else {
            return nil
        }
        return NativeHistogram(
            resetHint: hint,
            schema: schema,
            zeroThreshold: threshold,
            zeroCount: zeroCount,
            count: count,
            sum: sum,
            positiveSpans: spans[0],
            positiveBuckets: positive,
            negativeSpans: spans[1],
            negativeBuckets: negative,
            customBounds: bounds
        )
    }

    private static func readSpans(_ bytes: Span<UInt8>, _ at: inout Int) -> [NativeHistogram.Span]? {
        guard let count = bytes.varint(&at), count <= itemsMax else { return nil }
        var spans: [NativeHistogram.Span] = []
        var buckets: UInt64 = 0
        for _ in 0..<count {
            guard let offset = bytes.varint(&at), let narrow = Int32(exactly: unzigzag(offset)),
                let length = bytes.varint(&at), length <= itemsMax
            else { return nil }
            buckets += length
            guard buckets <= itemsMax else { return nil }
            spans.append(.init(offset: narrow, length: UInt32(length)))
        }
        return spans
    }

    private static func readCounts(_ bytes: Span<UInt8>, _ at: inout Int, _ spans: [NativeHistogram.Span]) -> [Double]?
    {
        var counts: [Double] = []
        for _ in 0..<spans.reduce(0, { $0 + Int($1.length) }) {
            guard let count = readCount(bytes, &at) else { return nil }
            counts.append(count)
        }
        return counts
    }

    private static func readCount(_ bytes: Span<UInt8>, _ at: inout Int) -> Double? {
        guard let number = bytes.varint(&at) else { return nil }
        if number & 1 == 0 { return Double(number >> 1) }
        guard number == 1, at + 8 <= bytes.count else { return nil }
        defer { at += 8 }
        return Double(bitPattern: bytes.word(at: at))
    }
}
