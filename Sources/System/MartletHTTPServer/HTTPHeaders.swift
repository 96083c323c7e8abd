/// Header fields in the order sent; names are compared without regard to case.
public struct HTTPHeaders: Sendable {
    /// The fields as sent.
    public private(set) var fields: [(name: String, value: String)] = []

    /// Creates an empty list of fields.
    public init() {}

    /// Creates a list of fields.
    public init(_ fields: [(name: String, value: String)]) {
        self.fields = fields
    }

    /// The first value of a field, or `nil`; setting replaces all of that name.
    public subscript(name: String) -> String? {
        get { fields.first { Self.isSame($0.name, name) }?.value }
        set {
            fields.removeAll { Self.isSame($0.name, name) }
            if let newValue { fields.append((name, newValue)) }
        }
    }

    /// All values of a field, in order.
    public func values(of name: String) -> [String] {
        fields.filter { Self.isSame($0.name, name) }.map(\.value)
    }

    /// Adds a field after the others, beside those of the same name.
    public mutating func add(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// Creates a list of fields from names and values.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }
}
