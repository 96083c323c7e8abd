/// The spans of one resource.
public struct ResourceSpans: Hashable, Sendable {
    /// Where they come from.
    public var resource: Resource

    /// The spans by the library they were made with.
    public var scopeSpans: [ScopeSpans]

    /// The schema of the resource's attributes; empty where nothing was said.
    public var schemaURL: String

    /// Creates the spans of a resource.
    public init(resource: Resource = Resource(), scopeSpans: [ScopeSpans] = [], schemaURL: String = "") {
        self.resource = resource
        self.scopeSpans = scopeSpans
        self.schemaURL = schemaURL
    }
}
