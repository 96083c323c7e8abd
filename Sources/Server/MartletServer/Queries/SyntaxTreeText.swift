import MartletCore
import MartletPromQL
import MartletSeries

/// A query's tree as `parse_query` shows it, its members in the order of the alphabet as Prometheus sends them.
enum SyntaxTreeText {
    /// Writes a node with all below it; the parser bounds how deep that goes.
    static func write(_ expression: Expression, to writer: inout JSONWriter) {
        switch expression {
        case .number(let node):
            var digits: [UInt8] = []
            FloatText.append(node.value, to: &digits)
            writer.object {
                $0.member("type", "numberLiteral")
                $0.member("val", String(decoding: digits, as: UTF8.self))
            }
        case .string(let node):
            writer.object {
                $0.member("type", "stringLiteral")
                $0.member("val", node.value)
            }
        case .selector(let node): writer.object { write(node, range: nil, to: &$0) }
        case .range(let node): writer.object { write(node.selector, range: node.duration, to: &$0) }
        case .subquery(let node): write(node, to: &writer)
        case .call(let node): write(node, to: &writer)
        case .aggregation(let node): write(node, to: &writer)
        case .binary(let node): write(node, to: &writer)
        case .unary(let node):
            writer.object {
                $0.key("expr")
                write(node.operand, to: &$0)
                $0.member("op", node.isNegative ? "-" : "+")
                $0.member("type", "unaryExpr")
            }
        case .parenthesized(let node):
            writer.object {
                $0.key("expr")
                write(node.inner, to: &$0)
                $0.member("type", "parenExpr")
            }
        }
    }

    private static func write(_ node: VectorSelector, range: DurationExpression?, to writer: inout JSONWriter) {
        writer.member("anchored", node.extent == .anchored)
        writer.key("matchers")
        writer.array(node.matchers) { writer, matcher in
            writer.object {
                $0.member("name", matcher.name)
                $0.member("type", matcher.operation.rawValue)
                $0.member("value", matcher.value)
            }
        }
        writer.member("name", node.name ?? "")
        writer.key("offset")
        milliseconds(node.time.offset, to: &writer)
        if let range {
            writer.key("range")
            milliseconds(range, to: &writer)
        }
        writer.member("smoothed", node.extent == .smoothed)
        write(node.time.anchor, after: "startOrEnd", to: &writer)
        writer.member("type", range == nil ? "vectorSelector" : "matrixSelector")
    }

    private static func write(_ node: Subquery, to writer: inout JSONWriter) {
        writer.object {
            $0.key("expr")
            write(node.inner, to: &$0)
            $0.key("offset")
            milliseconds(node.time.offset, to: &$0)
            $0.key("range")
            milliseconds(node.duration, to: &$0)
            write(node.time.anchor, after: "startOrEnd", step: node.step, to: &$0)
            $0.member("type", "subquery")
        }
    }

    private static func write(_ node: FunctionCall, to writer: inout JSONWriter) {
        writer.object {
            $0.key("args")
            $0.array(node.arguments) { write($1, to: &$0) }
            $0.key("func")
            $0.object {
                $0.member("argTypes", strings: node.function.arguments.map(\.name))
                $0.member("name", node.function.name)
                $0.member("returnType", node.function.result.name)
                switch node.function.repetition {
                case .none: $0.member("variadic", 0)
                case .upTo(let count): $0.member("variadic", count)
                case .unlimited: $0.member("variadic", -1)
                }
            }
            $0.member("type", "call")
        }
    }

    private static func write(_ node: Aggregation, to writer: inout JSONWriter) {
        writer.object {
            $0.key("expr")
            write(node.operand, to: &$0)
            $0.member("grouping", strings: node.labels)
            $0.member("op", node.operation.rawValue)
            $0.key("param")
            if let parameter = node.parameter { write(parameter, to: &$0) } else { $0.null() }
            $0.member("type", "aggregation")
            $0.member("without", node.isWithout)
        }
    }

    private static func write(_ node: BinaryOperation, to writer: inout JSONWriter) {
        writer.object {
            $0.member("bool", node.returnsBool)
            $0.key("lhs")
            write(node.left, to: &$0)
            $0.key("matching")
            if node.left.type == .scalar || node.right.type == .scalar {
                $0.null()
            } else {
                write(node.matching, isSet: ["and", "or", "unless"].contains(node.operation.rawValue), to: &$0)
            }
            $0.member("op", node.operation.rawValue)
            $0.key("rhs")
            write(node.right, to: &$0)
            $0.member("type", "binaryExpr")
        }
    }

    private static func write(_ matching: VectorMatching, isSet: Bool, to writer: inout JSONWriter) {
        let cardinality =
            switch matching.cardinality {
            case .oneToOne: isSet ? "many-to-many" : "one-to-one"
            case .manyToOne: "many-to-one"
            case .oneToMany: "one-to-many"
            }
        writer.object {
            $0.member("card", cardinality)
            if matching.fillLeft != nil || matching.fillRight != nil {
                $0.key("fillValues")
                $0.object {
                    for (name, value) in [("lhs", matching.fillLeft), ("rhs", matching.fillRight)] {
                        $0.key(name)
                        if let value { $0.number(value) } else { $0.null() }
                    }
                }
            }
            $0.member("include", strings: matching.included)
            $0.member("labels", strings: matching.labels)
            $0.member("on", matching.isOn)
        }
    }

    /// Writes where a fixed time comes from and which it is; a subquery's step stands between the two.
    private static func write(
        _ anchor: TimeModifiers.Anchor?,
        after name: String,
        step: DurationExpression?? = nil,
        to writer: inout JSONWriter
    ) {
        writer.key(name)
        switch anchor {
        case .start: writer.string("start")
        case .end: writer.string("end")
        case .time, nil: writer.null()
        }
        if let step {
            writer.key("step")
            milliseconds(step, to: &writer)
        }
        writer.key("timestamp")
        if case .time(let time) = anchor { writer.integer(time) } else { writer.null() }
    }

    /// Writes a stretch of time; `null` where it is arithmetic that only a run of the query works out.
    private static func milliseconds(_ duration: DurationExpression?, to writer: inout JSONWriter) {
        if let duration {
            if let seconds = literal(duration) { writer.number((seconds * 1000).rounded()) } else { writer.null() }
        } else {
            writer.integer(0)
        }
    }

    private static func literal(_ duration: DurationExpression) -> Double? {
        switch duration {
        case .seconds(let seconds, _): seconds
        case .negated(let inner): literal(inner).map { -$0 }
        case .positive(let inner), .parenthesized(let inner): literal(inner)
        default: nil
        }
    }
}
