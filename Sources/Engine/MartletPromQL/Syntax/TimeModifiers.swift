/// How the time at which a selector or a subquery looks differs from the evaluation's time.
public struct TimeModifiers: Hashable, Sendable {
    /// A fixed time.
    public enum Anchor: Hashable, Sendable {
        /// Milliseconds since the epoch.
        case time(Int64)
        /// The start of the query.
        case start
        /// The end of the query.
        case end
    }

    /// How far to look back from the time, or ahead if negative.
    public var offset: DurationExpression?

    /// The time that replaces the evaluation's.
    public var anchor: Anchor?
}
