import MartletProtobuf
import MartletSeries

/// Native histograms as `prometheus.Histogram` messages, their counts as doubles.
enum HistogramMessage {
    /// The message of one histogram at a time.
    static func encode(_ histogram: NativeHistogram, at timestamp: Int64) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.double(2, histogram.count)
        writer.double(3, histogram.sum)
        writer.signed(4, Int64(histogram.schema))
        writer.double(5, histogram.zeroThreshold)
        writer.double(7, histogram.zeroCount)
        for span in histogram.negativeSpans { write(span, 8, to: &writer) }
        writer.packedDouble(10, histogram.negativeBuckets)
        for span in histogram.positiveSpans { write(span, 11, to: &writer) }
        writer.packedDouble(13, histogram.positiveBuckets)
        writer.unsigned(14, UInt64(hint(histogram.resetHint)))
        writer.integer(15, timestamp)
        if !histogram.customBounds.isEmpty { writer.packedDouble(16, histogram.customBounds) }
        return writer.bytes
    }

    private static func write(_ span: NativeHistogram.Span, _ field: UInt64, to writer: inout ProtobufWriter) {
        writer.message(field) {
            $0.signed(1, Int64(span.offset))
            $0.unsigned(2, UInt64(span.length))
        }
    }

    /// The protocol's number of a hint: UNKNOWN, YES, NO, GAUGE.
    private static func hint(_ hint: NativeHistogram.ResetHint) -> Int {
        switch hint {
        case .unknown: 0
        case .reset: 1
        case .notReset: 2
        case .gauge: 3
        }
    }
}
