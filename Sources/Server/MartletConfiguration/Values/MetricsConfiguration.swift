/// How the server's own collectors work: the `metrics` section.
public struct MetricsConfiguration: Hashable, Sendable {
    /// How often they are read (`collection_interval`, default 10s).
    public var collectionInterval: Duration = .seconds(10)

    /// Creates the defaults.
    public init() {}
}
