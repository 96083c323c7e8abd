extension Expression {
    /// Whether the value is the same at every step, because every selector in it has a fixed time.
    ///
    /// Numbers alone don't count: repeating them is no less work than evaluating them.
    var isStepInvariant: Bool {
        switch self {
        case .number, .string: false
        default: isConstant
        }
    }

    private var isConstant: Bool {
        switch self {
        case .number, .string: true
        case .selector(let node): node.time.anchor != nil
        case .range(let node): node.selector.time.anchor != nil
        case .subquery(let node): node.time.anchor != nil
        case .parenthesized(let node): node.inner.isConstant
        case .unary(let node): node.operand.isConstant
        case .aggregation(let node): node.operand.isConstant && node.parameter?.isConstant ?? true
        case .binary(let node):
            node.right.isConstant && node.chain.first.isConstant
                && node.chain.operations.allSatisfy(\.right.isConstant)
        case .call(let node):
            !Self.timeFunctions.contains(node.function.name) && !(node.arguments.isEmpty && node.readsClock)
                && node.arguments.allSatisfy(\.isConstant)
        }
    }

    /// Functions whose value depends on the evaluation's time even when their arguments' don't.
    private static let timeFunctions: Set<String> = ["time", "timestamp", "predict_linear"]
}

extension FunctionCall {
    /// Whether the function without arguments takes the evaluation's time.
    fileprivate var readsClock: Bool { CalendarField(rawValue: function.name) != nil }
}
