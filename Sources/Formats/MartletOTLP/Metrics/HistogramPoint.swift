public import MartletCore

/// A histogram with explicit bounds at one time.
public struct HistogramPoint: Hashable, Sendable {
    /// What tells it from the metric's other points.
    public var attributes: [Attribute]

    /// Since when it counts, in nanoseconds since the epoch; 0 where nothing was said.
    public var start: UInt64

    /// When it was read, in nanoseconds since the epoch.
    public var time: UInt64

    /// How many observations there are.
    public var count: UInt64

    /// Their sum; `nil` where negative ones make it no counter.
    public var sum: Double?

    /// How many observations each bucket has; one more than there are bounds, or none at all.
    public var bucketCounts: [UInt64]

    /// The upper bounds, the last one, +Inf, left out.
    public var explicitBounds: [Double]

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
        bucketCounts: [UInt64] = [],
        explicitBounds: [Double] = [],
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
        self.bucketCounts = bucketCounts
        self.explicitBounds = explicitBounds
        self.minimum = minimum
        self.maximum = maximum
        self.exemplars = exemplars
        self.hasNoRecordedValue = hasNoRecordedValue
    }
}
