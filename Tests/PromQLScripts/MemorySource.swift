package import MartletCore
import MartletPromQL
package import MartletSeries

/// Series in memory, as scripts load them.
package struct MemorySource: SeriesSource {
    private var series: [LabelSet: Series] = [:]

    /// Creates a source without series.
    package init() {}

    package mutating func add(
        _ labels: LabelSet,
        _ timestamp: Int64,
        _ value: Double,
        histogram: NativeHistogram? = nil,
        start: Int64? = nil
    ) {
        var known = series.removeValue(forKey: labels) ?? Series(labels: labels)
        defer { series[labels] = known }
        let place =
            known.timestamps.last.map { $0 < timestamp } ?? true
            ? known.timestamps.count : known.timestamps.firstIndex { $0 >= timestamp } ?? known.timestamps.count
        // What is loaded again at a known time is dropped, as a store drops duplicates.
        if place < known.timestamps.count, known.timestamps[place] == timestamp { return }
        known.timestamps.insert(timestamp, at: place)
        known.values.insert(value, at: place)
        if histogram != nil, known.histograms.isEmpty {
            known.histograms = [NativeHistogram?](repeating: nil, count: known.values.count - 1)
        }
        if start != nil, known.startTimestamps.isEmpty {
            known.startTimestamps = [Int64](repeating: 0, count: known.values.count - 1)
        }
        if start != nil || !known.startTimestamps.isEmpty { known.startTimestamps.insert(start ?? 0, at: place) }
        if histogram != nil || !known.histograms.isEmpty { known.histograms.insert(histogram, at: place) }
    }

    package func select(
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
            var part = Series(
                labels: series.labels,
                timestamps: Array(series.timestamps[first...last]),
                values: Array(series.values[first...last]),
                histograms: series.histograms.isEmpty ? [] : Array(Self.stored(series.histograms)[first...last])
            )
            if !series.startTimestamps.isEmpty { part.startTimestamps = Array(series.startTimestamps[first...last]) }
            result.append(part)
        }
        if result.count > limit.series { throw .limitExceeded("more than \(limit.series) series") }
        return result.sorted { $0.labels < $1.labels }
    }

    /// Histograms with the hints that a store gives them.
    private static func stored(_ histograms: [NativeHistogram?]) -> [NativeHistogram?] {
        var previous: NativeHistogram?
        return histograms.map { histogram in
            defer { previous = histogram }
            return histogram?.stored(after: previous)
        }
    }

    package func labelSets(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [LabelSet] {
        Array(series.keys.sorted().prefix(limit))
    }

    package func labelNames(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        Array(Set(series.keys.flatMap { $0.map(\.name) }).sorted().prefix(limit))
    }

    package func labelValues(
        of name: String,
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        Array(Set(series.keys.compactMap { $0[name] }).sorted().prefix(limit))
    }
}
