import MartletCore
import MartletMetrics

/// Writes the text format of Prometheus, version 0.0.4.
///
/// The format has no info, state set or gauge histogram: the first two are written as gauges; of the last the buckets are
/// written as a histogram, and `_gsum` and `_gcount` as gauges of their own after them, under their OpenMetrics names.
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
        name = line.escaping.metricName(family.textName)
        writeMetadata(name, family.metadata.help, TextWriter.typeName(family.metadata.type))
        return true
    }

    mutating func write(_ series: MetricSeries, of family: MetricFamily) {
        write(series, name, isGauge: family.metadata.type == .gaugeHistogram)
    }

    mutating func close(_ family: MetricFamily) {
        guard family.metadata.type == .gaugeHistogram else { return }
        for suffix in ["_gsum", "_gcount"] {
            writeMetadata(name + suffix, family.metadata.help, "gauge")
            for series in family.series {
                guard case .histogram(let histogram) = series.value else { continue }
                line.appendSeries(name + suffix, series.labels, to: &bytes)
                if suffix == "_gsum" {
                    bytes.append(number: histogram.sum)
                } else {
                    bytes.append(decimal: histogram.count)
                }
                end(series)
            }
        }
    }

    private mutating func writeMetadata(_ name: String, _ help: String, _ type: String) {
        if !help.isEmpty {
            startMetadata("HELP", name)
            bytes.append(escaping: help, quotes: false)
            bytes.append(UInt8(ascii: "\n"))
        }
        startMetadata("TYPE", name)
        bytes.append(utf8: type + "\n")
    }

    private mutating func startMetadata(_ keyword: String, _ name: String) {
        bytes.append(utf8: "# \(keyword) ")
        line.appendName(name, to: &bytes)
        bytes.append(UInt8(ascii: " "))
    }

    private mutating func write(_ series: MetricSeries, _ name: String, isGauge: Bool) {
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
                let bound = FloatText.general(bucket.upperBound)
                line.appendSeries(name + "_bucket", series.labels, extra: ("le", bound), to: &bytes)
                bytes.append(decimal: bucket.cumulativeCount)
                end(series)
            }
            if !isGauge { write(series, name, sum: histogram.sum, count: histogram.count) }
        case .summary(let summary):
            for quantile in summary.quantiles {
                let share = FloatText.general(quantile.share)
                line.appendSeries(name, series.labels, extra: ("quantile", share), to: &bytes)
                bytes.append(number: quantile.value)
                end(series)
            }
            write(series, name, sum: summary.sum, count: summary.count)
        }
    }

    private mutating func write(
        _ series: MetricSeries,
        _ name: String,
        sum: Double,
        count: UInt64
    ) {
        line.appendSeries(name + "_sum", series.labels, to: &bytes)
        bytes.append(number: sum)
        end(series)
        line.appendSeries(name + "_count", series.labels, to: &bytes)
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
        case .gaugeHistogram: "histogram"
        case .unknown: "untyped"
        }
    }
}

extension MetricFamily {
    /// The name under which formats without infos write the family: that of its OpenMetrics sample.
    var textName: String {
        metadata.type == .info && !name.hasSuffix("_info") ? name + "_info" : name
    }
}
