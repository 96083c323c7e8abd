/// The upper bounds of a histogram's buckets, in the histogram's unit; a bucket up to infinity comes on top of them.
///
/// An observation counts in the first bucket whose bound is not below it. Bounds are finite, ascending and at most 255;
/// a histogram declared with others is refused.
public struct HistogramBuckets: Hashable, Sendable {
    // The known layouts are plain cases, so that a global histogram that uses one needs no code to be initialised.
    @usableFromInline
    enum Layout: Hashable, Sendable {
        case standard
        case latency
        case bytes
        case bounds([Double])
    }

    @usableFromInline let layout: Layout

    @inlinable @inline(__always)
    init(layout: Layout) {
        self.layout = layout
    }

    /// Creates buckets from bounds; an infinite last one is left out, since it is always there.
    public init(_ upperBounds: [Double]) {
        layout = .bounds(upperBounds.last == .infinity ? upperBounds.dropLast() : upperBounds)
    }

    /// The bounds by ascending value, without the infinite one.
    public var upperBounds: [Double] {
        switch layout {
        case .standard: HistogramBuckets.standardBounds
        case .latency: HistogramBuckets.latencyBounds
        case .bytes: HistogramBuckets.byteBounds
        case .bounds(let bounds): bounds
        }
    }

    /// From 5 ms to 10 s, for the latency of a network service in seconds: 0.005 0.01 0.025 … 10.
    @inlinable @inline(__always)
    public static var standard: HistogramBuckets { HistogramBuckets(layout: .standard) }

    /// From a microsecond to 10 s, for latency in seconds where both matter: 0.000001 0.000005 0.00001 … 10.
    @inlinable @inline(__always)
    public static var latency: HistogramBuckets { HistogramBuckets(layout: .latency) }

    /// From 64 bytes to 64 MiB by factors of four.
    @inlinable @inline(__always)
    public static var bytes: HistogramBuckets { HistogramBuckets(layout: .bytes) }

    private static let standardBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private static let latencyBounds = [
        0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10,
    ]

    private static let byteBounds = exponential(from: 64, factor: 4, count: 11).upperBounds

    /// Bounds at equal distances: `linear(from: 1, width: 2, count: 3)` has 1, 3 and 5.
    public static func linear(from start: Double, width: Double, count: Int) -> HistogramBuckets {
        HistogramBuckets((0..<max(0, count)).map { start + Double($0) * width })
    }

    /// Bounds by equal factors: `exponential(from: 1, factor: 2, count: 3)` has 1, 2 and 4.
    public static func exponential(from start: Double, factor: Double, count: Int) -> HistogramBuckets {
        HistogramBuckets(sequence(first: start) { $0 * factor }.prefix(max(0, count)).map { $0 })
    }

    /// Whether two layouts have the same bounds, however they were made.
    public static func == (left: HistogramBuckets, right: HistogramBuckets) -> Bool {
        left.upperBounds == right.upperBounds
    }

    /// Feeds the bounds.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(upperBounds)
    }

    /// Why these bounds make no histogram, or `nil` where they do.
    var problem: String? {
        let bounds = upperBounds
        if bounds.count > 255 { return "it has \(bounds.count) buckets, 255 are allowed" }
        if let bound = bounds.first(where: { !$0.isFinite }) { return "the bucket bound \(bound) is not finite" }
        for (lower, upper) in zip(bounds, bounds.dropFirst()) where !(lower < upper) {
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
