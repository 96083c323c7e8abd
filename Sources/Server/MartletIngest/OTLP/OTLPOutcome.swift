/// What became of a request of metrics.
public struct OTLPOutcome: Hashable, Sendable {
    /// How many points there were.
    public var points = 0

    /// How many of them were refused.
    public var refused = 0

    /// How many samples were taken; a histogram is many.
    public var samples = 0

    /// How many exemplars there were.
    public var exemplars = 0

    /// How many deltas were turned into sums.
    public var deltas = 0

    /// The first of what was refused and why, in words for the sender.
    public var firstRefusal: String?

    /// Creates an outcome of nothing.
    public init() {}
}
