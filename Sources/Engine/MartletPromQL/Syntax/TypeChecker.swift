import MartletCore
import MartletSeries

/// Finds what the grammar allows but the types don't; errors are in Prometheus' order and words.
struct TypeChecker {
    let bytes: [UInt8]

    func check(_ expression: Expression) throws(PromQLError) {
        switch expression {
        case .number, .string: return
        case .selector(let node): try check(node, mayBeEmpty: false)
        case .range(let node): try check(node.selector, mayBeEmpty: false)
        case .subquery(let node):
            try check(node.inner)
            guard node.inner.type == .vector else {
                let message = "subquery is only allowed on instant vector, got \(node.inner.type.name) instead"
                throw error(message, node.sourceRange)
            }
        case .parenthesized(let node): try check(node.inner)
        case .unary(let node):
            try check(node.operand)
            guard node.operand.type == .scalar || node.operand.type == .vector else {
                let found = LabelSyntax.quoted(node.operand.type.rawValue)
                let message = "unary expression only allowed on expressions of type scalar or instant vector"
                throw error("\(message), got \(found)", node.sourceRange)
            }
        case .aggregation(let node):
            try expect(.vector, node.operand, "aggregation expression")
            if let parameter = node.parameter {
                try expect(node.operation == .countValues ? .string : .scalar, parameter, "aggregation parameter")
            }
        case .binary(let node): try check(node)
        case .call(let node): try check(node)
        }
    }

    private func expect(_ type: ValueType, _ expression: Expression, _ context: String) throws(PromQLError) {
        try check(expression)
        guard expression.type == type else {
            let found = expression.type.rawValue
            throw error("expected type \(type.rawValue) in \(context), got \(found)", expression.sourceRange)
        }
    }

    private func check(_ node: VectorSelector, mayBeEmpty: Bool) throws(PromQLError) {
        if let name = node.name {
            if let other = node.matchers.dropLast().first(where: { $0.name == Label.metricName }) {
                let names = "\(LabelSyntax.quoted(name)) or \(LabelSyntax.quoted(other.value))"
                throw error("metric name must not be set twice: \(names)", node.sourceRange)
            }
            return
        }
        guard mayBeEmpty || node.matchers.contains(where: { !$0.matches("") }) else {
            throw error("vector selector must contain at least one non-empty matcher", node.sourceRange)
        }
    }

    /// Checks operations from the innermost left operand outwards, without recursion: chains may be long.
    private func check(_ node: BinaryOperation) throws(PromQLError) {
        let (first, operations) = node.chain
        try check(first)
        var left = first.type
        for node in operations {
            try check(node.right)
            let right = node.right.type
            try check(node, left, right)
            left = left == .scalar && right == .scalar ? .scalar : .vector
        }
    }

    private func check(_ node: BinaryOperation, _ left: ValueType, _ right: ValueType) throws(PromQLError) {
        if node.returnsBool, !node.operation.isComparison {
            throw error("bool modifier can only be used on comparison operators", node.operatorRange)
        }
        if node.operation.isComparison, !node.returnsBool, left == .scalar, right == .scalar {
            throw error("comparisons between scalars must use BOOL modifier", node.operatorRange)
        }
        if node.matching.isOn, let label = node.matching.labels.first(where: node.matching.included.contains) {
            let quoted = LabelSyntax.quoted(label)
            throw error("label \(quoted) must not occur in ON and GROUP clause at once", node.operatorRange)
        }
        for (type, side) in [(left, node.left), (right, node.right)] where type != .scalar && type != .vector {
            let message = "binary expression must contain only scalar and instant vector types"
            throw error(message, side.sourceRange)
        }
        try checkMatching(node, areVectors: left == .vector && right == .vector)
    }

    private func checkMatching(_ node: BinaryOperation, areVectors: Bool) throws(PromQLError) {
        let hasFill = node.matching.fillLeft != nil || node.matching.fillRight != nil
        let operation = LabelSyntax.quoted(node.operation.rawValue)
        if !areVectors {
            if !node.matching.labels.isEmpty {
                throw error("vector matching only allowed between instant vectors", node.sourceRange)
            }
            if hasFill {
                throw error("filling in missing series only allowed between instant vectors", node.sourceRange)
            }
            if node.operation.isSetOperator {
                throw error("set operator \(operation) not allowed in binary scalar expression", node.sourceRange)
            }
        } else if node.operation.isSetOperator {
            if node.matching.cardinality != .oneToOne {
                throw error("no grouping allowed for \(operation) operation", node.sourceRange)
            }
            if hasFill {
                throw error("filling in missing series not allowed for set operators", node.sourceRange)
            }
        }
    }

    private func check(_ node: FunctionCall) throws(PromQLError) {
        try checkCount(node)
        let function = node.function
        for (index, argument) in node.arguments.enumerated() {
            if function.name == "info", index == 1 {
                try checkLabelSelector(argument, node)
                continue
            }
            guard let type = index < function.arguments.count ? function.arguments[index] : function.arguments.last
            else { return }
            try expect(type, argument, "call to function \(LabelSyntax.quoted(function.name))")
        }
    }

    private func checkCount(_ node: FunctionCall) throws(PromQLError) {
        let (count, declared) = (node.arguments.count, node.function.arguments.count)
        let call = "argument(s) in call to \(LabelSyntax.quoted(node.function.name)), got \(count)"
        switch node.function.repetition {
        case .none:
            guard count == declared else { throw error("expected \(declared) \(call)", node.sourceRange) }
        case .unlimited, .upTo:
            guard count >= declared - 1 else {
                throw error("expected at least \(declared - 1) \(call)", node.sourceRange)
            }
            if case .upTo(let more) = node.function.repetition, count > declared - 1 + more {
                throw error("expected at most \(declared - 1 + more) \(call)", node.sourceRange)
            }
        }
    }

    /// The second argument of `info` is a selector without a name.
    private func checkLabelSelector(_ argument: Expression, _ node: FunctionCall) throws(PromQLError) {
        guard argument.type == .vector else {
            let found = argument.type.rawValue
            let message = "expected type instant vector in call to function \"info\", got \(found)"
            throw error(message, node.sourceRange)
        }
        guard case .selector(let selector) = argument else {
            throw error("expected label selectors only", argument.sourceRange)
        }
        guard selector.name == nil else {
            throw error("expected label selectors only, got vector selector instead", argument.sourceRange)
        }
        try check(selector, mayBeEmpty: true)
    }

    private func error(_ message: String, _ range: SourceRange) -> PromQLError {
        let (line, column) = range.position(in: bytes)
        return .parse(message: message, line: line, column: column)
    }
}
