/// What an expression's value is.
public enum ValueType: String, Sendable {
    /// One number a time.
    case scalar
    /// A text.
    case string
    /// One sample of each of some series.
    case vector = "instant vector"
    /// Many samples of each of some series.
    case matrix = "range vector"

    /// The type's short name, which the HTTP API's `resultType` uses.
    public var name: String {
        switch self {
        case .scalar: "scalar"
        case .string: "string"
        case .vector: "vector"
        case .matrix: "matrix"
        }
    }
}
