/// An expression in parentheses.
public struct Parenthesized: Hashable, Sendable {
    /// The expression.
    public var inner: Expression

    /// Where it stands, with its parentheses.
    public var sourceRange: SourceRange
}
