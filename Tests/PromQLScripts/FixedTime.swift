import MartletPromQL

extension Expression {
    /// The expression with a fixed time on every selector that has none; nil where functions depend on the time anyway.
    ///
    /// In a subquery the subquery itself gets the time, and what stands inside of it none.
    func fixed(at time: Int64) -> Expression? {
        switch self {
        case .number, .string: return self
        case .selector(var node):
            node.time.anchor = node.time.anchor ?? .time(time)
            return .selector(node)
        case .range(var node):
            node.selector.time.anchor = node.selector.time.anchor ?? .time(time)
            return .range(node)
        case .subquery(var node):
            guard node.inner.fixed(at: time) != nil else { return nil }
            node.time.anchor = node.time.anchor ?? .time(time)
            return .subquery(node)
        case .parenthesized(var node):
            guard let inner = node.inner.fixed(at: time) else { return nil }
            node.inner = inner
            return .parenthesized(node)
        case .unary(var node):
            guard let operand = node.operand.fixed(at: time) else { return nil }
            node.operand = operand
            return .unary(node)
        case .binary(var node):
            guard let left = node.left.fixed(at: time), let right = node.right.fixed(at: time) else { return nil }
            node.left = left
            node.right = right
            return .binary(node)
        case .aggregation(var node):
            guard let operand = node.operand.fixed(at: time) else { return nil }
            node.operand = operand
            if let parameter = node.parameter {
                guard let fixed = parameter.fixed(at: time) else { return nil }
                node.parameter = fixed
            }
            return .aggregation(node)
        case .call(var node):
            guard !Self.timely.contains(node.function.name) else { return nil }
            for (index, argument) in node.arguments.enumerated() {
                // The second argument of info says which labels are wanted; it selects at no time of its own.
                if node.function.name == "info", index == 1 { continue }
                guard let fixed = argument.fixed(at: time) else { return nil }
                node.arguments[index] = fixed
            }
            return .call(node)
        }
    }

    /// Functions whose value depends on the time of the evaluation even where their arguments' does not.
    private static let timely: Set<String> = [
        "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year",
        "predict_linear", "time", "timestamp", "start", "end", "step", "range",
    ]
}
