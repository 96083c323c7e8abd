import MartletCore
import MartletMetrics

/// Writes OpenMetrics 1.0.
///
/// Two families whose names differ only in `_total` or `_info` are one name here, which the format forbids: the later
/// one is left out. So is what the format does not let a series say: the sum of a histogram with a negative bound, sum and
/// count of one whose sum is no number, negative quantiles, exemplars of over 128 characters.
///
/// - SeeAlso: [OpenMetrics 1.0](https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md)
struct OpenMetricsWriter: FamilyWriting {
    var bytes: [UInt8]
    private let line: SampleLine
    private let showsCreation: Bool
    private var written: Set<String> = []
    private var name = ""

    /// How long the labels of an exemplar may be, names and values together, in characters.
    private static let exemplarCharactersMax = 128

    init(_ bytes: [UInt8], escaping: NameEscaping, showsCreation: Bool = false) {
        self.bytes = bytes
        self.showsCreation = showsCreation
        line = SampleLine(escaping: escaping)
    }

    mutating func open(_ family: MetricFamily) -> Bool {
        name = familyName(family)
        guard written.insert(name).inserted else { return false }
        startMetadata("TYPE", name)
        bytes.append(utf8: family.metadata.type.rawValue + "\n")
        let unit = family.metadata.unit
        let mayHaveUnit = family.metadata.type != .info && family.metadata.type != .stateSet
        if !unit.isEmpty, mayHaveUnit, name.hasSuffix("_" + unit) {
            startMetadata("UNIT", name)
            bytes.append(utf8: unit + "\n")
        }
        if !family.metadata.help.isEmpty {
            startMetadata("HELP", name)
            bytes.append(escaping: family.metadata.help, quotes: true)
            bytes.append(UInt8(ascii: "\n"))
        }
        return true
    }

    mutating func write(_ series: MetricSeries, of family: MetricFamily) {
        let type = family.metadata.type
        switch series.value {
        case .integer(let count):
            sample(OpenMetricsWriter.suffix(type), series.labels)
            bytes.append(decimal: count)
            end(series, exemplar: type == .counter ? series.exemplar : nil)
        case .number(let number):
            sample(OpenMetricsWriter.suffix(type), series.labels)
            bytes.append(number: number)
            end(series, exemplar: type == .counter ? series.exemplar : nil)
        case .histogram(let histogram): write(histogram, series, isGauge: type == .gaugeHistogram)
        case .summary(let summary): write(summary, series)
        }
        guard showsCreation, let created = series.created else { return }
        guard type == .counter || type == .histogram || type == .summary else { return }
        sample("_created", series.labels)
        bytes.append(utf8: OpenMetricsWriter.seconds(created))
        end(series)
    }

    /// Writes the line without which a reader takes the text for cut off.
    mutating func end() {
        bytes.append(utf8: "# EOF\n")
    }

    // MARK: Parts

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

    private mutating func sample(
        _ suffix: String,
        _ labels: LabelSet,
        extra: (name: StaticString, value: String)? = nil
    ) {
        line.appendSeries(suffix.isEmpty ? name : name + suffix, labels, extra: extra, to: &bytes)
    }

    private mutating func write(_ histogram: HistogramValue, _ series: MetricSeries, isGauge: Bool) {
        for bucket in histogram.buckets {
            sample("_bucket", series.labels, extra: ("le", OpenMetricsWriter.float(bucket.upperBound)))
            bytes.append(decimal: bucket.cumulativeCount)
            end(series, exemplar: bucket.exemplar)
        }
        let hasNegativeBound = (histogram.buckets.first?.upperBound ?? 0) < 0
        let hasSum = !histogram.sum.isNaN && (isGauge || !hasNegativeBound)
        if hasSum || (hasNegativeBound && !isGauge) {
            sample(isGauge ? "_gcount" : "_count", series.labels)
            bytes.append(decimal: histogram.count)
            end(series)
        }
        guard hasSum else { return }
        sample(isGauge ? "_gsum" : "_sum", series.labels)
        bytes.append(number: histogram.sum)
        end(series)
    }

    private mutating func write(_ summary: SummaryValue, _ series: MetricSeries) {
        for quantile in summary.quantiles where !(quantile.value < 0) {
            sample("", series.labels, extra: ("quantile", OpenMetricsWriter.float(quantile.share)))
            bytes.append(number: quantile.value)
            end(series)
        }
        sample("_count", series.labels)
        bytes.append(decimal: summary.count)
        end(series)
        guard summary.sum >= 0 else { return }
        sample("_sum", series.labels)
        bytes.append(number: summary.sum)
        end(series)
    }

    private mutating func end(_ series: MetricSeries, exemplar: Exemplar? = nil) {
        if let timestamp = series.timestamp { bytes.append(utf8: " " + OpenMetricsWriter.seconds(timestamp)) }
        if let exemplar, OpenMetricsWriter.isShort(exemplar.labels) {
            bytes.append(utf8: " # ")
            line.appendLabels(exemplar.labels, to: &bytes)
            bytes.append(UInt8(ascii: " "))
            bytes.append(number: exemplar.value)
            if let timestamp = exemplar.timestamp { bytes.append(utf8: " " + OpenMetricsWriter.seconds(timestamp)) }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func isShort(_ labels: LabelSet) -> Bool {
        labels.reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count } <= exemplarCharactersMax
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
        let text = FloatText.general(value)
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
