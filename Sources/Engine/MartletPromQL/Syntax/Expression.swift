/// A query as a tree.
public indirect enum Expression: Hashable, Sendable {
    /// A number, or a duration as a number of seconds.
    case number(NumberLiteral)
    /// A text.
    case string(StringLiteral)
    /// The newest sample of each of some series.
    case selector(VectorSelector)
    /// The samples of a stretch of time of each of some series.
    case range(RangeSelector)
    /// An expression evaluated at many times of a stretch.
    case subquery(Subquery)
    /// A function's application.
    case call(FunctionCall)
    /// Groups of elements made into one each.
    case aggregation(Aggregation)
    /// Two operands and what stands between them.
    case binary(BinaryOperation)
    /// A sign and its operand.
    case unary(UnaryOperation)
    /// An expression in parentheses.
    case parenthesized(Parenthesized)

    /// Where the expression stands in the text.
    public var sourceRange: SourceRange {
        switch self {
        case .number(let node): node.sourceRange
        case .string(let node): node.sourceRange
        case .selector(let node): node.sourceRange
        case .range(let node): node.sourceRange
        case .subquery(let node): node.sourceRange
        case .call(let node): node.sourceRange
        case .aggregation(let node): node.sourceRange
        case .binary(let node): node.sourceRange
        case .unary(let node): node.sourceRange
        case .parenthesized(let node): node.sourceRange
        }
    }

    /// What the expression's value is.
    public var type: ValueType {
        switch self {
        case .number: .scalar
        case .string: .string
        case .selector: .vector
        case .range, .subquery: .matrix
        case .call(let node): node.function.result
        case .aggregation: .vector
        case .binary(let node):
            node.right.type == .scalar && node.chain.first.type == .scalar
                && node.chain.operations.allSatisfy { $0.right.type == .scalar } ? .scalar : .vector
        case .unary(let node): node.operand.type
        case .parenthesized(let node): node.inner.type
        }
    }

    /// The expression without the parentheses around it.
    var unwrapped: Expression {
        var result = self
        while case .parenthesized(let node) = result { result = node.inner }
        return result
    }
}
