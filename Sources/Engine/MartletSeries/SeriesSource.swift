public import MartletCore

/// Where queries read series; the storage engine's reading port.
///
/// Times are milliseconds since the epoch, both ends included. Answers are sorted by label set. A reader that is
/// running when samples are appended sees each series either without or with them.
public protocol SeriesSource: Sendable {
    /// The series that meet every condition and have a sample in the range, with the samples in the range.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - limit: What may be read at most.
    /// - Returns: The series, sorted by label set.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    func select(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [Series]

    /// The label sets with a sample in the range that meet all conditions of at least one selector.
    ///
    /// No selector asks for all series. At most `limit` are returned.
    func labelSets(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [LabelSet]

    /// The label names of the series that ``labelSets(matching:in:limit:)`` would give, sorted.
    func labelNames(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String]

    /// The values of one label over the series that ``labelSets(matching:in:limit:)`` would give, sorted.
    func labelValues(
        of name: String,
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String]

    /// The newest sample of each series in a range, stale markers among them, sorted by label set.
    ///
    /// What an instant selector needs. A store answers it without reading columns; for other sources it is worked
    /// out from ``select(_:in:limit:)``.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - limit: What may be read at most.
    /// - Returns: A point for every series that has a sample in the range.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    func latest(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesPoint]

    /// How many series live at the end of a range, by the labels they share.
    ///
    /// A series lives when its newest sample in the range is not a stale marker: what `count by (…) (selector)` and
    /// `group by` need at one time. A store answers it without making a label set for every series.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time that count.
    ///   - grouping: Which labels make a group.
    ///   - limit: What may be read at most; every series counts as one sample.
    /// - Returns: The groups with at least one series, sorted by label set.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    func counts(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCount]

    /// What each window holds of each series: counts, first, last and resets, sorted by label set.
    ///
    /// What `rate`, `increase`, `delta`, `resets`, `count_over_time`, `last_over_time` and their like need. Series
    /// without a sample in any window may be left out.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - windows: The windows.
    ///   - limit: What may be read at most.
    /// - Returns: Every series with a summary for each window.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    func windows(
        _ matchers: [LabelMatcher],
        _ windows: WindowSequence,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesWindows]

    /// How many series live at the end of each of several windows, by the labels they share.
    ///
    /// As ``counts(_:in:by:limit:)`` at every window's end, but a store looks each series up once.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - windows: The windows; a series lives in one when its newest sample in it is not a stale marker.
    ///   - grouping: Which labels make a group.
    ///   - limit: What may be read at most; every series counts as one sample a window.
    /// - Returns: The groups with at least one series in any window, sorted by label set.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    func counts(
        _ matchers: [LabelMatcher],
        _ windows: WindowSequence,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCounts]

    /// Hands over the series of a selection one after another, so that only one of them is in memory.
    ///
    /// The series that `body` gets has no labels; its first argument is a place in the list that is returned, which has
    /// them. Without a grouping every series has a place of its own, and they come in the order of their label sets;
    /// with one, all series of a group have its place and come in any order, and no label set is made for each. The
    /// list may have places that no series came for. To keep the columns is allowed but costs the memory that this
    /// call is there to save.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - grouping: Which labels make a group; `nil` keeps the series apart.
    ///   - limit: What may be read at most.
    ///   - body: Gets a place and the samples of a series in the range, at least one; `false` ends the reading.
    /// - Returns: The label sets by their places, sorted.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    func forEachSeries(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping?,
        limit: SelectionLimit,
        _ body: (_ place: Int, _ series: Series) -> Bool
    ) throws(SeriesError) -> [LabelSet]

    /// The step of the coarsest tier of roll-ups that a range is answered from, in milliseconds; `nil` says raw.
    ///
    /// A window shorter than this step covers one step; whoever answers a query adds an annotation then.
    func coarsestStep(in range: ClosedRange<Int64>) -> Int64?

    /// The roll-ups of the part of a range that raw samples are no longer kept of, finest tier first.
    ///
    /// ``select(_:in:limit:)`` gives that part as the last number of each step, with resets shown, so that `rate` and
    /// quantiles of histograms come out right. The last aggregate of a tier may reach into the finer one and into the
    /// raw samples, which are the same numbers once more. This gives what `avg_over_time`, `min_over_time`, `max_over_time`,
    /// `sum_over_time` and `count_over_time` need.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - limit: What may be read at most.
    /// - Returns: The series by tier, sorted by label set.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    func rollups(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [RollupSeries]
}

/// What one selection may read at most.
public struct SelectionLimit: Hashable, Sendable {
    /// How many samples at most.
    public var samples: Int

    /// How many series at most.
    public var series: Int

    /// Creates a limit.
    public init(samples: Int = 50_000_000, series: Int = 1_000_000) {
        self.samples = samples
        self.series = series
    }
}
