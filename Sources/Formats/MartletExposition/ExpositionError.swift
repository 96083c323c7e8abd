/// What is wrong with a line of an exposition.
public struct ExpositionError: Error, Hashable, Sendable {
    /// The line, from 1.
    public var line: Int

    /// The byte in the line where it was noticed, from 1.
    public var column: Int

    /// What is wrong, such as `expected a value after the series`.
    public var message: String

    /// Creates an error.
    public init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }
}

extension ExpositionError: CustomStringConvertible {
    /// Place and reason: `line 3:14: expected a value after the series`.
    public var description: String { "line \(line):\(column): \(message)" }
}
