/// What one scrape may give at most; breaking a limit fails the whole scrape, as in Prometheus.
///
/// 0 stands for no limit, but for the body, which is always limited.
public struct ScrapeLimits: Hashable, Sendable {
    /// The largest body in bytes after decompression (`body_size_limit`, default 64MiB); 0 in a file means 1GiB.
    public var bodyBytes = 64 << 20

    /// The most samples after relabelling (`sample_limit`).
    public var samples = 0

    /// The most labels of a series (`label_limit`).
    public var labels = 0

    /// The longest label name in bytes (`label_name_length_limit`).
    public var labelNameBytes = 0

    /// The longest label value in bytes (`label_value_length_limit`).
    public var labelValueBytes = 0

    /// The most targets of a job after relabelling (`target_limit`); with more of them all fail.
    public var targets = 0

    /// How many dropped targets are remembered a job (`keep_dropped_targets`); 0 in a file means 10,000.
    public var keptDroppedTargets = 10_000

    /// The body limit where a file asks for none.
    public static let bodyBytesCeiling = 1 << 30

    /// Creates the default limits.
    public init() {}
}
