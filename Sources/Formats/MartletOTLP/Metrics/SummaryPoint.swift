public import MartletCore

/// Quantiles that a service computed, at one time.
public struct SummaryPoint: Hashable, Sendable {
    /// One quantile.
    public struct Quantile: Hashable, Sendable {
        /// The share of observations, from 0 through 1.
        public var quantile: Double

        /// The value below which they fall.
        public var value: Double

        /// Creates a quantile.
        public init(quantile: Double, value: Double) {
            self.quantile = quantile
            self.value = value
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

    /// Their sum.
    public var sum: Double

    /// The quantiles.
    public var quantiles: [Quantile]

    /// Whether it says that there is no value (flag 1).
    public var hasNoRecordedValue: Bool

    /// Creates a point.
    public init(
        attributes: [Attribute] = [],
        start: UInt64 = 0,
        time: UInt64 = 0,
        count: UInt64 = 0,
        sum: Double = 0,
        quantiles: [Quantile] = [],
        hasNoRecordedValue: Bool = false
    ) {
        self.attributes = attributes
        self.start = start
        self.time = time
        self.count = count
        self.sum = sum
        self.quantiles = quantiles
        self.hasNoRecordedValue = hasNoRecordedValue
    }
}
