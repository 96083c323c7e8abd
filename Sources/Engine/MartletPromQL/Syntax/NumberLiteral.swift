/// A number in a query.
public struct NumberLiteral: Hashable, Sendable {
    /// The number; a duration's number of seconds.
    public var value: Double

    /// Whether it was written as a duration, such as `5m`.
    public var isDuration: Bool

    /// Where it stands.
    public var sourceRange: SourceRange
}
