public import MartletCore

/// A histogram at the moment it is read.
///
/// One that counts in exponential buckets alone has the infinite bucket only, and ``native``.
public struct HistogramValue: Hashable, Sendable {
    /// One bucket of a histogram.
    public struct Bucket: Hashable, Sendable {
        /// The highest value that belongs to the bucket; `+infinity` for the last.
        public var upperBound: Double

        /// How many observations were at or below the bound.
        public var cumulativeCount: UInt64

        /// The latest observation in this very bucket that came with an exemplar.
        public var exemplar: Exemplar?

        /// Creates a bucket.
        public init(upperBound: Double, cumulativeCount: UInt64, exemplar: Exemplar? = nil) {
            self.upperBound = upperBound
            self.cumulativeCount = cumulativeCount
            self.exemplar = exemplar
        }
    }

    /// The buckets by ascending bound; the last bound is infinite.
    public var buckets: [Bucket]

    /// The sum of all observations.
    public var sum: Double

    /// How many observations there were, which is the last bucket's count.
    public var count: UInt64

    /// The exponential buckets, where the histogram counts in those too.
    public var native: NativeHistogramValue?

    /// Creates a histogram's value.
    public init(buckets: [Bucket], sum: Double, count: UInt64, native: NativeHistogramValue? = nil) {
        self.buckets = buckets
        self.sum = sum
        self.count = count
        self.native = native
    }

    /// Estimates the value below which a share of the observations fall.
    ///
    /// Interpolates linearly inside the bucket that holds the answer, from zero where the lowest bound is positive. An
    /// answer above the highest finite bound is reported as that bound, one in a lowest bucket that ends at or below
    /// zero as that bucket's bound.
    ///
    /// - Parameter share: The share of observations, from 0 through 1; 0.99 asks for the 99th percentile.
    /// - Returns: The estimate in the histogram's unit, or `nil` before the first observation.
    /// - Precondition: `share` is in `0...1`.
    /// - Complexity: O(*b*), where *b* is the number of buckets.
    /// - SeeAlso: [PromQL](https://github.com/prometheus/prometheus/blob/v3.5.0/docs/querying/functions.md#histogram_quantile)
    public func quantile(_ share: Double) -> Double? {
        precondition((0...1).contains(share), "quantile(_:) needs a share in 0...1; got \(share)")
        guard count > 0, let last = buckets.last, last.cumulativeCount > 0 else { return nil }
        let rank = share * Double(last.cumulativeCount)
        let place = buckets.firstIndex { Double($0.cumulativeCount) >= rank } ?? buckets.count - 1
        let bucket = buckets[place]
        if !bucket.upperBound.isFinite { return place > 0 ? buckets[place - 1].upperBound : nil }
        if place == 0, bucket.upperBound <= 0 { return bucket.upperBound }
        let lower = place > 0 ? buckets[place - 1].upperBound : 0
        let below = place > 0 ? buckets[place - 1].cumulativeCount : 0
        let inside = Double(bucket.cumulativeCount - below)
        guard inside > 0 else { return lower }
        return lower + (bucket.upperBound - lower) * ((rank - Double(below)) / inside)
    }
}
