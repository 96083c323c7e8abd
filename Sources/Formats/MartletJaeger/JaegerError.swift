/// Why bytes are no batch of Jaeger's spans.
public enum JaegerError: Error, Hashable, CustomStringConvertible {
    /// The bytes end in the middle, or a length reaches beyond them.
    case truncated(offset: Int)
    /// A type or a version that there is none of.
    case malformed(String, offset: Int)
    /// More than a limit allows.
    case limitExceeded(String, limit: Int)

    /// The message, for people.
    public var description: String {
        switch self {
        case .truncated(let offset): "the thrift message ends within a value at byte \(offset)"
        case .malformed(let what, let offset): "\(what) at byte \(offset) of the thrift message"
        case .limitExceeded(let what, let limit): "the batch has more than \(limit) \(what)"
        }
    }
}
