public import MartletCore

/// A value inside a template.
public indirect enum TemplateValue: Sendable, Hashable {
    /// Nothing; printed as `<no value>`.
    case none
    /// A yes or no.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A number with a fraction.
    case float(Double)
    /// A text.
    case string(String)
    /// Values in an order.
    case list([TemplateValue])
    /// Values by name; a missing name gives ``none``.
    case map([String: TemplateValue])
    /// Texts by name; a missing name gives the empty text.
    case labels([String: String])
    /// A value with fixed fields, such as a sample; asking for another field is an error.
    case record(type: String, fields: [String: TemplateValue])
    /// A time, in nanoseconds since the epoch.
    case time(nanoseconds: Int64)
    /// A length of time in nanoseconds.
    case duration(nanoseconds: Int64)

    /// The texts of a label set.
    public static func labels(_ labels: LabelSet) -> TemplateValue {
        .labels(Dictionary(labels.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
    }

    /// A sample as `query` gives it and `first`, `label` and `value` take it.
    public static func sample(_ labels: LabelSet, _ value: Double) -> TemplateValue {
        .record(type: "template.sample", fields: ["Labels": .labels(labels), "Value": .float(value)])
    }

    /// Whether the value counts as true: not zero, not empty, not nothing.
    var isTrue: Bool {
        switch self {
        case .none: false
        case .bool(let flag): flag
        case .integer(let number), .duration(let number): number != 0
        case .float(let number): number != 0
        case .string(let text): !text.isEmpty
        case .list(let items): !items.isEmpty
        case .map(let items): !items.isEmpty
        case .labels(let items): !items.isEmpty
        case .record, .time: true
        }
    }

    /// The type's name as error messages and `%T` show it.
    var typeName: String {
        switch self {
        case .none: "<nil>"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float64"
        case .string: "string"
        case .list: "[]interface {}"
        case .map: "map[string]interface {}"
        case .labels: "map[string]string"
        case .record(let type, _): type
        case .time: "time.Time"
        case .duration: "time.Duration"
        }
    }
}
