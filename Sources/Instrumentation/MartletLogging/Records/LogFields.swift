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
    /// Nothing: the field is there, and has no value.
    case null
    /// Fields within the field.
    case fields(LogFields)
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
    /// A text, or nothing.
    public init(optional value: String?) { self = value.map(LogValue.string) ?? .null }
    /// A whole number, or nothing.
    public init(optional value: Int64?) { self = value.map(LogValue.integer) ?? .null }
    /// A number with a fraction, or nothing.
    public init(optional value: Double?) { self = value.map(LogValue.double) ?? .null }
    /// Whatever describes itself, as text.
    public init(describing value: some CustomStringConvertible) { self = .string(value.description) }
}

/// The structured fields of a record, in the order written.
public struct LogFields: Sendable {
    /// The field at a place.
    public typealias Element = (name: String, value: LogValue)

    // Unlabelled, so that a dictionary literal becomes fields without another array.
    private var pairs: [(String, LogValue)]

    /// Creates fields from names and values.
    public init(_ pairs: [(String, LogValue)] = []) {
        self.pairs = pairs
    }

    /// Adds a field at the end; one of the same name before it stays.
    public mutating func append(_ name: String, _ value: LogValue) {
        pairs.append((name, value))
    }

    /// Adds a field before all others.
    public mutating func prepend(_ name: String, _ value: LogValue) {
        pairs.insert((name, value), at: 0)
    }

    /// Adds other fields at the end.
    public mutating func append(contentsOf other: LogFields) {
        pairs += other.pairs
    }

    /// The value of the first field of a name.
    public subscript(name: String) -> LogValue? { pairs.first { $0.0 == name }?.1 }

    /// The fields with other values.
    public func mapValues(_ transform: (Element) -> LogValue) -> LogFields {
        LogFields(pairs.map { ($0.0, transform(($0.0, $0.1))) })
    }
}

extension LogFields: RandomAccessCollection {
    /// The first place.
    public var startIndex: Int { 0 }
    /// The place after the last.
    public var endIndex: Int { pairs.count }
    /// The field at a place.
    public subscript(index: Int) -> Element { (pairs[index].0, pairs[index].1) }
}

extension LogFields: ExpressibleByDictionaryLiteral {
    /// Creates fields from a literal such as `["path": "/", "status": 200]`.
    public init(dictionaryLiteral elements: (String, LogValue)...) {
        pairs = elements
    }
}

extension LogFields: Hashable {
    /// Whether names, values and order are the same.
    public static func == (left: LogFields, right: LogFields) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    }

    /// Hashes names and values in their order.
    public func hash(into hasher: inout Hasher) {
        for (name, value) in self {
            hasher.combine(name)
            hasher.combine(value)
        }
    }
}
