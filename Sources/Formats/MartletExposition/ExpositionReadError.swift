/// Why an exposition could not be read as metric families.
public enum ExpositionReadError: Error, Hashable, Sendable {
    /// A line of a text format is malformed.
    case line(ExpositionError)
    /// The bytes are not of the format, from that byte on.
    case malformed(offset: Int, reason: String)
    /// There are more families or series than the limit allows.
    case tooMany(String, limit: Int)
}

extension ExpositionReadError: CustomStringConvertible {
    /// What is wrong and where.
    public var description: String {
        switch self {
        case .line(let error): "cannot read the exposition: \(error)"
        case .malformed(let offset, let reason): "cannot read the exposition at byte \(offset): \(reason)"
        case .tooMany(let what, let limit):
            "cannot read the exposition: there are over \(limit) \(what); raise the limit or split it"
        }
    }
}
