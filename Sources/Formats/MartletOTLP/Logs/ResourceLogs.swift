public import MartletCore

/// The log records of one resource.
public struct ResourceLogs: Hashable, Sendable {
    /// Where they come from.
    public var resource: Resource

    /// The records by the library they were made with.
    public var scopeLogs: [ScopeLogs]

    /// The schema of the resource's attributes; empty where nothing was said.
    public var schemaURL: String

    /// Creates the records of a resource.
    public init(resource: Resource = Resource(), scopeLogs: [ScopeLogs] = [], schemaURL: String = "") {
        self.resource = resource
        self.scopeLogs = scopeLogs
        self.schemaURL = schemaURL
    }
}
