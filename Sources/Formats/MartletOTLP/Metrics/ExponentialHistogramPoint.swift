public import MartletCore

/// A histogram with exponential bounds at one time.
public struct ExponentialHistogramPoint: Hashable, Sendable {
    /// The buckets of one sign.
    public struct Buckets: Hashable, Sendable {
        /// The index of the first bucket; bucket *i* covers `(base^i, base^(i+1)]` where base is `2^(2^-scale)`.
        public var offset: Int32

        /// How many observations each bucket has.
        public var counts: [UInt64]

        /// Creates buckets.
        public init(offset: Int32 = 0, counts: [UInt64] = []) {
            self.offset = offset
            self.counts = counts
        }
    }

    /// What tells it from the metric's other points.
    public var attributes: [Attribute]

    /// Since when it counts, in nanoseconds since the epoch; 0 where nothing was said.
    public var start: UInt64

    /// When it was read, in nanoseconds since the epoch.
    public var time: UInt64

    /// How many observations there are.
    public var count: UInt64

    /// Their sum; `nil` where it was not sent.
    public var sum: Double?

    /// The resolution: the larger the finer.
    public var scale: Int32

    /// How many observations are too close to zero for a bucket.
    public var zeroCount: UInt64

    /// How close to zero that is.
    public var zeroThreshold: Double

    /// The buckets above zero.
    public var positive: Buckets

    /// The buckets below zero, by distance from it.
    public var negative: Buckets

    /// The smallest observation, where it was sent.
    public var minimum: Double?

    /// The largest observation, where it was sent.
    public var maximum: Double?

    /// Measurements that stand for it.
    public var exemplars: [MetricExemplar]

    /// Whether it says that there is no value (flag 1).
    public var hasNoRecordedValue: Bool

    /// Creates a point.
    public init(
        attributes: [Attribute] = [],
        start: UInt64 = 0,
        time: UInt64 = 0,
        count: UInt64 = 0,
        sum: Double? = nil,
        scale: Int32 = 0,
        zeroCount: UInt64 = 0,
        zeroThreshold: Double = 0,
        positive: Buckets = Buckets(),
        negative: Buckets = Buckets(),
        minimum: Double? = nil,
        maximum: Double? = nil,
        exemplars: [MetricExemplar] = [],
        hasNoRecordedValue: Bool = false
    ) {
        self.attributes = attributes
        self.start = start
        self.time = time
        self.count = count
        self.sum = sum
        self.scale = scale
        self.zeroCount = zeroCount
        self.zeroThreshold = zeroThreshold
        self.positive = positive
        self.negative = negative
        self.minimum = minimum
        self.maximum = maximum
        self.exemplars = exemplars
        self.hasNoRecordedValue = hasNoRecordedValue
    }
}
