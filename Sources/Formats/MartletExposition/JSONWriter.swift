import MartletCore
import MartletMetrics

/// Writes `{"metrics":[{"name":…,"type":…,"value":…,"labels":{…},"timestamp":…}]}`, one entry a series.
///
/// A histogram's value is `{"buckets":[{"le":0.1,"count":2},…],"sum":…,"count":…}`, a summary's
/// `{"quantiles":[{"quantile":0.5,"value":…},…],"sum":…,"count":…}`. Numbers that JSON does not have are the texts
/// `"NaN"`, `"+Inf"` and `"-Inf"`.
enum JSONWriter {
    static func write(_ families: [MetricFamily], now: Int64, to bytes: inout [UInt8]) {
        bytes.append(utf8: "{\"metrics\":[")
        var isFirst = true
        for family in families {
            for series in family.series {
                bytes.append(utf8: isFirst ? "\n" : ",\n")
                isFirst = false
                write(series, of: family, now: now, to: &bytes)
            }
        }
        bytes.append(utf8: "\n]}\n")
    }

    private static func write(
        _ series: MetricSeries,
        of family: MetricFamily,
        now: Int64,
        to bytes: inout [UInt8]
    ) {
        bytes.append(utf8: "{\"name\":")
        JSONText.append(family.name, to: &bytes)
        bytes.append(utf8: ",\"type\":\"\(family.metadata.type.rawValue)\",\"description\":")
        JSONText.append(family.metadata.help, to: &bytes)
        bytes.append(utf8: ",\"unit\":")
        JSONText.append(family.metadata.unit, to: &bytes)
        bytes.append(utf8: ",\"labels\":{")
        for (index, label) in series.labels.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONText.append(label.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONText.append(label.value, to: &bytes)
        }
        bytes.append(utf8: "},\"value\":")
        write(series.value, to: &bytes)
        bytes.append(utf8: ",\"timestamp\":\(series.timestamp ?? now)}")
    }

    private static func write(_ value: MetricValue, to bytes: inout [UInt8]) {
        switch value {
        case .integer(let count): bytes.append(decimal: count)
        case .number(let number): write(number, to: &bytes)
        case .histogram(let histogram):
            let buckets = histogram.buckets.map { "{\"le\":\(text($0.upperBound)),\"count\":\($0.cumulativeCount)}" }
            let list = buckets.joined(separator: ",")
            bytes.append(
                utf8: "{\"buckets\":[\(list)],\"sum\":\(text(histogram.sum)),\"count\":\(histogram.count)}"
            )
        case .summary(let summary):
            let quantiles = summary.quantiles.map { "{\"quantile\":\(text($0.share)),\"value\":\(text($0.value))}" }
            let list = quantiles.joined(separator: ",")
            bytes.append(
                utf8: "{\"quantiles\":[\(list)],\"sum\":\(text(summary.sum)),\"count\":\(summary.count)}"
            )
        }
    }

    private static func write(_ number: Double, to bytes: inout [UInt8]) {
        bytes.append(utf8: text(number))
    }

    private static func text(_ number: Double) -> String {
        number.isFinite ? FloatText.shortest(number) : "\"\(FloatText.shortest(number))\""
    }
}
