/// Why an import stopped.
public enum ImportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file cannot be read.
    case file(String, reason: String)
    /// A path is neither a block, nor a directory of blocks, nor a file.
    case unknownKind(String)
    /// A file is damaged or of another format.
    case damaged(String, reason: String)

    /// The message, for people.
    public var description: String {
        switch self {
        case .file(let path, let reason): "cannot read \(path): \(reason)"
        case .unknownKind(let path):
            "\(path) is neither an OpenMetrics file nor a block of Prometheus nor a directory with blocks"
        case .damaged(let path, let reason): "cannot import \(path): \(reason)"
        }
    }
}
