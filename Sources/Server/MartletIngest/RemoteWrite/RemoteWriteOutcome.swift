/// What became of a remote-write body.
public struct RemoteWriteOutcome: Hashable, Sendable {
    /// How many samples were taken.
    public var samples = 0

    /// How many native histograms were taken.
    public var histograms = 0

    /// How many exemplars were taken; those that were there before count too.
    public var exemplars = 0

    /// How many samples and native histograms were refused.
    public var refused = 0

    /// The first of what was refused and why, in words for the sender.
    public var firstRefusal: String?

    /// Creates an outcome of nothing.
    public init() {}
}
