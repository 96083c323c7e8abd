import MartletCore
import MartletSeries

extension Evaluator {
    /// The functions that read one number off each native histogram; numbers are left out.
    func nativeHistogram(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        let read: (NativeHistogram) -> Double =
            switch node.function.name {
            case "histogram_count": { $0.count }
            case "histogram_sum": { $0.sum }
            case "histogram_avg": { $0.sum / $0.count }
            case "histogram_stdvar": { $0.variance }
            default: { $0.variance.squareRoot() }
            }
        let isTotal = ["histogram_count", "histogram_sum", "histogram_avg"].contains(node.function.name)
        let columns = try using(isTotal ? .totals : .buckets) { () throws(PromQLError) in
            try vector(node.arguments[0], steps)
        }
        return try readings(columns, steps) { histogram, _, _ in read(histogram) }
    }

    /// What is looked at of native histograms.
    enum HistogramUse {
        case any
        /// Only counts and sums: what is read notes at each histogram whether a reset came before.
        case totals
        /// The buckets too, whatever is done further in.
        case buckets
    }

    /// Evaluates what stands inside of something that looks at native histograms in one way.
    func using<Value>(_ use: HistogramUse, _ body: () throws(PromQLError) -> Value) throws(PromQLError) -> Value {
        let outer = histogramUse
        if outer != .buckets { histogramUse = use }
        defer { histogramUse = outer }
        return try body()
    }

    /// One number a histogram; columns without histograms are left out.
    func readings(
        _ columns: [Column],
        _ steps: Steps,
        label: Label? = nil,
        _ read: (NativeHistogram, String?, Int) -> Double
    ) throws(PromQLError) -> [Column] {
        var result: [Column] = []
        for column in columns where !column.histograms.isEmpty {
            try checkTime()
            let labels = label.map { column.labels.setting($0.name, to: $0.value) } ?? column.labels
            var values = Column(labels: labels, dropsName: column.dropsName, steps: steps.count)
            for (step, histogram) in column.histograms.enumerated() {
                if let histogram { values.values[step] = read(histogram, column.labels.metricName, step) }
            }
            result.append(values)
        }
        try hold(result.count * steps.count)
        return try withoutNames(result)
    }

    /// The quantile of a native histogram, with what is to be said about observations that are no numbers.
    func quantile(_ histogram: NativeHistogram, _ share: Double, _ metric: String?, at range: SourceRange) -> Double {
        let value = histogram.quantile(share)
        if histogram.sum.isNaN, histogram.count != 0, share >= 0, share <= 1 {
            let effect = value.isNaN ? "result is NaN" : "result is skewed higher"
            annotations.addNotANumberObserved(
                "histogram_quantile has NaN observations, \(effect)",
                metric: metric,
                at: range
            )
        }
        return value
    }

    /// The share of a native histogram's observations between two values.
    func fraction(
        _ histogram: NativeHistogram,
        _ lower: Double,
        _ upper: Double,
        _ metric: String?,
        at range: SourceRange
    ) -> Double {
        let value = histogram.fraction(lower, upper)
        if histogram.sum.isNaN, !value.isNaN, lower < upper {
            let effect = "which are excluded from all fractions"
            annotations.addNotANumberObserved(
                "histogram_fraction has NaN observations, \(effect)",
                metric: metric,
                at: range
            )
        }
        return value
    }
}
