/// The upper bounds of a histogram's buckets, in the histogram's unit; a bucket up to infinity comes on top of them.
///
/// An observation counts in the first bucket whose bound is not below it. Bounds are finite, ascending and at most 255;
/// a histogram declared with others is refused.
public struct HistogramBuckets: Hashable, Sendable {
    /// The bounds by ascending value, without the infinite one.
    public let upperBounds: [Double]

    /// Creates buckets from bounds; an infinite last one is left out, since it is always there.
    public init(_ upperBounds: [Double]) {
        self.upperBounds = upperBounds.last == .infinity ? upperBounds.dropLast() : upperBounds
    }

    /// From 5 ms to 10 s, for the latency of a network service in seconds: 0.005 0.01 0.025 … 10.
    public static let standard = HistogramBuckets([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])

    /// From a microsecond to 10 s, for latency in seconds where both matter: 0.000001 0.000005 0.00001 … 10.
    public static let latency = HistogramBuckets([
        0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10,
    ])

    /// From 64 bytes to 64 MiB by factors of four.
    public static let bytes = exponential(from: 64, factor: 4, count: 11)

    /// Bounds at equal distances: `linear(from: 1, width: 2, count: 3)` has 1, 3 and 5.
    public static func linear(from start: Double, width: Double, count: Int) -> HistogramBuckets {
        HistogramBuckets((0..<max(0, count)).map { start + Double($0) * width })
    }

    /// Bounds by equal factors: `exponential(from: 1, factor: 2, count: 3)` has 1, 2 and 4.
    public static func exponential(from start: Double, factor: Double, count: Int) -> HistogramBuckets {
        HistogramBuckets(sequence(first: start) { $0 * factor }.prefix(max(0, count)).map { $0 })
    }

    /// Why these bounds make no histogram, or `nil` where they do.
    var problem: String? {
        if upperBounds.count > 255 { return "it has \(upperBounds.count) buckets, 255 are allowed" }
        if let bound = upperBounds.first(where: { !$0.isFinite }) { return "the bucket bound \(bound) is not finite" }
        for (lower, upper) in zip(upperBounds, upperBounds.dropFirst()) where !(lower < upper) {
            return "the bucket bound \(upper) does not exceed the one before it, \(lower); sort them"
        }
        return nil
    }
}

extension HistogramBuckets: ExpressibleByArrayLiteral {
    /// Creates buckets from a list of bounds: `buckets: [0.1, 1, 10]`.
    public init(arrayLiteral elements: Double...) {
        self.init(elements)
    }
}
