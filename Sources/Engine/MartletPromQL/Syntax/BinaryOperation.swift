/// Two operands and what stands between them.
public struct BinaryOperation: Hashable, Sendable {
    /// What is done.
    public var operation: BinaryOperator

    /// The left operand.
    public var left: Expression

    /// The right operand.
    public var right: Expression

    /// Whether a comparison gives 0 or 1 instead of choosing elements.
    public var returnsBool: Bool

    /// How elements of two vectors find each other.
    public var matching: VectorMatching

    /// Where the operator stands.
    public var operatorRange: SourceRange

    /// Where the operation stands.
    public var sourceRange: SourceRange {
        SourceRange(start: left.sourceRange.start, end: right.sourceRange.end)
    }
}
