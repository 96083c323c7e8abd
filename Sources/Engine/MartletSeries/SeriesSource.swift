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
