/// A name and a value that tell one series of a metric from another.
public struct Label: Hashable, Sendable {
    /// The label's name; any UTF-8 text but the empty one, `__name__` for the metric's own name.
    public var name: String

    /// The label's value; the empty text means the same as no label.
    public var value: String

    /// Creates a label.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// The label that holds the metric's name.
    public static let metricName = "__name__"
}

extension Label: Comparable {
    /// Orders by name, then by value, both by their UTF-8 bytes.
    public static func < (left: Label, right: Label) -> Bool {
        left.name == right.name ? left.value < right.value : left.name < right.name
    }
}
