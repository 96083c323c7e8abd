import MartletCore
import MartletMetrics

/// The metrics as rows of a table: one for each number, with a count and a sum for distributions, and their quantiles.
struct MetricRows: Sequence {
    struct Row {
        var name: String
        var kind: MetricKind
        var labels: LabelSet
        var value: MetricValue
        var timestamp: Int64
    }

    private let families: [MetricFamily]
    private let timestamp: Int64

    init(_ families: [MetricFamily], at timestamp: Int64) {
        self.families = families
        self.timestamp = timestamp
    }

    func makeIterator() -> some IteratorProtocol<Row> {
        families.lazy.flatMap { family in family.series.lazy.flatMap { rows($0, of: family) } }.makeIterator()
    }

    private func rows(_ series: MetricSeries, of family: MetricFamily) -> [Row] {
        func row(_ suffix: String, _ value: MetricValue, quantile: Double? = nil) -> Row {
            let labels = quantile.map { series.labels.setting("quantile", to: FloatText.general($0)) } ?? series.labels
            return Row(
                name: family.name + suffix,
                kind: family.kind,
                labels: labels,
                value: value,
                timestamp: series.timestamp ?? timestamp
            )
        }
        switch series.value {
        case .histogram(let value):
            return [row("_count", .integer(value.count)), row("_sum", .number(value.sum))]
        case .summary(let value):
            let quantiles = value.quantiles.map { row("", .number($0.value), quantile: $0.share) }
            return quantiles + [row("_count", .integer(value.count)), row("_sum", .number(value.sum))]
        default:
            return [row("", series.value)]
        }
    }
}

extension MetricValue {
    /// The number as text, the shortest that reads back to it.
    var text: String {
        if case .integer(let count) = self { return String(count) }
        return FloatText.shortest(number ?? .nan)
    }
}
