public import MartletSearch

/// What is asked of a log store.
public struct LogQuery: Sendable {
    /// In which order records are told.
    public enum Direction: String, Sendable, CaseIterable {
        /// The newest first.
        case backward
        /// The oldest first.
        case forward
    }

    /// What records have to meet, and what is made of them.
    public var search: SearchExpression

    /// When they happened, in nanoseconds since the epoch.
    public var times: ClosedRange<Int64>?

    /// In which order they are told.
    public var direction = Direction.backward

    /// How many are told at most, 100 unless said otherwise.
    public var limit = 100

    /// Only those behind this place, in the direction of the answer.
    public var cursor: LogCursor?

    /// Only those with this number or a higher one, in the order of arrival: for following.
    public var arrivedFrom: UInt64?

    /// The width of the histogram's bars, in nanoseconds; `nil` for no histogram.
    public var histogramStep: Int64?

    /// The fields whose most frequent values are counted.
    public var facets: [SearchField] = []

    /// How many values of each are told, 10 unless said otherwise.
    public var facetLimit = 10

    /// Whether all that is found is counted; without it the search ends at the limit.
    public var countsAll = true

    /// After which time the search gives what it has, with a note, 10 seconds unless said otherwise.
    public var timeLimit: Duration = .seconds(10)

    /// After how many bytes of blocks and texts the search gives what it has, with a note, 16 GiB unless said otherwise.
    public var bytesMax = 16 << 30

    /// How many groups a count may have, 10,000 unless said otherwise.
    public var groupsMax = 10_000

    /// Creates a query for the newest records.
    public init(_ search: SearchExpression = SearchExpression()) {
        self.search = search
    }
}
