public import MartletCore

/// The metrics of one library.
public struct ScopeMetrics: Hashable, Sendable {
    /// The library.
    public var scope: InstrumentationScope

    /// Its metrics.
    public var metrics: [Metric]

    /// The schema of the metrics' attributes; empty where nothing was said.
    public var schemaURL: String

    /// Creates the metrics of a library.
    public init(scope: InstrumentationScope = InstrumentationScope(), metrics: [Metric] = [], schemaURL: String = "") {
        self.scope = scope
        self.metrics = metrics
        self.schemaURL = schemaURL
    }
}
