/// A compiled regular expression in RE2 syntax; the engine's port to whatever implements it.
public protocol Pattern: Sendable {
    /// Whether the whole text matches, from its first to its last character.
    func matches(_ text: String) -> Bool

    /// The text rewritten by a template with `$1` and `${name}`, or `nil` where the whole text does not match.
    ///
    /// A group that took no part, or that does not exist, is empty; `$$` is a dollar sign.
    func expand(_ template: String, in text: String) -> String?

    /// The text with every match anywhere in it replaced by the template.
    func replaceAll(in text: String, with template: String) -> String

    /// The expression as it was written.
    var source: String { get }
}

/// Compiles regular expressions; matching takes time linear in the text, whatever the expression.
public protocol PatternCompiler: Sendable {
    /// Compiles an expression that ``Pattern/matches(_:)`` anchors at both ends; `.` matches newlines too.
    ///
    /// - Throws: ``PatternError`` when the expression is malformed or too large.
    func compile(_ source: String) throws(PatternError) -> any Pattern
}

/// What is wrong with a regular expression.
public struct PatternError: Error, Hashable, CustomStringConvertible {
    /// The expression as it was written.
    public let source: String

    /// What is wrong, in the words of the implementation, such as ``missing closing ): (a``.
    public let description: String

    /// Creates an error.
    public init(source: String, description: String) {
        self.source = source
        self.description = description
    }
}
