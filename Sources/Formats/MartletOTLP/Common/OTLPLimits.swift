/// What one OTLP request may hold at most.
public struct OTLPLimits: Hashable, Sendable {
    /// How many data points, over all metrics.
    public var points: Int

    /// How many attributes, over the whole request.
    public var attributes: Int

    /// How many buckets, bounds and quantiles, over the whole request.
    public var buckets: Int

    /// How many exemplars, over the whole request.
    public var exemplars: Int

    /// How deep values may stand in one another.
    public var depth: Int

    /// How many spans or log records.
    public var spans: Int

    /// How many events and links, over all spans.
    public var parts: Int

    /// Creates limits.
    public init(
        points: Int = 500_000,
        attributes: Int = 2_000_000,
        buckets: Int = 8_000_000,
        exemplars: Int = 500_000,
        depth: Int = 32,
        spans: Int = 1_000_000,
        parts: Int = 2_000_000
    ) {
        self.points = points
        self.attributes = attributes
        self.buckets = buckets
        self.exemplars = exemplars
        self.depth = depth
        self.spans = spans
        self.parts = parts
    }
}
