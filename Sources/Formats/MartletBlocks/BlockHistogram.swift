/// A native histogram of a block, its counts absolute.
public struct BlockHistogram: Hashable, Sendable {
    /// A run of neighbouring buckets: the gap to the run before it, and how many there are.
    public struct Span: Hashable, Sendable {
        /// The gap; for the first run, the index of its first bucket.
        public var offset: Int32
        /// How many buckets.
        public var length: UInt32
    }

    /// What the chunk says of counter resets: 0 nothing, 1 a reset before it, 2 none, 3 a gauge.
    public var resetHint: UInt8 = 0
    /// The resolution.
    public var schema: Int32 = 0
    /// The half-width of the zero bucket.
    public var zeroThreshold = 0.0
    /// How many observations the zero bucket holds.
    public var zeroCount = 0.0
    /// How many observations there are.
    public var count = 0.0
    /// Their sum.
    public var sum = 0.0
    /// Which indices the positive buckets have.
    public var positiveSpans: [Span] = []
    /// The counts of the positive buckets.
    public var positiveBuckets: [Double] = []
    /// Which indices the negative buckets have.
    public var negativeSpans: [Span] = []
    /// The counts of the negative buckets.
    public var negativeBuckets: [Double] = []
    /// The upper bounds of custom buckets.
    public var customBounds: [Double] = []
}
