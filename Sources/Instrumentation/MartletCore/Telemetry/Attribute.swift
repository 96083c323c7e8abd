/// A key with its value: OTLP's `KeyValue`.
public struct Attribute: Hashable, Sendable {
    /// The key, such as `service.name`.
    public var key: String

    /// The value.
    public var value: AttributeValue

    /// Creates an attribute.
    public init(_ key: String, _ value: AttributeValue) {
        self.key = key
        self.value = value
    }

    /// Creates an attribute that holds a text.
    public init(_ key: String, _ text: String) {
        self.init(key, .string(text))
    }
}
