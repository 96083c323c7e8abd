public import MartletOTLP

/// How large log records may be; what is over a limit is cut, and counted.
public struct LogLimits: Sendable {
    /// What one request may hold.
    public var request = OTLPLimits()

    /// How many bytes the text of a record may have before it is cut, 1 MiB unless said otherwise.
    public var bodyBytes = 1 << 20

    /// How many bytes the text of an attribute may have before it is cut, 64 KiB unless said otherwise.
    public var valueBytes = 64 << 10

    /// How many bytes a name or key may have before it is cut, 4 KiB unless said otherwise.
    public var nameBytes = 4 << 10

    /// How many attributes of a record are kept, 1,024 unless said otherwise.
    public var attributes = 1024

    /// Creates the limits.
    public init() {}
}
