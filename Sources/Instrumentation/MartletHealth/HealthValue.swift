import MartletCore

/// A particular that a check tells beside its message.
public enum HealthValue: Sendable, Hashable {
    /// A text.
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// A number with a fraction.
    case double(Double)
    /// A yes or no.
    case bool(Bool)

    /// The value as JSON; a number that JSON cannot hold becomes a text.
    var json: String {
        switch self {
        case .string(let text): JSONText.quoted(text)
        case .integer(let number): String(number)
        case .double(let number):
            number.isFinite ? FloatText.shortest(number) : JSONText.quoted(FloatText.shortest(number))
        case .bool(let flag): flag ? "true" : "false"
        }
    }
}

extension HealthValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
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
}
