import MartletCore
public import MartletSeries

extension TimeSeriesStore {
    /// The newest sample of each series in a range, stale markers among them, sorted by label set.
    ///
    /// Reads the last value that memory or a segment keeps, not the column.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - limit: What may be read at most.
    /// - Returns: A point for every series that has a sample in the range.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    public func latest(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesPoint] {
        var gathering = SeriesGathering(limit: limit)
        try find(matchers, in: range, into: &gathering)
        let found = gathering.points.indices.filter { gathering.points[$0] != nil }
        var texts = TextCache()
        return gathering.merge.sorted(found).compactMap { number in
            gathering.points[number].map { point in
                SeriesPoint(
                    labels: gathering.merge.labels(number, &texts),
                    timestamp: point.timestamp,
                    value: point.value,
                    histogram: point.histogram
                )
            }
        }
    }
}
