/// What one remote-write request may hold at most.
public struct WriteLimits: Hashable, Sendable {
    /// How many series.
    public var series: Int

    /// How many samples and native histograms, over all series.
    public var samples: Int

    /// How many exemplars and descriptions of metrics.
    public var extras: Int

    /// How many texts the table of a 2.0 request has.
    public var symbols: Int

    /// How many labels a series of a 2.0 request has.
    public var labels: Int

    /// Creates limits.
    public init(
        series: Int = 200_000,
        samples: Int = 1_000_000,
        extras: Int = 200_000,
        symbols: Int = 1_000_000,
        labels: Int = 1_000
    ) {
        self.series = series
        self.samples = samples
        self.extras = extras
        self.symbols = symbols
        self.labels = labels
    }
}
