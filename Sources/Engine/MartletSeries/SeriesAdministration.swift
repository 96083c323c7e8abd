/// What an operator asks of a store, beside writing and reading.
public protocol SeriesAdministration: Sendable {
    /// Seals everything in memory into segments and cuts the log.
    ///
    /// - Throws: ``SeriesError`` `storageUnavailable` when a segment cannot be written; its samples stay in the log.
    func seal() throws(SeriesError)

    /// Deletes the samples in a range of the series that meet all conditions of at least one selector.
    ///
    /// They are gone from answers when the call returns, and stay so after a restart; their space comes back when
    /// the files that hold them are merged or ``cleanTombstones()`` is called.
    ///
    /// - Parameters:
    ///   - selectors: The selectors; none deletes nothing.
    ///   - range: The first and the last time deleted.
    /// - Returns: How many series lost samples.
    /// - Throws: ``SeriesError`` `storageUnavailable` when the deletion cannot be made durable.
    @discardableResult
    func deleteSeries(matching selectors: [[LabelMatcher]], in range: ClosedRange<Int64>) throws(SeriesError) -> Int

    /// Writes the files anew that hold deleted samples, without them.
    ///
    /// - Throws: ``SeriesError`` `storageUnavailable` when a file cannot be written; the old ones stay then.
    func cleanTombstones() throws(SeriesError)

    /// Makes a whole copy of the store's data in a new directory, by hard links where the file system allows.
    ///
    /// Everything acknowledged before the call is in it. The copy can be opened as a data directory.
    ///
    /// - Parameter directory: The directory to make; it must not exist.
    /// - Throws: ``SeriesError`` `storageUnavailable` when the copy cannot be made.
    func snapshot(to directory: String) throws(SeriesError)

    /// What makes the store large.
    ///
    /// - Parameter top: How many entries each list may have.
    /// - Returns: The counts over the series that are being written to.
    func cardinality(top: Int) -> Cardinality
}

/// How many series there are by name, label and value: what makes a store large.
public struct Cardinality: Hashable, Sendable {
    /// A name and how often it occurs, or how many bytes it takes.
    public struct Entry: Hashable, Sendable {
        /// The metric, label or pair `name=value`.
        public var name: String

        /// The count or the bytes.
        public var value: Int

        /// Creates an entry.
        public init(name: String, value: Int) {
            self.name = name
            self.value = value
        }
    }

    /// How many series are in memory.
    public var series = 0

    /// How many different pairs of label name and value they have.
    public var labelPairs = 0

    /// How many runs of samples in memory are not sealed yet, one a series that has any.
    public var chunks = 0

    /// The oldest time in memory, in milliseconds since the epoch; `nil` where there is nothing.
    public var minTime: Int64?

    /// The newest time in memory, in milliseconds since the epoch; `nil` where there is nothing.
    public var maxTime: Int64?

    /// The metrics with the most series.
    public var seriesByMetricName: [Entry] = []

    /// The labels with the most values.
    public var valuesByLabelName: [Entry] = []

    /// The labels that take the most memory, counted over all series in bytes of names and values.
    public var bytesByLabelName: [Entry] = []

    /// The pairs `name=value` with the most series.
    public var seriesByLabelPair: [Entry] = []

    /// Creates an empty account.
    public init() {}
}
