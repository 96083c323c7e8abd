/// How much of what a source sends is taken, so that no source can fill memory or store.
public struct LogInputLimits: Hashable, Sendable {
    /// How many bytes of a line or message are kept, 1 MiB unless said otherwise; the rest is cut off and counted.
    public var lineBytes = 1 << 20

    /// How many attributes a record may have, 128 unless said otherwise; more are left out and counted.
    public var attributes = 128

    /// How deep objects and lists may stand in one another, 32 unless said otherwise; a deeper line is kept as text.
    public var depth = 32

    /// How many lines one record may join, 1,000 unless said otherwise.
    public var joinedLines = 1_000

    /// How far before the time of arrival a record may claim to be, in seconds; 366 days unless said otherwise.
    public var pastSeconds: Int64 = 366 * 86_400

    /// How far after the time of arrival a record may claim to be, in seconds; 10 minutes unless said otherwise.
    public var futureSeconds: Int64 = 600

    /// Creates the limits that stand in their descriptions.
    public init() {}
}
