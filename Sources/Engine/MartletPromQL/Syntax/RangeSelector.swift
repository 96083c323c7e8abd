/// A selector and how much of the time before its time it takes.
public struct RangeSelector: Hashable, Sendable {
    /// The series.
    public var selector: VectorSelector

    /// How much time.
    public var duration: DurationExpression

    /// Where it stands.
    public var sourceRange: SourceRange
}
