import MartletCore
import MartletSeries

/// Adds the deltas of one request to what their series came to.
final class DeltaSession {
    /// Deltas of one series within so many milliseconds of each other are moved apart rather than lost.
    private static let crowdingMax: Int64 = 1000

    /// What the series came to.
    private(set) var sums: DeltaSums

    private let source: any SeriesSource
    private let lookback: Int64
    private var touched: [DeltaSums.Key] = []

    init(sums: DeltaSums, source: any SeriesSource, lookback: Int64) {
        self.sums = sums
        self.source = source
        self.lookback = lookback
    }

    /// Adds a delta.
    ///
    /// - Parameters:
    ///   - labels: The label bytes of the series.
    ///   - time: When it was read, in nanoseconds since the epoch.
    ///   - value: How much was added; the sum of the observations where there is a histogram.
    ///   - histogram: What was observed.
    /// - Returns: What the series comes to.
    /// - Throws: ``SeriesError`` where the store had to be asked and did not answer.
    func add(
        _ labels: ArraySlice<UInt8>,
        _ time: UInt64,
        _ value: Double,
        _ histogram: NativeHistogram?
    ) throws(SeriesError) -> DeltaSums.Outcome {
        let key = DeltaSums.Key(labels)
        var known = sums.sum(of: key)
        if known == nil { known = try load(labels, Int64(clamping: time / 1_000_000)) }
        var milliseconds = Int64(clamping: time / 1_000_000)
        var sum = DeltaSums.Sum(value: value, histogram: histogram, nanoseconds: time, milliseconds: milliseconds)
        if let known {
            if time == known.nanoseconds { return .repeated }
            // After a restart only the millisecond is known, up to which everything was counted.
            if time / 1_000_000 == known.nanoseconds / 1_000_000, known.nanoseconds % 1_000_000 == 999_999 {
                return .repeated
            }
            guard time > known.nanoseconds else { return .outOfOrder }
            if milliseconds <= known.milliseconds, known.milliseconds - milliseconds < Self.crowdingMax {
                milliseconds = known.milliseconds + 1
            }
            sum.milliseconds = milliseconds
            if let histogram {
                // Other bounds than before: the series starts again.
                let total = known.histogram?.adding(histogram) ?? histogram
                (sum.histogram, sum.value) = (total, total.sum)
            } else {
                sum.value = known.value + value
            }
        }
        touched.append(key)
        sums.remember(sum, of: key)
        return .sum(sum, isNew: known == nil)
    }

    /// Forgets what the request's series came to, because the store did not take it.
    func forgetAll() {
        for key in touched { sums.forget(key) }
        touched = []
    }

    /// The newest sample that the store has of a series; `nil` where there is none, or where the series ended.
    private func load(_ labels: ArraySlice<UInt8>, _ time: Int64) throws(SeriesError) -> DeltaSums.Sum? {
        guard let set = LabelBytes.decode(Array(labels).span) else { return nil }
        sums.countLoad()
        let range = (time - lookback)...(time + 600_000)
        let points = try source.latest(set.map { LabelMatcher($0.name, .equal, $0.value) }, in: range, limit: .init())
        guard let point = points.first(where: { $0.labels == set }), !point.isStale else { return nil }
        return DeltaSums.Sum(
            value: point.value,
            histogram: point.histogram,
            nanoseconds: UInt64(max(0, point.timestamp)) * 1_000_000 + 999_999,
            milliseconds: point.timestamp
        )
    }
}
