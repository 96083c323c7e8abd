/// What is wrong with a JSON text.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The byte where it was noticed, from 0.
    public var offset: Int

    /// What is wrong.
    public var reason: String

    /// Creates an error.
    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// Place and reason.
    public var description: String { "not JSON at byte \(offset): \(reason)" }
}
