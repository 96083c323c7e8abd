/// Values of expressions that stand in a query more than once, so that they are worked out once.
///
/// Two parts of a query are the same where their texts are: then whatever is to be annotated is, too, but for its place.
struct SharedValues {
    struct Key: Hashable {
        var text: ArraySlice<UInt8>
        var steps: Steps
        var use: Evaluator.HistogramUse
    }

    struct Entry {
        var value: StepValue
        var start: Int
        var notes: [Annotations.Note]
    }

    /// The texts that stand in the query more than once.
    fileprivate var texts: Set<ArraySlice<UInt8>> = []
    fileprivate var entries: [Key: Entry] = [:]

    /// Whether everything stands in the query once.
    var isEmpty: Bool { texts.isEmpty }
}

extension Evaluator {
    /// Finds what stands in the query more than once.
    func share(_ expression: Expression) {
        guard annotations.hasText else { return }
        var found: [ArraySlice<UInt8>: Int] = [:]
        expression.forEachPart { part in
            switch part {
            case .selector, .call, .aggregation, .binary:
                found[annotations.text(of: part.sourceRange), default: 0] += 1
            default: break
            }
        }
        for (text, count) in found where count > 1 { shared.texts.insert(text) }
    }

    /// Whether an expression stands in the query more than once.
    func isShared(_ expression: Expression) -> Bool {
        !shared.texts.isEmpty && shared.texts.contains(annotations.text(of: expression.sourceRange))
    }

    /// The value of an expression, from before where it has been worked out already.
    func shared(
        _ expression: Expression,
        _ steps: Steps,
        _ body: () throws(PromQLError) -> StepValue
    ) throws(PromQLError) -> StepValue {
        if shared.texts.isEmpty { return try body() }
        let place = expression.sourceRange
        let text = annotations.text(of: place)
        guard shared.texts.contains(text) else { return try body() }
        let key = SharedValues.Key(text: text, steps: steps, use: histogramUse)
        if let entry = shared.entries[key] {
            annotations.repeat(entry.notes, movedBy: place.start - entry.start)
            return entry.value
        }
        let mark = annotations.log.count
        let value = try body()
        let notes = Array(annotations.log[mark...])
        shared.entries[key] = SharedValues.Entry(value: value, start: place.start, notes: notes)
        return value
    }
}

extension Expression {
    /// Calls back for the expression and every one in it.
    func forEachPart(_ body: (Expression) -> Void) {
        body(self)
        switch self {
        case .number, .string, .selector, .range: break
        case .subquery(let node): node.inner.forEachPart(body)
        case .call(let node): for argument in node.arguments { argument.forEachPart(body) }
        case .aggregation(let node):
            node.parameter?.forEachPart(body)
            node.operand.forEachPart(body)
        case .binary(let node):
            // The beginnings of a chain are not called parts of it, as there may be thousands.
            let chain = node.chain
            chain.first.forEachPart(body)
            for node in chain.operations { node.right.forEachPart(body) }
        case .unary(let node): node.operand.forEachPart(body)
        case .parenthesized(let node): node.inner.forEachPart(body)
        }
    }
}
