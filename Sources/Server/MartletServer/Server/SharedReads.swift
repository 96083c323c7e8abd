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
        case stream([LabelMatcher], ClosedRange<Int64>, SeriesGrouping?)
    }

    /// Series that were handed over one by one, with their places, to be handed over again.
    private struct Stream: Sendable {
        var series: [(place: Int, series: Series)] = []
        var labelSets: [LabelSet] = []
        var samples = 0
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
        let question = Question.stream(matchers, range, grouping)
        if let known = held.withLock({ $0.answers[question] }) as? Stream, known.samples <= limit.samples,
            known.series.count <= limit.series
        {
            for (place, series) in known.series where !body(place, series) { break }
            return known.labelSets
        }
        // What streams past is kept as long as there is room for it; a stream that was not read to its end is not.
        let room = limitOfHeld - held.withLock(\.samples)
        var kept = Stream()
        var isWhole = true
        kept.labelSets = try source.forEachSeries(matchers, in: range, by: grouping, limit: limit) { place, series in
            if isWhole {
                kept.samples += series.timestamps.count
                isWhole = kept.samples < room
                if isWhole { kept.series.append((place, series)) } else { kept.series = [] }
            }
            let goesOn = body(place, series)
            if !goesOn { isWhole = false }
            return goesOn
        }
        guard isWhole else { return kept.labelSets }
        held.withLock { held in
            guard held.samples + kept.samples < limitOfHeld, held.answers[question] == nil else { return }
            held.answers[question] = kept
            held.samples += kept.samples + 1
        }
        return kept.labelSets
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
