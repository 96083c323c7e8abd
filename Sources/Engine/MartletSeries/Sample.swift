/// One value of a series at one time.
public struct Sample: Hashable, Sendable {
    /// When, in milliseconds since the epoch.
    public var timestamp: Int64

    /// What was read; any double, stale markers (``StaleMarker``) among them.
    public var value: Double

    /// Creates a sample.
    public init(timestamp: Int64, value: Double) {
        self.timestamp = timestamp
        self.value = value
    }
}
