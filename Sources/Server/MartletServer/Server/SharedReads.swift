import MartletCore
import MartletSeries
import Synchronization

/// A source that reads what several rules of one evaluation ask alike only once.
///
/// It lives for one batch of expressions at one time, so that nothing it holds is ever out of date. What it holds is
/// bounded; what comes beyond that is read anew.
final class SharedReads: SeriesSource {
    /// What is asked.
    private enum Question: Hashable {
        case series([LabelMatcher], ClosedRange<Int64>)
        case latest([LabelMatcher], ClosedRange<Int64>)
        case windows([LabelMatcher], WindowSequence)
    }

    /// How many samples are held at most.
    static let samplesMax = 500_000

    private struct Held {
        var answers: [Question: any Sendable] = [:]
        var samples = 0
    }

    private let source: any SeriesSource
    private let limitOfHeld: Int
    private let held = Mutex(Held())

    init(_ source: any SeriesSource, samplesMax: Int = SharedReads.samplesMax) {
        self.source = source
        limitOfHeld = samplesMax
    }

    func select(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [Series] {
        try answer(.series(matchers, range), limit, count: { $0.reduce(0) { $0 + $1.timestamps.count } }) {
            () throws(SeriesError) in try source.select(matchers, in: range, limit: limit)
        }
    }

    func latest(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesPoint] {
        try answer(.latest(matchers, range), limit, count: \.count) {
            () throws(SeriesError) in try source.latest(matchers, in: range, limit: limit)
        }
    }

    func windows(
        _ matchers: [LabelMatcher],
        _ windows: WindowSequence,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesWindows] {
        try answer(.windows(matchers, windows), limit, count: { $0.count }) {
            () throws(SeriesError) in try source.windows(matchers, windows, limit: limit)
        }
    }

    private func answer<Value: Sendable>(
        _ question: Question,
        _ limit: SelectionLimit,
        count: ([Value]) -> Int,
        _ read: () throws(SeriesError) -> [Value]
    ) throws(SeriesError) -> [Value] {
        // Another rule's limit may be another; an answer within this one's is an answer all the same.
        if let known = held.withLock({ $0.answers[question] }) as? [Value], count(known) <= limit.samples,
            known.count <= limit.series
        {
            return known
        }
        let found = try read()
        let samples = count(found) + 1
        held.withLock { held in
            guard held.samples + samples <= limitOfHeld, held.answers[question] == nil else { return }
            held.answers[question] = found
            held.samples += samples
        }
        return found
    }

    // MARK: - What is not held

    func labelSets(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [LabelSet] {
        try source.labelSets(matching: selectors, in: range, limit: limit)
    }

    func labelNames(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        try source.labelNames(matching: selectors, in: range, limit: limit)
    }

    func labelValues(
        of name: String,
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        try source.labelValues(of: name, matching: selectors, in: range, limit: limit)
    }

    func counts(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCount] {
        try source.counts(matchers, in: range, by: grouping, limit: limit)
    }

    func counts(
        _ matchers: [LabelMatcher],
        _ windows: WindowSequence,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCounts] {
        try source.counts(matchers, windows, by: grouping, limit: limit)
    }

    func forEachSeries(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping?,
        limit: SelectionLimit,
        _ body: (_ place: Int, _ series: Series) -> Bool
    ) throws(SeriesError) -> [LabelSet] {
        try source.forEachSeries(matchers, in: range, by: grouping, limit: limit, body)
    }

    func coarsestStep(in range: ClosedRange<Int64>) -> Int64? { source.coarsestStep(in: range) }

    func rollups(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [RollupSeries] {
        try source.rollups(matchers, in: range, limit: limit)
    }
}
