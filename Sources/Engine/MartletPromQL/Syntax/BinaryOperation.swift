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

    /// The innermost left operand and the operations on it, this one last: `a`, then `a + b`, then `a + b + c`.
    ///
    /// Chains may have thousands of terms, so that they are better walked through than descended into.
    var chain: (first: Expression, operations: [BinaryOperation]) {
        var operations = [self]
        var first = left
        while case .binary(let node) = first {
            operations.append(node)
            first = node.left
        }
        operations.reverse()
        return (first, operations)
    }

    /// Where the operation stands.
    public var sourceRange: SourceRange {
        var first = left
        while case .binary(let node) = first { first = node.left }
        return SourceRange(start: first.sourceRange.start, end: right.sourceRange.end)
    }
}
