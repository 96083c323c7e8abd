/// An expression evaluated again and again over a stretch of time.
public struct Subquery: Hashable, Sendable {
    /// The expression.
    public var inner: Expression

    /// How much time.
    public var duration: DurationExpression

    /// The time between two evaluations; `nil` for the default.
    public var step: DurationExpression?

    /// When the stretch ends.
    public var time = TimeModifiers()

    /// Where it stands.
    public var sourceRange: SourceRange
}
