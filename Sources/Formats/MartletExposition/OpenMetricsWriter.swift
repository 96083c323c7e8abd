import MartletCore
import MartletMetrics

/// Writes OpenMetrics 1.0.
///
/// Two families whose names differ only in `_total` or `_info` are one name here, which the format forbids: the later
/// one is left out.
///
/// - SeeAlso: [OpenMetrics 1.0](https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md)
struct OpenMetricsWriter {
    var bytes: [UInt8]
    private let line: SampleLine
    private var written: Set<String> = []

    init(_ bytes: [UInt8], escaping: NameEscaping) {
        self.bytes = bytes
        line = SampleLine(escaping: escaping)
    }

    mutating func write(_ family: MetricFamily) {
        let name = familyName(family)
        guard written.insert(name).inserted else { return }
        startMetadata("TYPE", name)
        bytes.append(utf8: family.metadata.type.rawValue + "\n")
        let unit = family.metadata.unit
        if !unit.isEmpty, name.hasSuffix("_" + unit) {
            startMetadata("UNIT", name)
            bytes.append(utf8: unit + "\n")
        }
        if !family.metadata.help.isEmpty {
            startMetadata("HELP", name)
            bytes.append(escaping: family.metadata.help, quotes: true)
            bytes.append(UInt8(ascii: "\n"))
        }
        for series in family.series { write(series, name, family.metadata.type) }
    }

    /// Writes the line without which a reader takes the text for cut off.
    mutating func end() {
        bytes.append(utf8: "# EOF\n")
    }

    private func familyName(_ family: MetricFamily) -> String {
        let name = line.escaping.metricName(family.name)
        switch family.metadata.type {
        case .counter where name.hasSuffix("_total"): return String(name.dropLast(6))
        case .info where name.hasSuffix("_info"): return String(name.dropLast(5))
        default: return name
        }
    }

    private mutating func startMetadata(_ keyword: String, _ name: String) {
        bytes.append(utf8: "# \(keyword) ")
        line.appendName(name, to: &bytes)
        bytes.append(UInt8(ascii: " "))
    }

    private mutating func write(_ series: MetricSeries, _ name: String, _ type: MetricType) {
        switch series.value {
        case .integer(let count):
            line.appendSeries(name + OpenMetricsWriter.suffix(type), series.labels, to: &bytes)
            bytes.append(decimal: count)
            end(series)
        case .number(let number):
            line.appendSeries(name + OpenMetricsWriter.suffix(type), series.labels, to: &bytes)
            bytes.append(number: number)
            end(series)
        case .histogram(let histogram):
            for bucket in histogram.buckets {
                let bound = OpenMetricsWriter.float(bucket.upperBound)
                line.appendSeries(name + "_bucket", series.labels, extra: ("le", bound), to: &bytes)
                bytes.append(decimal: bucket.cumulativeCount)
                end(series)
            }
            let isGauge = type == .gaugeHistogram
            write(series, name, isGauge ? "_gcount" : "_count", count: histogram.count)
            write(series, name, isGauge ? "_gsum" : "_sum", sum: histogram.sum)
        case .summary(let summary):
            for quantile in summary.quantiles {
                let share = OpenMetricsWriter.float(quantile.share)
                line.appendSeries(name, series.labels, extra: ("quantile", share), to: &bytes)
                bytes.append(number: quantile.value)
                end(series)
            }
            write(series, name, "_count", count: summary.count)
            write(series, name, "_sum", sum: summary.sum)
        }
    }

    private mutating func write(_ series: MetricSeries, _ name: String, _ suffix: String, count: UInt64) {
        line.appendSeries(name + suffix, series.labels, to: &bytes)
        bytes.append(decimal: count)
        end(series)
    }

    private mutating func write(_ series: MetricSeries, _ name: String, _ suffix: String, sum: Double) {
        line.appendSeries(name + suffix, series.labels, to: &bytes)
        bytes.append(number: sum)
        end(series)
    }

    private mutating func end(_ series: MetricSeries) {
        if let timestamp = series.timestamp { bytes.append(utf8: " " + OpenMetricsWriter.seconds(timestamp)) }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func suffix(_ type: MetricType) -> String {
        switch type {
        case .counter: "_total"
        case .info: "_info"
        default: ""
        }
    }

    /// A bound as the canonical form has it: `1.0`, where the text format writes `1`.
    private static func float(_ value: Double) -> String {
        let text = FloatText.shortest(value)
        let isWhole = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
        return isWhole ? text + ".0" : text
    }

    /// Milliseconds as seconds with a fraction, exactly.
    private static func seconds(_ milliseconds: Int64) -> String {
        let (whole, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
        let sign = milliseconds < 0 ? "-" : ""
        let digits = String(rest)
        return sign + "\(whole)" + (rest == 0 ? "" : "." + String(repeating: "0", count: 3 - digits.count) + digits)
    }
}
