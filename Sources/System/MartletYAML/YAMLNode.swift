/// One node of a YAML document, with its place in the text.
public struct YAMLNode: Sendable {
    /// What the node holds.
    public indirect enum Content: Sendable {
        /// A text; `isPlain` when it stood without quotes, so that `null`, `true` and numbers can be told from texts.
        case scalar(String, isPlain: Bool)
        /// A list.
        case sequence([YAMLNode])
        /// Keys and values in the order written, with keys as written; duplicate keys are an error of the parser.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    /// What the node holds.
    public var content: Content

    /// Where the node begins.
    public var mark: YAMLMark

    /// Creates a node.
    public init(_ content: Content, at mark: YAMLMark) {
        self.content = content
        self.mark = mark
    }

    /// The text of a scalar, or `nil`.
    public var scalar: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// Whether this is an unquoted empty text, `~` or `null`.
    public var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }
}

/// A place in a YAML text.
public struct YAMLMark: Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int

    /// The column, from 1, in characters.
    public var column: Int

    /// Creates a place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// `line:column`.
    public var description: String { "\(line):\(column)" }
}

/// What is wrong with a YAML text, and where.
public struct YAMLError: Error, Hashable, CustomStringConvertible {
    /// The place.
    public let mark: YAMLMark

    /// What is wrong, such as `did not find expected key`.
    public let message: String

    /// Creates an error.
    public init(_ message: String, at mark: YAMLMark) {
        self.message = message
        self.mark = mark
    }

    /// `line:column: message`.
    public var description: String { "\(mark): \(message)" }
}
