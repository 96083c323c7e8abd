/// A histogram whose buckets are one value: what a service observed, in exponential or custom buckets.
///
/// Counts are absolute (not deltas between neighbours) and doubles, so that rates and averages of histograms are
/// histograms too. Buckets are sparse: spans say which bucket indices the counts belong to. With a standard schema
/// `s` in −4…8 the positive bucket of index `i` covers `(2^((i−1)·2^−s), 2^(i·2^−s)]`, the negative one its mirror
/// image; values within `±zeroThreshold` are in the zero bucket. With ``customSchema`` the positive bucket of index
/// `i` covers `(customBounds[i−1], customBounds[i]]`, the last one everything above, and there are no others.
///
/// A reference to an immutable value: a column of histograms costs a word each.
public final class NativeHistogram: Sendable {
    /// The schema that says "custom bucket bounds".
    public static let customSchema: Int32 = -53

    /// What is known of a counter reset between this histogram and the one before it.
    public enum ResetHint: UInt8, Sendable {
        /// Nothing: compare the counts.
        case unknown
        /// A reset happened just before this histogram.
        case reset
        /// No reset happened.
        case notReset
        /// This histogram is a gauge: it has no resets.
        case gauge
    }

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

    /// What is known of a counter reset just before it.
    public let resetHint: ResetHint

    /// The resolution, −4 (coarse) to 8 (fine), or ``customSchema``.
    public let schema: Int32

    /// The half-width of the zero bucket, at least 0.
    public let zeroThreshold: Double

    /// How many observations the zero bucket holds.
    public let zeroCount: Double

    /// How many observations there are, those that are not a number among them.
    public let count: Double

    /// The sum of the observations.
    public let sum: Double

    /// Which indices ``positiveBuckets`` belong to.
    public let positiveSpans: [Span]

    /// The counts of the positive buckets, in order of their index.
    public let positiveBuckets: [Double]

    /// Which indices ``negativeBuckets`` belong to.
    public let negativeSpans: [Span]

    /// The counts of the negative buckets, in order of their index, which is by distance from zero.
    public let negativeBuckets: [Double]

    /// The upper bounds of custom buckets, strictly ascending and without the last one, +Inf; else empty.
    public let customBounds: [Double]

    /// Creates a histogram.
    ///
    /// - Precondition: The lengths of the spans of each sign add up to the number of its buckets.
    public init(
        resetHint: ResetHint = .unknown,
        schema: Int32,
        zeroThreshold: Double = 0,
        zeroCount: Double = 0,
        count: Double,
        sum: Double,
        positiveSpans: [Span] = [],
        positiveBuckets: [Double] = [],
        negativeSpans: [Span] = [],
        negativeBuckets: [Double] = [],
        customBounds: [Double] = []
    ) {
        precondition(positiveSpans.reduce(0) { $0 + Int($1.length) } == positiveBuckets.count)
        precondition(negativeSpans.reduce(0) { $0 + Int($1.length) } == negativeBuckets.count)
        self.resetHint = resetHint
        self.schema = schema
        self.zeroThreshold = zeroThreshold
        self.zeroCount = zeroCount
        self.count = count
        self.sum = sum
        self.positiveSpans = positiveSpans
        self.positiveBuckets = positiveBuckets
        self.negativeSpans = negativeSpans
        self.negativeBuckets = negativeBuckets
        self.customBounds = customBounds
    }
}

extension NativeHistogram: Hashable {
    /// Whether two histograms have the same layout and bits; a sum that is not a number equals itself.
    public static func == (left: NativeHistogram, right: NativeHistogram) -> Bool {
        left === right
            || (left.resetHint == right.resetHint && left.schema == right.schema
                && left.zeroThreshold.bitPattern == right.zeroThreshold.bitPattern
                && left.zeroCount.bitPattern == right.zeroCount.bitPattern
                && left.count.bitPattern == right.count.bitPattern && left.sum.bitPattern == right.sum.bitPattern
                && left.positiveSpans == right.positiveSpans && left.negativeSpans == right.negativeSpans
                && left.positiveBuckets.elementsEqual(right.positiveBuckets) { $0.bitPattern == $1.bitPattern }
                && left.negativeBuckets.elementsEqual(right.negativeBuckets) { $0.bitPattern == $1.bitPattern }
                && left.customBounds.elementsEqual(right.customBounds) { $0.bitPattern == $1.bitPattern })
    }

    /// Feeds what tells most histograms apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(schema)
        hasher.combine(count.bitPattern)
        hasher.combine(sum.bitPattern)
        hasher.combine(positiveSpans)
        hasher.combine(negativeSpans)
    }
}
