/// What became of a provider's spans.
public struct TracerStatistics: Hashable, Sendable {
    /// How many ended and were handed to the processors.
    public var spans: UInt64

    /// How many were lost because the ring of their thread was full.
    public var dropped: UInt64

    /// Creates statistics.
    public init(spans: UInt64 = 0, dropped: UInt64 = 0) {
        self.spans = spans
        self.dropped = dropped
    }
}
