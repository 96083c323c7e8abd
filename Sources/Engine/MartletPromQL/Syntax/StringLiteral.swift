/// A text in a query.
public struct StringLiteral: Hashable, Sendable {
    /// The text without quotes and escapes.
    public var value: String

    /// Whether the escapes make valid UTF-8; where they don't, `value` holds replacement characters.
    public var isWellFormed: Bool

    /// The text as it was written, with its quotes.
    public var written: String

    /// Where it stands.
    public var sourceRange: SourceRange
}
