/// Why a store could not read or write.
public enum SeriesError: Error, Hashable, CustomStringConvertible {
    /// The disk is full or failing; the message says which file and what to do.
    case storageUnavailable(String)

    /// A selection would read more than its limit allows.
    case limitExceeded(String)

    /// What was stored cannot be read back; the message names the file and the place.
    case damaged(String)

    /// The reader was told to stop.
    case cancelled

    /// The message, for people.
    public var description: String {
        switch self {
        case .storageUnavailable(let message), .limitExceeded(let message), .damaged(let message): message
        case .cancelled: "the query was cancelled"
        }
    }
}
