public import MartletProtobuf

/// Why bytes are no OTLP message.
public enum OTLPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The protobuf encoding is damaged.
    case protobuf(ProtobufError)

    /// The JSON is malformed, or holds something else than the field takes.
    case json(String, offset: Int)

    /// There is more of something than the limit allows.
    case limitExceeded(String, limit: Int)

    /// The message, for people.
    public var description: String {
        switch self {
        case .protobuf(let error): "cannot read the OTLP message at byte \(error.offset): \(error)"
        case .json(let problem, let offset): "cannot read the OTLP JSON at byte \(offset): \(problem)"
        case .limitExceeded(let what, let limit): "there are over \(limit) \(what); send smaller requests"
        }
    }

    /// What values that stand too deep in one another are called.
    static let deepValues = "values inside one another"

    /// Whether this is about one entry of a request, so that the others can be taken.
    @usableFromInline var isOfOneEntry: Bool {
        if case .limitExceeded(let what, _) = self { return what == Self.deepValues }
        return true
    }
}
