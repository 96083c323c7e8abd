/// Why bytes are no block of Prometheus, or not a whole one.
public struct BlockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The message, for people.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Bytes end before what they promise.
    static func truncated(_ what: String, at offset: Int) -> BlockError {
        BlockError("\(what) ends too early, at byte \(offset)")
    }
}
