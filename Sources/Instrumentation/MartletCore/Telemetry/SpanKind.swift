/// What a span stands for in the exchange between parts of a system; the raw values are OTLP's.
@frozen
public enum SpanKind: UInt8, Hashable, Sendable, CaseIterable {
    /// Nothing was said; taken for ``internal``.
    case unspecified
    /// Work inside one part.
    case `internal`
    /// A request that is answered here.
    case server
    /// A request that is made here.
    case client
    /// A message that is sent here and handled elsewhere, later.
    case producer
    /// A message that is handled here.
    case consumer

    /// The kind in small letters, such as `server`.
    public var name: String {
        switch self {
        case .unspecified: "unspecified"
        case .internal: "internal"
        case .server: "server"
        case .client: "client"
        case .producer: "producer"
        case .consumer: "consumer"
        }
    }
}
