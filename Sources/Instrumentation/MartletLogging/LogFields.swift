/// A value of a structured field.
public enum LogValue: Sendable, Hashable {
    /// A text.
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// A number with a fraction.
    case double(Double)
    /// A yes or no.
    case bool(Bool)
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A yes or no.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A text.
    public init(_ value: String) { self = .string(value) }
    /// A whole number.
    public init(_ value: some BinaryInteger) { self = .integer(Int64(clamping: value)) }
    /// A number with a fraction.
    public init(_ value: Double) { self = .double(value) }
    /// Whatever describes itself, as text.
    public init(describing value: some CustomStringConvertible) { self = .string(value.description) }
}

/// The structured fields of a record, in the order written.
public struct LogFields: Sendable, ExpressibleByDictionaryLiteral {
    /// Names and values.
    public var fields: [(name: String, value: LogValue)]

    /// Creates fields from names and values.
    public init(dictionaryLiteral elements: (String, LogValue)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }
}
