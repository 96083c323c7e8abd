import MartletCore
import MartletSeries

/// How many series there are by name, label and value: what makes a store large.
struct SeriesCounts {
    /// A name and how often it occurs.
    typealias Entry = (name: String, count: Int)

    let pairs: Int
    let byMetricName: [Entry]
    let valuesByLabelName: [Entry]
    let bytesByLabelName: [Entry]
    let byLabelPair: [Entry]

    /// Counts over all series, and keeps the most frequent of each kind.
    ///
    /// - Complexity: O(*n*) for *n* labels of all series.
    init(_ source: any SeriesSource, top: Int) throws(SeriesError) {
        var metricNames: [String: Int] = [:]
        var labelPairs: [Label: Int] = [:]
        for labels in try source.labelSets(matching: [], in: 0 ... .max, limit: 1_000_000) {
            for label in labels {
                labelPairs[label, default: 0] += 1
                if label.name == Label.metricName { metricNames[label.value, default: 0] += 1 }
            }
        }
        var values: [String: Int] = [:]
        var bytes: [String: Int] = [:]
        for (label, _) in labelPairs {
            values[label.name, default: 0] += 1
            bytes[label.name, default: 0] += label.value.utf8.count
        }
        pairs = labelPairs.count
        byMetricName = Self.most(metricNames, top)
        valuesByLabelName = Self.most(values, top)
        bytesByLabelName = Self.most(bytes, top)
        byLabelPair = Self.most(
            Dictionary(labelPairs.map { ("\($0.key.name)=\($0.key.value)", $0.value) }) { $0 + $1 },
            top
        )
    }

    private static func most(_ counts: [String: Int], _ top: Int) -> [Entry] {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.prefix(top).map { ($0.key, $0.value) }
    }
}
