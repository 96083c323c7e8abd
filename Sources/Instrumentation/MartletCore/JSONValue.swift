/// A JSON value that was read.
public enum JSONValue: Hashable, Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number as it was written, so that whole ones of 64 bits stay exact.
    case number(String)
    /// A text, escapes resolved.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// An object; of members with one name the last counts.
    case object([String: JSONValue])

    /// A member of an object; `nil` where there is none.
    public subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The text; `nil` where this is none.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The elements; `nil` where this is no list.
    public var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members; `nil` where this is no object.
    public var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The number, also where it is one of the texts `NaN`, `+Inf` and `-Inf`; `nil` where this is none.
    public var double: Double? {
        switch self {
        case .number(let text): Double(text)
        case .string("NaN"): .nan
        case .string("+Inf"): .infinity
        case .string("-Inf"): -.infinity
        default: nil
        }
    }

    /// The number where it is whole and fits, exactly; `nil` otherwise.
    public func integer<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) -> Integer? {
        guard case .number(let text) = self else { return nil }
        return Integer(text) ?? Double(text).flatMap(Integer.init(exactly:))
    }
}
