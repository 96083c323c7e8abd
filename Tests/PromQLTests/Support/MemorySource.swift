import MartletCore
import MartletSeries

/// Series in memory, as scripts load them.
struct MemorySource: SeriesSource {
    private(set) var series: [LabelSet: Series] = [:]

    mutating func add(_ labels: LabelSet, _ timestamp: Int64, _ value: Double) {
        var known = series[labels] ?? Series(labels: labels)
        if let last = known.timestamps.last, last >= timestamp {
            // What is loaded again at a known time is dropped, as a store drops duplicates.
            guard let place = known.timestamps.firstIndex(where: { $0 >= timestamp }) else { return }
            if known.timestamps[place] == timestamp { return }
            known.timestamps.insert(timestamp, at: place)
            known.values.insert(value, at: place)
        } else {
            known.timestamps.append(timestamp)
            known.values.append(value)
        }
        series[labels] = known
    }

    func select(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [Series] {
        var result: [Series] = []
        var samples = 0
        for series in self.series.values where matchers.allSatisfy({ $0.matches(series.labels) }) {
            let kept = series.timestamps.indices.filter { range.contains(series.timestamps[$0]) }
            guard let first = kept.first, let last = kept.last else { continue }
            samples += kept.count
            if samples > limit.samples { throw .limitExceeded("more than \(limit.samples) samples") }
            result.append(
                Series(
                    labels: series.labels,
                    timestamps: Array(series.timestamps[first...last]),
                    values: Array(series.values[first...last])
                )
            )
        }
        if result.count > limit.series { throw .limitExceeded("more than \(limit.series) series") }
        return result.sorted { $0.labels < $1.labels }
    }

    func labelSets(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [LabelSet] {
        Array(series.keys.sorted().prefix(limit))
    }

    func labelNames(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        Array(Set(series.keys.flatMap { $0.map(\.name) }).sorted().prefix(limit))
    }

    func labelValues(
        of name: String,
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        Array(Set(series.keys.compactMap { $0[name] }).sorted().prefix(limit))
    }
}
