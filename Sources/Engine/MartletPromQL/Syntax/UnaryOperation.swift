/// A sign and its operand.
public struct UnaryOperation: Hashable, Sendable {
    /// Whether the sign is a minus.
    public var isNegative: Bool

    /// The operand.
    public var operand: Expression

    /// Where it stands.
    public var sourceRange: SourceRange
}
