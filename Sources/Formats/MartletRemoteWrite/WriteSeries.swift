public import MartletCore

/// One series of a remote-write request.
public struct WriteSeries: Hashable, Sendable {
    /// One sample.
    public struct Sample: Hashable, Sendable {
        /// The time, in milliseconds since the epoch.
        public var timestamp: Int64

        /// The value; a stale marker keeps its bits.
        public var value: Double

        /// Creates a sample.
        public init(timestamp: Int64, value: Double) {
            self.timestamp = timestamp
            self.value = value
        }
    }

    /// The labels, sorted by name.
    public var labels: [Label]

    /// The samples, in the order sent.
    public var samples: [Sample]

    /// The native histograms, in the order sent.
    public var histograms: [WriteHistogram]

    /// The exemplars, in the order sent.
    public var exemplars: [WriteExemplar]

    /// What the metric says of itself; only a 2.0 request carries it here.
    public var metadata: MetricMetadata?

    /// When the series began to count, in milliseconds since the epoch, 0 where it is not known; 2.0 only.
    public var created: Int64

    /// Creates a series.
    public init(
        labels: [Label],
        samples: [Sample] = [],
        histograms: [WriteHistogram] = [],
        exemplars: [WriteExemplar] = [],
        metadata: MetricMetadata? = nil,
        created: Int64 = 0
    ) {
        self.labels = labels
        self.samples = samples
        self.histograms = histograms
        self.exemplars = exemplars
        self.metadata = metadata
        self.created = created
    }
}
