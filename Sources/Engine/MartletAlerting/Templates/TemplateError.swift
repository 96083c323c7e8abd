/// What is wrong with a template, or went wrong while it was expanded, and where.
public struct TemplateError: Error, Hashable, CustomStringConvertible {
    /// The template's name.
    public let name: String

    /// The line, from 1.
    public let line: Int

    /// The column in characters, from 1.
    public let column: Int

    /// What is wrong, such as `undefined variable "$label"`.
    public let message: String

    /// Creates an error.
    public init(name: String, line: Int, column: Int, message: String) {
        self.name = name
        self.line = line
        self.column = column
        self.message = message
    }

    /// Name, place and message: `template: InstanceDown:1:13: undefined variable "$label"`.
    public var description: String { "template: \(name):\(line):\(column): \(message)" }
}

/// Why a function of a template could not answer.
public struct TemplateFailure: Error, Hashable, CustomStringConvertible {
    /// The message, for people.
    public let description: String

    /// Creates a failure.
    public init(_ description: String) { self.description = description }
}

/// How much one expansion of a template may do.
public struct TemplateLimits: Hashable, Sendable {
    /// The longest result, and the longest text on the way to it, in bytes.
    public var outputBytes: Int

    /// How many nodes, arguments and loop turns are evaluated at most.
    public var steps: Int

    /// How deep templates call one another.
    public var depth: Int

    /// The longest source, in bytes.
    public static let sourceBytesMax = 1 << 20

    /// How deep blocks and parentheses may be nested in a source.
    public static let nestingMax = 100

    /// Creates limits.
    public init(outputBytes: Int = 64 << 10, steps: Int = 100_000, depth: Int = 50) {
        self.outputBytes = outputBytes
        self.steps = steps
        self.depth = depth
    }
}
