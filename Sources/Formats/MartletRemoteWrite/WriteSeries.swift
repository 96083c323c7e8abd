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

    /// Creates a series.
    public init(labels: [Label], samples: [Sample]) {
        self.labels = labels
        self.samples = samples
    }

    /// The labels as a set; labels with an empty value are left out, as they mean the same as none.
    public var labelSet: LabelSet { LabelSet(labels) }
}
