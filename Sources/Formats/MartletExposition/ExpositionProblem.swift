/// Something a strict reader or a careful author would object to.
public struct ExpositionProblem: Hashable, Sendable, CustomStringConvertible {
    /// Whether a strict reader refuses the text for it; a breach of convention otherwise.
    public var isError: Bool

    /// The line, from 1.
    public var line: Int

    /// The byte in the line, from 1.
    public var column: Int

    /// What is wrong.
    public var message: String

    /// Creates a problem.
    public init(isError: Bool = true, line: Int, column: Int, message: String) {
        self.isError = isError
        self.line = line
        self.column = column
        self.message = message
    }

    /// Place and reason: `3:14: error: …`.
    public var description: String { "\(line):\(column): \(isError ? "error" : "warning"): \(message)" }
}
