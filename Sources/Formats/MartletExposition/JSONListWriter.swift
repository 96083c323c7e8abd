import MartletCore
import MartletMetrics

/// Writes `{"metrics":[{"name":…,"type":…,"value":…,"labels":{…},"timestamp":…}]}`, one entry a series.
///
/// A histogram's value is `{"buckets":[{"le":0.1,"count":2},…],"sum":…,"count":…}`, a summary's
/// `{"quantiles":[{"quantile":0.5,"value":…},…],"sum":…,"count":…}`. Numbers that JSON does not have are the texts
/// `"NaN"`, `"+Inf"` and `"-Inf"`. The type is what the metric was declared as, so that a timer is a `timer`.
struct JSONListWriter: FamilyWriting {
    var bytes: [UInt8]
    private let now: Int64
    private var isFirst = true

    init(_ bytes: [UInt8], now: Int64) {
        self.bytes = bytes
        self.now = now
    }

    mutating func start() {
        bytes.append(utf8: "{\"metrics\":[")
    }

    mutating func open(_ family: MetricFamily) -> Bool { true }

    mutating func write(_ series: MetricSeries, of family: MetricFamily) {
        if !isFirst { bytes.append(utf8: ",\n") }
        isFirst = false
        var writer = JSONWriter()
        writer.object { entry in
            entry.member("name", family.name)
            entry.member("type", family.kind.rawValue)
            entry.member("description", family.metadata.help)
            entry.member("unit", family.metadata.unit)
            entry.member("labels", labels: series.labels)
            entry.key("value")
            entry.value(series.value)
            entry.member("timestamp", series.timestamp ?? now)
            if let created = series.created { entry.member("created", created) }
            if let exemplar = series.exemplar {
                entry.key("exemplar")
                entry.value(exemplar)
            }
        }
        bytes += writer.bytes
    }

    mutating func end() {
        bytes.append(utf8: "]}\n")
    }
}

extension JSONWriter {
    /// Writes what a series says.
    mutating func value(_ value: MetricValue) {
        switch value {
        case .integer(let count): integer(count)
        case .number(let value): number(value)
        case .histogram(let histogram): self.value(histogram)
        case .summary(let summary):
            object { part in
                part.member("quantiles", array: summary.quantiles) { list, quantile in
                    list.object {
                        $0.member("quantile", quantile.share)
                        $0.member("value", quantile.value)
                    }
                }
                part.member("sum", summary.sum)
                part.member("count", summary.count)
            }
        }
    }

    /// Writes an exemplar.
    mutating func value(_ exemplar: Exemplar) {
        object { part in
            part.member("labels", labels: exemplar.labels)
            part.member("value", exemplar.value)
            if let timestamp = exemplar.timestamp { part.member("timestamp", timestamp) }
        }
    }

    private mutating func value(_ histogram: HistogramValue) {
        object { part in
            part.member("buckets", array: histogram.buckets) { list, bucket in
                list.object { entry in
                    entry.member("le", bucket.upperBound)
                    entry.member("count", bucket.cumulativeCount)
                    if let exemplar = bucket.exemplar {
                        entry.key("exemplar")
                        entry.value(exemplar)
                    }
                }
            }
            part.member("sum", histogram.sum)
            part.member("count", histogram.count)
            if let native = histogram.native {
                part.key("native")
                part.value(native)
            }
        }
    }

    private mutating func value(_ native: NativeHistogramValue) {
        object { part in
            part.member("schema", native.schema)
            part.member("zero_threshold", native.zeroThreshold)
            part.member("zero_count", native.zeroCount)
            for (sign, spans, counts) in [
                ("positive", native.positiveSpans, native.positiveCounts),
                ("negative", native.negativeSpans, native.negativeCounts),
            ] {
                part.member(
                    sign,
                    object: { side in
                        side.member("spans", array: spans) { list, span in
                            list.object {
                                $0.member("offset", span.offset)
                                $0.member("length", span.length)
                            }
                        }
                        side.member("counts", array: counts) { $0.number($1) }
                    }
                )
            }
            part.member("exemplars", array: native.exemplars) { $0.value($1) }
        }
    }
}
