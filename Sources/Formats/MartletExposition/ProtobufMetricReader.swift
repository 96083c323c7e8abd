import MartletCore
import MartletMetrics
import MartletProtobuf

/// Reads Prometheus' protobuf exposition family by family.
///
/// Fields that are not known are skipped. A sample with a name or label that is not UTF-8, a histogram whose spans and
/// buckets do not agree, and more than the limits allow are errors.
struct ProtobufMetricReader {
    private var stream: ProtobufReader
    private let limits: ParseLimits

    init(_ bytes: [UInt8], limits: ParseLimits) {
        stream = ProtobufReader(bytes)
        self.limits = limits
    }

    /// The next family, `nil` at the end.
    mutating func next() throws(ExpositionReadError) -> MetricFamily? {
        do {
            guard var message = try stream.nextDelimited() else { return nil }
            return try family(&message)
        } catch let error as ProtobufError {
            throw .malformed(offset: error.offset, reason: error.description)
        } catch let error as ExpositionReadError {
            throw error
        } catch {
            throw .malformed(offset: stream.offset, reason: "\(error)")
        }
    }

    private func family(_ message: inout ProtobufReader) throws -> MetricFamily {
        let start = message.offset
        var (name, help, unit) = ("", "", "")
        var type = ProtobufMetricType.counter
        var metrics: [ProtobufReader] = []
        while let field = try message.next() {
            switch field.number {
            case 1: name = try text(field, message)
            case 2: help = try text(field, message)
            case 3: type = ProtobufMetricType(rawValue: try message.unsigned(field)) ?? .untyped
            case 4: metrics.append(try message.message(field))
            case 5: unit = try text(field, message)
            default: break
            }
        }
        guard !name.isEmpty else { throw malformed(start, "a metric family has no name") }
        guard name.utf8.count <= limits.nameBytesMax else {
            throw malformed(start, "a name has \(name.utf8.count) bytes, \(limits.nameBytesMax) are allowed")
        }
        // The type may stand after the metrics, so that they are read last.
        var series: [MetricSeries] = []
        series.reserveCapacity(metrics.count)
        for var metric in metrics { series.append(try self.series(&metric)) }
        return MetricFamily(
            name,
            metadata: MetricMetadata(type: type.type, help: help, unit: unit),
            series: series
        )
    }

    private func series(_ message: inout ProtobufReader) throws -> MetricSeries {
        var labels: [Label] = []
        var series = MetricSeries(value: .number(0))
        while let field = try message.next() {
            switch field.number {
            case 1:
                guard labels.count < limits.labelsMax else {
                    throw malformed(field.offset, "a series has more than \(limits.labelsMax) labels")
                }
                labels.append(try label(try message.message(field)))
            case 2, 5: series.value = .number(try number(try message.message(field)))
            case 3: try counter(try message.message(field), &series)
            case 4: try summary(try message.message(field), &series)
            case 6: series.timestamp = try message.integer(field)
            case 7: try histogram(try message.message(field), &series)
            default: break
            }
        }
        series.labels = LabelSet(labels)
        return series
    }

    // MARK: Parts

    private func malformed(_ offset: Int, _ reason: String) -> ExpositionReadError {
        .malformed(offset: offset, reason: reason)
    }

    private func text(_ field: ProtobufReader.Field, _ reader: ProtobufReader) throws -> String {
        guard let text = try reader.text(field) else { throw malformed(field.offset, "a text is not UTF-8") }
        return text
    }

    private func label(_ message: ProtobufReader) throws -> Label {
        var reader = message
        var label = Label("", "")
        while let field = try reader.next() {
            switch field.number {
            case 1: label.name = try text(field, reader)
            case 2: label.value = try text(field, reader)
            default: break
            }
        }
        guard !label.name.isEmpty else { throw malformed(message.offset, "a label has no name") }
        let bytes = (label.name.utf8.count, label.value.utf8.count)
        guard bytes.0 <= limits.nameBytesMax, bytes.1 <= limits.valueBytesMax else {
            let allowed = "\(limits.nameBytesMax) and \(limits.valueBytesMax) are allowed"
            throw malformed(message.offset, "a label has \(bytes.0) bytes of name and \(bytes.1) of value; \(allowed)")
        }
        return label
    }

    private func number(_ message: ProtobufReader) throws -> Double {
        var reader = message
        var value = 0.0
        while let field = try reader.next() {
            if field.number == 1 { value = try reader.double(field) }
        }
        return value
    }

    private func counter(_ message: ProtobufReader, _ series: inout MetricSeries) throws {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let value = try reader.double(field)
                series.value = UInt64(exactly: value).map { .integer($0) } ?? .number(value)
            case 2: series.exemplar = try exemplar(try reader.message(field))
            case 3: series.created = try time(try reader.message(field))
            default: break
            }
        }
        if case .number(0) = series.value { series.value = .integer(0) }
    }

    private func summary(_ message: ProtobufReader, _ series: inout MetricSeries) throws {
        var reader = message
        var summary = SummaryValue(quantiles: [], sum: 0, count: 0)
        while let field = try reader.next() {
            switch field.number {
            case 1: summary.count = try reader.unsigned(field)
            case 2: summary.sum = try reader.double(field)
            case 3:
                var part = try reader.message(field)
                var quantile = SummaryValue.Quantile(share: 0, value: 0)
                while let field = try part.next() {
                    switch field.number {
                    case 1: quantile.share = try part.double(field)
                    case 2: quantile.value = try part.double(field)
                    default: break
                    }
                }
                summary.quantiles.append(quantile)
            case 4: series.created = try time(try reader.message(field))
            default: break
            }
        }
        series.value = .summary(summary)
    }

    private func exemplar(_ message: ProtobufReader) throws -> Exemplar {
        var reader = message
        var labels: [Label] = []
        var exemplar = Exemplar(labels: .empty, value: 0)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                guard labels.count < limits.labelsMax else {
                    throw malformed(field.offset, "an exemplar has more than \(limits.labelsMax) labels")
                }
                labels.append(try label(try reader.message(field)))
            case 2: exemplar.value = try reader.double(field)
            case 3: exemplar.timestamp = try time(try reader.message(field))
            default: break
            }
        }
        exemplar.labels = LabelSet(labels)
        return exemplar
    }

    /// Milliseconds since the epoch from a `google.protobuf.Timestamp`.
    private func time(_ message: ProtobufReader) throws -> Int64 {
        var reader = message
        var (seconds, nanoseconds): (Int64, Int64) = (0, 0)
        while let field = try reader.next() {
            switch field.number {
            case 1: seconds = try reader.integer(field)
            case 2: nanoseconds = try reader.integer(field)
            default: break
            }
        }
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, sumOverflow) = product.addingReportingOverflow(nanoseconds / 1_000_000)
        guard !overflow, !sumOverflow else { throw malformed(message.offset, "a time of \(seconds) s is out of range") }
        return sum
    }

    private func histogram(_ message: ProtobufReader, _ series: inout MetricSeries) throws {
        var parts = HistogramParts()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: parts.count = try reader.unsigned(field)
            case 2: parts.sum = try reader.double(field)
            case 3: parts.buckets.append(try bucket(try reader.message(field)))
            case 4: parts.countFloat = try reader.double(field)
            case 5: parts.schema = Int32(clamping: try reader.signed(field))
            case 6: parts.zeroThreshold = try reader.double(field)
            case 7: parts.zeroCount = Double(try reader.unsigned(field))
            case 8: parts.zeroCount = try reader.double(field)
            case 9: parts.negative.spans.append(try span(try reader.message(field)))
            case 10: try reader.forEachSigned(field) { parts.negative.add(delta: $0) }
            case 11: try reader.forEachDouble(field) { parts.negative.counts.append($0) }
            case 12: parts.positive.spans.append(try span(try reader.message(field)))
            case 13: try reader.forEachSigned(field) { parts.positive.add(delta: $0) }
            case 14: try reader.forEachDouble(field) { parts.positive.counts.append($0) }
            case 15: series.created = try time(try reader.message(field))
            case 16: parts.exemplars.append(try exemplar(try reader.message(field)))
            default: break
            }
        }
        guard parts.positive.isWhole, parts.negative.isWhole else {
            throw malformed(message.offset, "the spans of a native histogram do not agree with its buckets")
        }
        series.value = .histogram(parts.value)
    }

    private func bucket(_ message: ProtobufReader) throws -> HistogramValue.Bucket {
        var reader = message
        var bucket = HistogramValue.Bucket(upperBound: 0, cumulativeCount: 0)
        while let field = try reader.next() {
            switch field.number {
            case 1: bucket.cumulativeCount = try reader.unsigned(field)
            case 2: bucket.upperBound = try reader.double(field)
            case 3: bucket.exemplar = try exemplar(try reader.message(field))
            case 4: bucket.cumulativeCount = HistogramParts.whole(try reader.double(field))
            default: break
            }
        }
        return bucket
    }

    private func span(_ message: ProtobufReader) throws -> NativeHistogramValue.Span {
        var reader = message
        var span = NativeHistogramValue.Span(offset: 0, length: 0)
        while let field = try reader.next() {
            switch field.number {
            case 1: span.offset = Int32(clamping: try reader.signed(field))
            case 2: span.length = UInt32(clamping: try reader.unsigned(field))
            default: break
            }
        }
        return span
    }
}

/// A histogram message while its fields go by.
private struct HistogramParts {
    /// The buckets of one sign.
    struct Side {
        var spans: [NativeHistogramValue.Span] = []
        var counts: [Double] = []
        private var last: Int64 = 0

        mutating func add(delta: Int64) {
            last &+= delta
            counts.append(Double(last))
        }

        /// Whether there are as many buckets as the spans say.
        var isWhole: Bool { spans.reduce(0) { $0 + Int($1.length) } == counts.count }

        /// The spans without those that hold nothing.
        var filled: [NativeHistogramValue.Span] { spans.filter { $0.length > 0 || counts.count > 0 } }
    }

    var count: UInt64 = 0
    var countFloat: Double?
    var sum = 0.0
    var buckets: [HistogramValue.Bucket] = []
    var schema: Int32?
    var zeroThreshold = 0.0
    var zeroCount = 0.0
    var negative = Side()
    var positive = Side()
    var exemplars: [Exemplar] = []

    /// The nearest count to a number of a histogram of fractions.
    static func whole(_ value: Double) -> UInt64 {
        value >= 0 ? UInt64(exactly: value.rounded()) ?? .max : 0
    }

    var value: HistogramValue {
        let total = countFloat.map(HistogramParts.whole) ?? count
        var all = buckets
        if all.last?.upperBound != .infinity { all.append(.init(upperBound: .infinity, cumulativeCount: total)) }
        let isNative =
            !positive.spans.isEmpty || !negative.spans.isEmpty || zeroCount > 0 || zeroThreshold > 0
        guard let schema, isNative else { return HistogramValue(buckets: all, sum: sum, count: total) }
        let native = NativeHistogramValue(
            schema: schema,
            zeroThreshold: zeroThreshold,
            zeroCount: zeroCount,
            positiveSpans: positive.filled,
            positiveCounts: positive.counts,
            negativeSpans: negative.filled,
            negativeCounts: negative.counts,
            exemplars: exemplars
        )
        return HistogramValue(buckets: all, sum: sum, count: total, native: native)
    }
}
