/// A value as SQLite stores it.
public enum SQLiteValue: Hashable, Sendable {
    /// Nothing.
    case null
    /// A whole number.
    case integer(Int64)
    /// A number with a fraction.
    case real(Double)
    /// A text.
    case text(String)
    /// Bytes.
    case blob([UInt8])
}

extension SQLiteValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByFloatLiteral,
    ExpressibleByNilLiteral
{
    /// Creates a whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// Creates a text.
    public init(stringLiteral value: String) { self = .text(value) }

    /// Creates a number with a fraction.
    public init(floatLiteral value: Double) { self = .real(value) }

    /// Creates nothing.
    public init(nilLiteral: ()) { self = .null }
}

extension SQLiteValue {
    /// A text, or nothing.
    public static func optional(_ text: String?) -> SQLiteValue { text.map(SQLiteValue.text) ?? .null }

    /// A whole number, or nothing.
    public static func optional(_ number: Int64?) -> SQLiteValue { number.map(SQLiteValue.integer) ?? .null }
}
