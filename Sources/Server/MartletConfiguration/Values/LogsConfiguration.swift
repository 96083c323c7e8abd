/// How logs are kept: the `logs` section.
public struct LogsConfiguration: Hashable, Sendable {
    /// How long records are kept (`retention`, default 7d).
    public var retention: Duration = .seconds(7 * 86_400)

    /// How many bytes logs may take before the oldest go (`max_bytes`); `nil` for 8 GiB.
    public var bytesMax: Int?

    /// What is counted of the records that arrive (`metrics`).
    public var metrics: [LogMetric] = []

    /// What logs come from besides HTTP (`sources`); no port is open and no file followed unless named here.
    public var sources: [LogSource] = []

    /// Creates the defaults.
    public init() {}
}
