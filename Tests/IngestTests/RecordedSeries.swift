import MartletCore
import MartletSeries

/// Reads back what a recording sink was given.
struct RecordedSeries: SeriesSource {
    let sink: RecordingSink

    func select(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [Series] {
        var found: [LabelSet: [IncomingSample]] = [:]
        for sample in sink.samples where range.contains(sample.timestamp) {
            if matchers.allSatisfy({ $0.matches(sample.labels) }) { found[sample.labels, default: []].append(sample) }
        }
        return found.sorted { $0.key < $1.key }.map { labels, samples in
            Series(
                labels: labels,
                timestamps: samples.map(\.timestamp),
                values: samples.map(\.value),
                histograms: samples.contains { $0.histogram != nil } ? samples.map(\.histogram) : []
            )
        }
    }

    func labelSets(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [LabelSet] { [] }

    func labelNames(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] { [] }

    func labelValues(
        of name: String,
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] { [] }
}
