/// What is wrong with a condition, and where in its text.
public struct ConditionError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, and what to do.
    public let message: String

    /// The place in the text, from 0; 0 where the condition has no text.
    public let offset: Int

    /// Creates an error.
    public init(_ message: String, at offset: Int = 0) {
        self.message = message
        self.offset = offset
    }

    /// The message.
    public var description: String { message }
}
