import MartletCore
import MartletSeries
import Synchronization

/// The series of one group of unit tests, in memory: what was given so far, and what rules wrote.
final class RuleTestStore: SeriesSource, SampleSink {
    private struct Column {
        var timestamps: [Int64] = []
        var values: [Double] = []
        var histograms: [NativeHistogram?] = []
    }

    private let columns = Mutex<[LabelSet: Column]>([:])

    /// Takes a batch; a sample at or before the newest of its series is refused.
    func append(_ batch: [IncomingSample]) -> AppendResult {
        columns.withLock { columns in
            var result = AppendResult(appended: 0)
            for (index, sample) in batch.enumerated() {
                var column = columns.removeValue(forKey: sample.labels) ?? Column()
                if let last = column.timestamps.last, last >= sample.timestamp {
                    result.rejections.append(
                        .init(index: index, reason: last > sample.timestamp ? .outOfOrder : .duplicate)
                    )
                } else {
                    let previous = column.histograms.last ?? nil
                    column.timestamps.append(sample.timestamp)
                    column.values.append(sample.value)
                    column.histograms.append(sample.histogram.map { $0.following(previous) })
                    result.appended += 1
                }
                columns[sample.labels] = column
            }
            return result
        }
    }

    func select(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [Series] {
        let found = columns.withLock { columns in
            columns.compactMap { labels, column -> Series? in
                guard matchers.allSatisfy({ $0.matches(labels) }) else { return nil }
                let first = column.timestamps.partitioningIndex { $0 >= range.lowerBound }
                let end = column.timestamps.partitioningIndex { $0 > range.upperBound }
                guard first < end else { return nil }
                let histograms = Array(column.histograms[first..<end])
                return Series(
                    labels: labels,
                    timestamps: Array(column.timestamps[first..<end]),
                    values: Array(column.values[first..<end]),
                    histograms: histograms.contains { $0 != nil } ? histograms : []
                )
            }
        }
        guard found.count <= limit.series, found.reduce(0, { $0 + $1.timestamps.count }) <= limit.samples else {
            throw .limitExceeded("query processing would load too many samples into memory in query execution")
        }
        return found.sorted { $0.labels < $1.labels }
    }

    func labelSets(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [LabelSet] {
        let found = columns.withLock { columns in
            columns.compactMap { labels, column in
                let isWanted = selectors.isEmpty || selectors.contains { $0.allSatisfy { $0.matches(labels) } }
                return isWanted && column.timestamps.contains(where: range.contains) ? labels : nil
            }
        }
        return Array(found.sorted().prefix(limit))
    }

    func labelNames(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        let sets = try labelSets(matching: selectors, in: range, limit: .max)
        return Array(Set(sets.flatMap { $0.map(\.name) }).sorted().prefix(limit))
    }

    func labelValues(
        of name: String,
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        let sets = try labelSets(matching: selectors, in: range, limit: .max)
        return Array(Set(sets.compactMap { $0[name] }).sorted().prefix(limit))
    }
}

extension Array {
    /// The first place whose element is in the second part, where all elements of the first come before.
    fileprivate func partitioningIndex(_ isInSecond: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isInSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension NativeHistogram {
    /// This histogram with the hint that a store gives it when it follows another one of its series.
    fileprivate func following(_ previous: NativeHistogram?) -> NativeHistogram {
        guard resetHint == .unknown || resetHint == .notReset, let previous, previous.resetHint != .gauge else {
            return self
        }
        let isReset = count < previous.count || zeroCount < previous.zeroCount || schema > previous.schema
        return NativeHistogram(
            resetHint: isReset ? .reset : .notReset,
            schema: schema,
            zeroThreshold: zeroThreshold,
            zeroCount: zeroCount,
            count: count,
            sum: sum,
            positiveSpans: positiveSpans,
            positiveBuckets: positiveBuckets,
            negativeSpans: negativeSpans,
            negativeBuckets: negativeBuckets,
            customBounds: customBounds
        )
    }
}
