/// What is wrong with a search's text, and where.
public struct SearchError: Error, Hashable, CustomStringConvertible {
    /// The place, in characters from 1 on.
    public var column: Int

    /// What is wrong and what to write instead.
    public var message: String

    /// Creates an error.
    public init(column: Int, message: String) {
        self.column = column
        self.message = message
    }

    /// Place and message, for people.
    public var description: String { "1:\(column): parse error: \(message)" }
}
