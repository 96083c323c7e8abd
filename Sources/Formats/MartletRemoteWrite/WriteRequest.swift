public import MartletCore

/// A remote-write 1.0 request: `prometheus.WriteRequest`, before compression.
///
/// - SeeAlso: [Remote write 1.0](https://prometheus.io/docs/specs/prw/remote_write_spec/)
public struct WriteRequest: Hashable, Sendable {
    /// What a metric family says of itself.
    public struct Metadata: Hashable, Sendable {
        /// The family's name.
        public var name: String

        /// Its type, help and unit.
        public var metadata: MetricMetadata

        /// Creates a description.
        public init(name: String, metadata: MetricMetadata) {
            self.name = name
            self.metadata = metadata
        }
    }

    /// A series that is not taken; the others are.
    public struct Rejection: Hashable, Sendable {
        /// Why a series is not taken.
        public enum Reason: String, Hashable, Sendable, CaseIterable {
            /// The labels are not sorted by name, which the specification demands.
            case unsortedLabels = "unsorted_labels"
            /// A label's name comes twice.
            case duplicateLabel = "duplicate_label"
            /// A label's name is empty.
            case emptyLabelName = "empty_label_name"
            /// A label's name or value is not UTF-8.
            case invalidUTF8 = "invalid_utf8"
            /// There are more labels than the limit allows.
            case tooManyLabels = "too_many_labels"
        }

        /// The series' place in the request.
        public var index: Int

        /// Why it is not taken.
        public var reason: Reason

        /// What could be read of its labels.
        public var labels: [Label]

        /// How many samples were lost with it.
        public var samples: Int

        /// Creates a record of a refusal.
        public init(index: Int, reason: Reason, labels: [Label], samples: Int) {
            self.index = index
            self.reason = reason
            self.labels = labels
            self.samples = samples
        }
    }

    /// What a request may hold at most.
    public struct Limits: Hashable, Sendable {
        /// How many series.
        public var series: Int

        /// How many samples over all series.
        public var samples: Int

        /// How many descriptions of families.
        public var metadata: Int

        /// How many labels a series; one with more is rejected, not the request.
        public var labels: Int

        /// Creates limits.
        public init(series: Int = 100_000, samples: Int = 1_000_000, metadata: Int = 100_000, labels: Int = 64) {
            self.series = series
            self.samples = samples
            self.metadata = metadata
            self.labels = labels
        }
    }

    /// The series whose labels are in order.
    public var series: [WriteSeries]

    /// The descriptions of metric families.
    public var metadata: [Metadata]

    /// The series whose labels are not.
    public var rejections: [Rejection]

    /// How many exemplars were sent; they are not supported and left out.
    public var exemplarCount: Int

    /// How many native histograms were sent; they are not supported and left out.
    public var histogramCount: Int

    /// Creates a request.
    public init(
        series: [WriteSeries] = [],
        metadata: [Metadata] = [],
        rejections: [Rejection] = [],
        exemplarCount: Int = 0,
        histogramCount: Int = 0
    ) {
        self.series = series
        self.metadata = metadata
        self.rejections = rejections
        self.exemplarCount = exemplarCount
        self.histogramCount = histogramCount
    }
}
