/// How long and deep a search's text may be.
public struct SearchLimits: Hashable, Sendable {
    /// How many bytes, 16 KiB unless said otherwise.
    public var bytes = 16 << 10

    /// How many conditions, 1,000 unless said otherwise.
    public var conditions = 1000

    /// How deep parentheses may stand in one another, 100 unless said otherwise.
    public var depth = 100

    /// Creates the limits.
    public init() {}
}
