import MartletCore
import MartletMetrics

/// Writes the text format of Prometheus, version 0.0.4.
///
/// The format has no info, state set or gauge histogram: the first two are written as gauges, the last as untyped.
///
/// - SeeAlso: [Exposition formats](https://prometheus.io/docs/instrumenting/exposition_formats/)
struct TextWriter: FamilyWriting {
    var bytes: [UInt8]
    private let line: SampleLine
    private var name = ""

    init(_ bytes: [UInt8], escaping: NameEscaping) {
        self.bytes = bytes
        line = SampleLine(escaping: escaping)
    }

    mutating func open(_ family: MetricFamily) -> Bool {
        name = line.escaping.metricName(family.name)
        if !family.metadata.help.isEmpty {
            startMetadata("HELP", name)
            bytes.append(escaping: family.metadata.help, quotes: false)
            bytes.append(UInt8(ascii: "\n"))
        }
        startMetadata("TYPE", name)
        bytes.append(utf8: TextWriter.typeName(family.metadata.type) + "\n")
        return true
    }

    mutating func write(_ series: MetricSeries, of family: MetricFamily) {
        let isGauge = family.metadata.type == .gaugeHistogram
        write(series, name, isGauge ? ("_gcount", "_gsum") : ("_count", "_sum"))
    }

    private mutating func startMetadata(_ keyword: String, _ name: String) {
        bytes.append(utf8: "# \(keyword) ")
        line.appendName(name, to: &bytes)
        bytes.append(UInt8(ascii: " "))
    }

    private mutating func write(_ series: MetricSeries, _ name: String, _ suffix: (count: String, sum: String)) {
        switch series.value {
        case .integer(let count):
            line.appendSeries(name, series.labels, to: &bytes)
            bytes.append(decimal: count)
            end(series)
        case .number(let number):
            line.appendSeries(name, series.labels, to: &bytes)
            bytes.append(number: number)
            end(series)
        case .histogram(let histogram):
            for bucket in histogram.buckets {
                let bound = FloatText.shortest(bucket.upperBound)
                line.appendSeries(name + "_bucket", series.labels, extra: ("le", bound), to: &bytes)
                bytes.append(decimal: bucket.cumulativeCount)
                end(series)
            }
            write(series, name, suffix, sum: histogram.sum, count: histogram.count)
        case .summary(let summary):
            for quantile in summary.quantiles {
                let share = FloatText.shortest(quantile.share)
                line.appendSeries(name, series.labels, extra: ("quantile", share), to: &bytes)
                bytes.append(number: quantile.value)
                end(series)
            }
            write(series, name, suffix, sum: summary.sum, count: summary.count)
        }
    }

    private mutating func write(
        _ series: MetricSeries,
        _ name: String,
        _ suffix: (count: String, sum: String),
        sum: Double,
        count: UInt64
    ) {
        line.appendSeries(name + suffix.sum, series.labels, to: &bytes)
        bytes.append(number: sum)
        end(series)
        line.appendSeries(name + suffix.count, series.labels, to: &bytes)
        bytes.append(decimal: count)
        end(series)
    }

    private mutating func end(_ series: MetricSeries) {
        if let timestamp = series.timestamp { bytes.append(utf8: " \(timestamp)") }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func typeName(_ type: MetricType) -> String {
        switch type {
        case .counter, .gauge, .histogram, .summary: type.rawValue
        case .info, .stateSet: "gauge"
        case .gaugeHistogram, .unknown: "untyped"
        }
    }
}
