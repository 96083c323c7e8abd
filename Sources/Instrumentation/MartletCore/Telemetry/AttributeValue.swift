/// What an attribute holds: OTLP's `AnyValue`.
public enum AttributeValue: Hashable, Sendable {
    /// A text.
    case string(String)
    /// Yes or no.
    case bool(Bool)
    /// A whole number.
    case int(Int64)
    /// A number.
    case double(Double)
    /// Bytes.
    case bytes([UInt8])
    /// A list.
    case array([AttributeValue])
    /// Names with values, in the order sent.
    case map([Attribute])
    /// Nothing.
    case empty

    /// The value as a label holds it: texts as they are, numbers and booleans as JSON, bytes as Base64, lists and maps as
    /// JSON.
    public var text: String {
        switch self {
        case .string(let text): text
        case .empty: ""
        case .bytes(let bytes): Base64.encode(bytes)
        case .bool, .int, .double, .array, .map: json
        }
    }

    /// The value as JSON.
    private var json: String {
        switch self {
        case .string(let text): JSONText.quoted(text)
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number):
            number.isFinite ? FloatText.shortest(number) : JSONText.quoted(FloatText.shortest(number))
        case .bytes(let bytes): JSONText.quoted(Base64.encode(bytes))
        case .array(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
        case .map(let attributes):
            "{" + attributes.map { "\(JSONText.quoted($0.key)):\($0.value.json)" }.joined(separator: ",") + "}"
        case .empty: "null"
        }
    }
}
