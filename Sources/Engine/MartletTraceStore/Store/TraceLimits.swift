public import MartletOTLP

/// How large spans and traces may be; what is over a limit is cut or refused, and counted.
public struct TraceLimits: Sendable {
    /// What one request may hold.
    public var request = OTLPLimits()

    /// How many bytes the text of an attribute may have before it is cut, 64 KiB unless said otherwise.
    public var valueBytes = 64 << 10

    /// How many bytes a name or key may have before it is cut, 4 KiB unless said otherwise.
    public var nameBytes = 4 << 10

    /// How many attributes of a span are kept, 1,024 unless said otherwise.
    public var attributes = 1024

    /// How many bytes a span's events, links and state may have, 256 KiB unless said otherwise.
    public var extraBytes = 256 << 10

    /// How many spans of one trace are taken until they are sealed, 200,000 unless said otherwise.
    public var spansPerTrace = 200_000

    /// Creates the limits.
    public init() {}
}
