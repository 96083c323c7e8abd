/// Groups of elements made into one each, or picked from.
public struct Aggregation: Hashable, Sendable {
    /// What is done with a group.
    public var operation: Aggregator

    /// The elements.
    public var operand: Expression

    /// The parameter where the operation takes one.
    public var parameter: Expression?

    /// The labels that tell groups apart, or with ``isWithout`` those that don't.
    public var labels: [String]

    /// Whether groups are told apart by all labels but the named ones.
    public var isWithout: Bool

    /// Where it stands.
    public var sourceRange: SourceRange
}
