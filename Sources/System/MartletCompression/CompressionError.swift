/// Why compressed bytes give no result.
public enum CompressionError: Error, Hashable, CustomStringConvertible {
    /// The bytes would give more than the caller allows.
    case tooLarge(limit: Int)
    /// The bytes are not what the format allows; the message says how.
    case damaged(String)

    /// The message, for people.
    public var description: String {
        switch self {
        case .tooLarge(let limit): "decompressed size exceeds the limit of \(limit) bytes"
        case .damaged(let message): message
        }
    }
}
