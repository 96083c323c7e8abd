public import MartletCore

/// The metrics of one resource.
public struct ResourceMetrics: Hashable, Sendable {
    /// Where they come from.
    public var resource: Resource

    /// The metrics by the library they were made with.
    public var scopeMetrics: [ScopeMetrics]

    /// The schema of the resource's attributes; empty where nothing was said.
    public var schemaURL: String

    /// Creates the metrics of a resource.
    public init(resource: Resource = Resource(), scopeMetrics: [ScopeMetrics] = [], schemaURL: String = "") {
        self.resource = resource
        self.scopeMetrics = scopeMetrics
        self.schemaURL = schemaURL
    }
}
