/// A source of metrics that are read when somebody asks, rather than counted as things happen.
public protocol MetricCollector: Sendable {
    /// A word for this collector in error counts, such as `process`.
    var name: String { get }

    /// Reads the metrics as they are now; called by one thread at a time for each scrape, but by several scrapes at once.
    ///
    /// - Returns: The families; each name once.
    /// - Throws: Any error; the registry counts it and goes on with the other collectors.
    func collect() throws -> [MetricFamily]
}
