/// What telemetry tells of where it comes from.
public struct Resource: Hashable, Sendable {
    /// The attributes, such as `service.name`.
    public var attributes: [Attribute]

    /// Creates a resource.
    public init(attributes: [Attribute] = []) {
        self.attributes = attributes
    }
}
