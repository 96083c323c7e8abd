/// Why a socket cannot be listened on.
public struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What failed and what to do about it.
    public let description: String
}
