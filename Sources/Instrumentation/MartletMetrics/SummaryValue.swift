/// A summary at the moment it is read: quantiles that the service computed itself.
public struct SummaryValue: Hashable, Sendable {
    /// One quantile of a summary.
    public struct Quantile: Hashable, Sendable {
        /// The share of observations below the value, from 0 through 1.
        public var share: Double

        /// The value; NaN where nothing was observed lately.
        public var value: Double

        /// Creates a quantile.
        public init(share: Double, value: Double) {
            self.share = share
            self.value = value
        }
    }

    /// The quantiles by ascending share; may be empty.
    public var quantiles: [Quantile]

    /// The sum of all observations.
    public var sum: Double

    /// How many observations there were.
    public var count: UInt64

    /// Creates a summary's value.
    public init(quantiles: [Quantile], sum: Double, count: UInt64) {
        self.quantiles = quantiles
        self.sum = sum
        self.count = count
    }
}
