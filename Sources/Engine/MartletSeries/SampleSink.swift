public import MartletCore

/// Where samples are written; the storage engine's writing port.
public protocol SampleSink: Sendable {
    /// Takes a batch; when it returns, the accepted samples are as durable as the sink's setting promises.
    ///
    /// Samples are refused one by one, never the batch: the good ones stay.
    ///
    /// - Throws: ``SeriesError`` `storageUnavailable` when nothing was taken because the disk is full or failing.
    @discardableResult
    func append(_ batch: [IncomingSample]) throws(SeriesError) -> AppendResult
}

/// One sample on its way into the store.
public struct IncomingSample: Hashable, Sendable {
    /// The series.
    public var labels: LabelSet

    /// The time, in milliseconds since the epoch.
    public var timestamp: Int64

    /// The value; the sum where there is a histogram.
    public var value: Double

    /// The native histogram, where the sample is one.
    public var histogram: NativeHistogram?

    /// Creates a sample on its way.
    public init(labels: LabelSet, timestamp: Int64, value: Double, histogram: NativeHistogram? = nil) {
        self.labels = labels
        self.timestamp = timestamp
        self.value = value
        self.histogram = histogram
    }

    /// Creates a sample that is a native histogram.
    public init(labels: LabelSet, timestamp: Int64, histogram: NativeHistogram) {
        self.init(labels: labels, timestamp: timestamp, value: histogram.sum, histogram: histogram)
    }
}

/// What became of a batch.
public struct AppendResult: Hashable, Sendable {
    /// Why a sample was not taken.
    public enum Reason: String, Sendable, CaseIterable {
        /// Older than the newest sample of its series by more than the out-of-order window.
        case outOfOrder = "out_of_order"
        /// The series has another value at that time.
        case duplicate = "duplicate_timestamp"
        /// Older than what retention keeps.
        case tooOld = "too_old"
        /// Further in the future than the clock's allowance.
        case tooFarInFuture = "too_far_in_future"
        /// The series would be one more than the limit.
        case seriesLimit = "series_limit"
        /// The series would be one more than the limit of its target or sender.
        case targetSeriesLimit = "target_series_limit"
        /// The series would be one more than the limit of its metric.
        case metricSeriesLimit = "metric_series_limit"
        /// The label set has no name, too many labels, or a label that is too long.
        case invalidLabels = "invalid_labels"
    }

    /// One refused sample.
    public struct Rejection: Hashable, Sendable {
        /// The sample's place in the batch.
        public var index: Int

        /// Why it was refused.
        public var reason: Reason

        /// Creates a record of a refusal.
        public init(index: Int, reason: Reason) {
            self.index = index
            self.reason = reason
        }
    }

    /// How many samples were taken.
    public var appended: Int

    /// The refused samples, in order of their place.
    public var rejections: [Rejection]

    /// Creates a result.
    public init(appended: Int, rejections: [Rejection] = []) {
        self.appended = appended
        self.rejections = rejections
    }
}
