/// What kind of value an attribute has; the raw values are written to blocks.
enum ValueType: UInt8, Sendable, CaseIterable {
    case string
    case bool
    case int
    case double
    case bytes
    case compound
    case empty

    /// Whether values are texts with numbers.
    var isText: Bool { self == .string || self == .bytes || self == .compound }
}
