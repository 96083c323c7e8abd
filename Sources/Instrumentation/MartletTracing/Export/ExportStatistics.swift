/// What became of the spans that were to be sent.
public struct ExportStatistics: Hashable, Sendable {
    /// How many were sent and taken.
    public var exported: UInt64 = 0

    /// How many were sent and not taken.
    public var failed: UInt64 = 0

    /// How many were dropped because the queue was full, or the processor shut down.
    public var dropped: UInt64 = 0

    /// How many wait.
    public var queued: Int = 0

    /// Why spans were not taken the last time; empty where that never happened.
    public var lastFailure = ""

    /// Creates statistics.
    public init() {}
}
