/// Why a span of a request is not taken, though the request can be read.
public enum SpanRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The id of the trace has another length than 16 bytes, or is all zeros.
    case traceID(bytes: Int)
    /// The id of the span has another length than 8 bytes, or is all zeros.
    case spanID(bytes: Int)
    /// The id of the parent has another length than 8 bytes.
    case parentID(bytes: Int)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .traceID(16): "a trace id is all zeros"
        case .traceID(let count): "a trace id has \(count) bytes instead of 16"
        case .spanID(8): "a span id is all zeros"
        case .spanID(let count): "a span id has \(count) bytes instead of 8"
        case .parentID(let count): "the id of a parent has \(count) bytes instead of 8"
        }
    }
}
