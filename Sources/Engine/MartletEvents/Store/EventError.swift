/// Why events cannot be stored or read.
public enum EventError: Error, Hashable, CustomStringConvertible {
    /// The directory or a file in it cannot be used; the message names it and what to do.
    case unusable(String)

    /// Nothing can be written for now; the message says why and what to do.
    case unavailable(String)

    /// A block is damaged; the message names it.
    case damaged(String)

    /// A search took longer than it may; the message says how to ask for less.
    case overTime(String)

    /// The message, for people.
    public var description: String {
        switch self {
        case .unusable(let message), .unavailable(let message), .damaged(let message), .overTime(let message):
            message
        }
    }
}
