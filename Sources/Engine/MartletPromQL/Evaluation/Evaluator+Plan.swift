/// The nodes of a plan that are being worked on, the innermost last.
struct PlanTrace {
    private var open: [QueryPlan] = []
    private(set) var root: QueryPlan?

    mutating func begin(_ operation: String) {
        open.append(QueryPlan(operation: operation))
    }

    /// Says how the innermost node is evaluated.
    mutating func note(method: String) {
        if !open.isEmpty { open[open.count - 1].method = method }
    }

    mutating func end(_ finish: (inout QueryPlan) -> Void) {
        guard var node = open.popLast() else { return }
        finish(&node)
        if open.isEmpty {
            root = node
        } else {
            open[open.count - 1].children.append(node)
        }
    }
}

extension Evaluator {
    /// Evaluates a part of the query and, where the plan is asked for, notes what it took.
    func traced<Value>(
        _ expression: Expression,
        _ size: (Value) -> (series: Int, values: Int),
        _ body: () throws(PromQLError) -> Value
    ) throws(PromQLError) -> Value {
        guard options.explains else { return try body() }
        let start = ContinuousClock.now
        let read = statistics.samplesRead
        trace.begin(expression.operationText)
        let value = try body()
        trace.end { node in
            (node.series, node.values) = size(value)
            node.samplesRead = statistics.samplesRead - read
            node.duration = ContinuousClock.now - start
        }
        return value
    }
}

extension StepValue {
    /// How many series and values there are.
    var size: (series: Int, values: Int) {
        switch self {
        case .scalar(let values): (0, values.count)
        case .string: (0, 1)
        case .vector(let columns):
            (
                columns.count,
                columns.reduce(0) { sum, column in
                    sum + column.values.indices.reduce(0) { $0 + (column.isPresent($1) ? 1 : 0) }
                }
            )
        }
    }
}

extension Expression {
    /// The expression without its operands.
    fileprivate var operationText: String {
        switch self {
        case .call(let node): node.function.name
        case .aggregation(let node): node.head.last == " " ? String(node.head.dropLast()) : node.head
        case .binary(let node): node.middle
        case .unary(let node): node.sign
        case .parenthesized: "()"
        case .subquery(let node): node.suffix
        case .number, .string, .selector, .range: description
        }
    }
}
