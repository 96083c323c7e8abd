public import MartletCore

/// A stretch of one series as two columns of equal length, in order of time.
public struct Series: Hashable, Sendable {
    /// What the series is called.
    public var labels: LabelSet

    /// The times of the samples in milliseconds since the epoch, strictly ascending.
    public var timestamps: [Int64]

    /// The value at each time; a stale marker (``StaleMarker``) where the series ended.
    public var values: [Double]

    /// Creates a stretch of a series.
    ///
    /// - Precondition: The columns have one length.
    public init(labels: LabelSet, timestamps: [Int64] = [], values: [Double] = []) {
        precondition(timestamps.count == values.count)
        self.labels = labels
        self.timestamps = timestamps
        self.values = values
    }

    /// The samples one by one.
    public var samples: some Sequence<Sample> {
        zip(timestamps, values).lazy.map { Sample(timestamp: $0, value: $1) }
    }
}
