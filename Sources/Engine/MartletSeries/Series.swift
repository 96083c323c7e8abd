public import MartletCore

/// A stretch of one series as two columns of equal length, in order of time.
public struct Series: Hashable, Sendable {
    /// What the series is called.
    public var labels: LabelSet

    /// The times of the samples in milliseconds since the epoch, strictly ascending.
    public var timestamps: [Int64]

    /// The value at each time; a stale marker (``StaleMarker``) where the series ended.
    public var values: [Double]

    /// The native histogram at each time, nil where the sample is a number; empty when all samples are numbers.
    ///
    /// Where there is one, ``values`` holds its sum, which queries do not look at.
    public var histograms: [NativeHistogram?]

    /// When the counter of each sample started, in milliseconds since the epoch, 0 where that is not known; empty when
    /// nothing is known of any.
    public var startTimestamps: [Int64] = []

    /// Creates a stretch of a series.
    ///
    /// - Precondition: The columns have one length, but that of histograms may be empty.
    public init(
        labels: LabelSet,
        timestamps: [Int64] = [],
        values: [Double] = [],
        histograms: [NativeHistogram?] = []
    ) {
        precondition(timestamps.count == values.count)
        precondition(histograms.isEmpty || histograms.count == timestamps.count)
        self.labels = labels
        self.timestamps = timestamps
        self.values = values
        self.histograms = histograms
    }

    /// The samples one by one, histograms as their sums.
    public var samples: some Sequence<Sample> {
        zip(timestamps, values).lazy.map { Sample(timestamp: $0, value: $1) }
    }
}
