import MartletCore

extension AttributeValue {
    /// The kind of value, in one word.
    var typeName: String {
        switch self {
        case .string: "string"
        case .bool: "bool"
        case .int: "int"
        case .double: "double"
        case .bytes: "bytes"
        case .array, .map: "compound"
        case .empty: "empty"
        }
    }
}
