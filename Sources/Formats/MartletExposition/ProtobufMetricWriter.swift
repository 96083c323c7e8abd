import MartletCore
import MartletMetrics
import MartletProtobuf

/// Writes Prometheus' protobuf exposition: one `io.prometheus.client.MetricFamily` after the other, each with its length
/// before it.
///
/// It is the one exposition format that carries native histograms. It knows no info and no state set: both are written
/// as gauges, as in the text format.
///
/// - SeeAlso: [metrics.proto](https://github.com/prometheus/client_model/blob/v0.6.2/io/prometheus/client/metrics.proto)
struct ProtobufMetricWriter: FamilyWriting {
    private var writer: ProtobufWriter
    private let escaping: NameEscaping

    init(_ bytes: [UInt8], escaping: NameEscaping) {
        writer = ProtobufWriter(bytes)
        self.escaping = escaping
    }

    var bytes: [UInt8] {
        get { writer.bytes }
        _modify { yield &writer.bytes }
    }

    mutating func open(_ family: MetricFamily) -> Bool { true }

    /// Does nothing: the family is written at once when it is closed, because its length stands before it.
    mutating func write(_ series: MetricSeries, of family: MetricFamily) {}

    mutating func close(_ family: MetricFamily) {
        let escaping = escaping
        let type = ProtobufMetricType(family.metadata.type)
        writer.delimited { message in
            message.text(1, escaping.metricName(family.textName))
            message.text(2, ifSet: family.metadata.help)
            message.unsigned(3, type.rawValue)
            for series in family.series {
                message.message(4) { ProtobufMetricWriter.write(series, type, escaping, to: &$0) }
            }
            message.text(5, ifSet: family.metadata.unit)
        }
    }

    private static func write(
        _ series: MetricSeries,
        _ type: ProtobufMetricType,
        _ escaping: NameEscaping,
        to metric: inout ProtobufWriter
    ) {
        for label in series.labels { write(label, escaping, to: &metric) }
        switch (series.value, type) {
        case (.histogram(let value), _):
            metric.message(7) { write(value, created: series.created, escaping, to: &$0) }
        case (.summary(let value), _):
            metric.message(4) { write(value, created: series.created, to: &$0) }
        case (let value, .counter):
            metric.message(3) { counter in
                counter.double(1, value.number ?? 0)
                if let exemplar = series.exemplar {
                    counter.message(2) { write(exemplar, escaping, to: &$0) }
                }
                if let created = series.created { counter.message(3) { write(time: created, to: &$0) } }
            }
        case (let value, .gauge): metric.message(2) { $0.double(1, value.number ?? 0) }
        case (let value, _): metric.message(5) { $0.double(1, value.number ?? 0) }
        }
        if let timestamp = series.timestamp { metric.integer(6, timestamp) }
    }

    private static func write(_ label: Label, _ escaping: NameEscaping, to message: inout ProtobufWriter) {
        message.message(1) { pair in
            pair.text(1, escaping.labelName(label.name))
            pair.text(2, label.value)
        }
    }

    private static func write(_ exemplar: Exemplar, _ escaping: NameEscaping, to message: inout ProtobufWriter) {
        for label in exemplar.labels { write(label, escaping, to: &message) }
        message.double(2, exemplar.value)
        if let timestamp = exemplar.timestamp { message.message(3) { write(time: timestamp, to: &$0) } }
    }

    /// A `google.protobuf.Timestamp`, whose nanoseconds count forward from the second before.
    private static func write(time milliseconds: Int64, to message: inout ProtobufWriter) {
        let second = milliseconds >= 0 ? milliseconds / 1000 : -((-milliseconds + 999) / 1000)
        message.integer(1, ifSet: second)
        message.integer(2, ifSet: (milliseconds - second * 1000) * 1_000_000)
    }

    private static func write(_ summary: SummaryValue, created: Int64?, to message: inout ProtobufWriter) {
        message.unsigned(1, summary.count)
        message.double(2, summary.sum)
        for quantile in summary.quantiles {
            message.message(3) { part in
                part.double(1, quantile.share)
                part.double(2, quantile.value)
            }
        }
        if let created { message.message(4) { write(time: created, to: &$0) } }
    }

    // MARK: Histograms

    private static func write(
        _ histogram: HistogramValue,
        created: Int64?,
        _ escaping: NameEscaping,
        to message: inout ProtobufWriter
    ) {
        let native = histogram.native
        let isWhole = native?.isWhole ?? true
        if isWhole {
            message.unsigned(1, histogram.count)
        } else {
            message.double(4, Double(histogram.count))
        }
        message.double(2, histogram.sum)
        for bucket in histogram.buckets {
            // The count says what the infinite bucket says; a histogram of native buckets alone has no other.
            if native != nil, histogram.buckets.count == 1, bucket.exemplar == nil { continue }
            message.message(3) { part in
                part.unsigned(1, bucket.cumulativeCount)
                part.double(2, bucket.upperBound)
                if let exemplar = bucket.exemplar { part.message(3) { write(exemplar, escaping, to: &$0) } }
            }
        }
        if let native { write(native, isWhole: isWhole, escaping, to: &message) }
        if let created { message.message(15) { write(time: created, to: &$0) } }
    }

    private static func write(
        _ native: NativeHistogramValue,
        isWhole: Bool,
        _ escaping: NameEscaping,
        to message: inout ProtobufWriter
    ) {
        message.signed(5, Int64(native.schema))
        message.double(6, native.zeroThreshold)
        if isWhole {
            message.unsigned(7, UInt64(native.zeroCount))
        } else {
            message.double(8, native.zeroCount)
        }
        write(native.negativeSpans, 9, to: &message)
        write(native.negativeCounts, deltas: 10, counts: 11, isWhole, to: &message)
        var spans = native.positiveSpans
        // A reader knows an empty histogram for a native one by a span without buckets.
        if spans.isEmpty, native.negativeSpans.isEmpty, native.zeroThreshold == 0, native.zeroCount == 0 {
            spans = [.init(offset: 0, length: 0)]
        }
        write(spans, 12, to: &message)
        write(native.positiveCounts, deltas: 13, counts: 14, isWhole, to: &message)
        for exemplar in native.exemplars { message.message(16) { write(exemplar, escaping, to: &$0) } }
    }

    private static func write(
        _ spans: [NativeHistogramValue.Span],
        _ field: UInt64,
        to message: inout ProtobufWriter
    ) {
        for span in spans {
            message.message(field) { part in
                part.signed(1, Int64(span.offset))
                part.unsigned(2, UInt64(span.length))
            }
        }
    }

    private static func write(
        _ counts: [Double],
        deltas: UInt64,
        counts field: UInt64,
        _ isWhole: Bool,
        to message: inout ProtobufWriter
    ) {
        guard !counts.isEmpty else { return }
        if !isWhole { return message.packedDouble(field, counts) }
        var last: Int64 = 0
        message.packedSigned(
            deltas,
            counts.map { count in
                defer { last = Int64(count) }
                return Int64(count) - last
            }
        )
    }
}

extension NativeHistogramValue {
    /// Whether all counts are whole and exact, so that they can be written as integers.
    fileprivate var isWhole: Bool {
        func isWhole(_ count: Double) -> Bool {
            count >= 0 && count <= 9_007_199_254_740_992 && count == count.rounded(.towardZero)
        }
        return isWhole(zeroCount) && positiveCounts.allSatisfy(isWhole) && negativeCounts.allSatisfy(isWhole)
    }
}

/// The metric types of the protobuf exposition, with their numbers.
enum ProtobufMetricType: UInt64 {
    case counter = 0
    case gauge = 1
    case summary = 2
    case untyped = 3
    case histogram = 4
    case gaugeHistogram = 5

    init(_ type: MetricType) {
        self =
            switch type {
            case .counter: .counter
            case .gauge, .info, .stateSet: .gauge
            case .summary: .summary
            case .histogram: .histogram
            case .gaugeHistogram: .gaugeHistogram
            case .unknown: .untyped
            }
    }

    var type: MetricType {
        switch self {
        case .counter: .counter
        case .gauge: .gauge
        case .summary: .summary
        case .untyped: .unknown
        case .histogram: .histogram
        case .gaugeHistogram: .gaugeHistogram
        }
    }
}
