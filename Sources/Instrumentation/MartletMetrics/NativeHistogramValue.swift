public import MartletCore

/// The exponential buckets of a histogram at the moment it is read: resolution without bounds chosen beforehand.
///
/// With schema `s` the positive bucket of index `i` covers `(2^((i−1)·2^−s), 2^(i·2^−s)]`, the negative one its mirror
/// image; values within `±zeroThreshold` are in the zero bucket. Buckets are sparse: spans say which indices the counts
/// belong to. Counts are absolute, not differences between neighbours, and doubles, since scraped ones may be fractions.
///
/// - SeeAlso: [Native histograms](https://prometheus.io/docs/specs/native_histograms/)
public struct NativeHistogramValue: Hashable, Sendable {
    /// A run of neighbouring buckets.
    public struct Span: Hashable, Sendable {
        /// The gap to the end of the run before; for the first run, the index of its first bucket.
        public var offset: Int32

        /// How many buckets the run has.
        public var length: UInt32

        /// Creates a run of buckets.
        public init(offset: Int32, length: UInt32) {
            self.offset = offset
            self.length = length
        }
    }

    /// The resolution: −4, where a bucket spans a factor of 65,536, through 8, where it spans 1.0027.
    public var schema: Int32

    /// The half-width of the zero bucket, at least 0.
    public var zeroThreshold: Double

    /// How many observations the zero bucket holds.
    public var zeroCount: Double

    /// Which indices ``positiveCounts`` belong to.
    public var positiveSpans: [Span]

    /// The counts of the positive buckets, in order of their index.
    public var positiveCounts: [Double]

    /// Which indices ``negativeCounts`` belong to.
    public var negativeSpans: [Span]

    /// The counts of the negative buckets, in order of their index, which is by distance from zero.
    public var negativeCounts: [Double]

    /// Observations that stand for many, with their times; in no order.
    public var exemplars: [Exemplar]

    /// Creates the buckets.
    ///
    /// - Precondition: The lengths of the spans of each sign add up to the number of its counts.
    public init(
        schema: Int32,
        zeroThreshold: Double = 0,
        zeroCount: Double = 0,
        positiveSpans: [Span] = [],
        positiveCounts: [Double] = [],
        negativeSpans: [Span] = [],
        negativeCounts: [Double] = [],
        exemplars: [Exemplar] = []
    ) {
        precondition(positiveSpans.reduce(0) { $0 + Int($1.length) } == positiveCounts.count)
        precondition(negativeSpans.reduce(0) { $0 + Int($1.length) } == negativeCounts.count)
        self.schema = schema
        self.zeroThreshold = zeroThreshold
        self.zeroCount = zeroCount
        self.positiveSpans = positiveSpans
        self.positiveCounts = positiveCounts
        self.negativeSpans = negativeSpans
        self.negativeCounts = negativeCounts
        self.exemplars = exemplars
    }
}
