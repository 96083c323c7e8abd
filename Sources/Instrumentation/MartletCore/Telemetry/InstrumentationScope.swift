/// The library that telemetry was made with.
public struct InstrumentationScope: Hashable, Sendable {
    /// The library's name; empty where nothing was said.
    public var name: String

    /// The library's version; empty where nothing was said.
    public var version: String

    /// What else is known of it.
    public var attributes: [Attribute]

    /// Creates a scope.
    public init(name: String = "", version: String = "", attributes: [Attribute] = []) {
        self.name = name
        self.version = version
        self.attributes = attributes
    }
}
