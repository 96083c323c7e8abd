import MartletCore
import MartletSeries

extension Expression: CustomStringConvertible {
    /// The expression on one line, in Prometheus' form; parsing it gives the same tree but for places.
    public var description: String {
        switch self {
        case .number(let node): node.text
        case .string(let node): node.isWellFormed ? LabelSyntax.quoted(node.value) : node.written
        case .selector(let node): node.text + node.time.text
        case .range(let node): node.text
        case .subquery(let node): "\(node.inner)\(node.suffix)"
        case .call(let node): "\(node.function.name)(\(node.arguments.map(\.description).joined(separator: ", ")))"
        case .aggregation(let node):
            "\(node.head)(\(node.arguments.map(\.description).joined(separator: ", ")))"
        case .binary(let node):
            node.chain.operations.reduce(into: node.chain.first.description) { text, node in
                text += " \(node.middle) \(node.right)"
            }
        case .unary(let node): "\(node.sign)\(node.operand)"
        case .parenthesized(let node): "(\(node.inner))"
        }
    }
}

extension NumberLiteral {
    var text: String {
        isDuration ? DurationText.string(milliseconds: Int64((value * 1000).rounded())) : FloatText.general(value)
    }
}

extension VectorSelector {
    /// The selector without what says when to look.
    var text: String {
        let shown = name == nil ? matchers[...] : matchers.dropLast()
        let extent = extent.map { " \($0.rawValue)" } ?? ""
        return bare(shown) + extent
    }

    private func bare(_ shown: ArraySlice<LabelMatcher>) -> String {
        if shown.isEmpty { return name ?? "{}" }
        return "\(name ?? ""){\(shown.map(\.description).joined(separator: ","))}"
    }

    fileprivate var textWithoutExtent: String { bare(name == nil ? matchers[...] : matchers.dropLast()) }
}

extension RangeSelector {
    var text: String {
        let extent = selector.extent.map { " \($0.rawValue)" } ?? ""
        return "\(selector.textWithoutExtent)[\(duration)]\(extent)\(selector.time.text)"
    }
}

extension Subquery {
    /// What follows the inner expression.
    var suffix: String { "[\(duration):\(step.map(\.description) ?? "")]\(time.text)" }
}

extension TimeModifiers {
    /// The modifiers, each after a space.
    var text: String {
        let at =
            switch anchor {
            case .time(let time): " @ \(Self.seconds(time))"
            case .start: " @ start()"
            case .end: " @ end()"
            case nil: ""
            }
        return at + (offset.map { " offset \($0)" } ?? "")
    }

    /// Seconds with three digits after the point.
    private static func seconds(_ milliseconds: Int64) -> String {
        let fraction = String(milliseconds.magnitude % 1000)
        let sign = milliseconds < 0 ? "-" : ""
        let padding = String(repeating: "0", count: 3 - fraction.count)
        return "\(sign)\(milliseconds.magnitude / 1000).\(padding)\(fraction)"
    }
}

extension DurationExpression: CustomStringConvertible {
    /// The stretch of time as PromQL writes it.
    public var description: String {
        switch self {
        case .seconds(let value, _): DurationText.string(milliseconds: Int64((value * 1000).rounded()))
        case .step: "step()"
        case .range: "range()"
        case .negated(let inner): "-\(inner)"
        case .positive(let inner): "+\(inner)"
        case .binary(let operation, let left, let right): "\(left) \(operation.rawValue) \(right)"
        case .lesser(let left, let right): "min_of(\(left), \(right))"
        case .greater(let left, let right): "max_of(\(left), \(right))"
        case .parenthesized(let inner): "(\(inner))"
        }
    }
}

extension Aggregation {
    /// The operation and how it groups, up to the parenthesis.
    var head: String {
        if labels.isEmpty, !isWithout { return operation.rawValue }
        return "\(operation.rawValue) \(isWithout ? "without" : "by") (\(Self.list(labels))) "
    }

    var arguments: [Expression] { (parameter.map { [$0] } ?? []) + [operand] }

    static func list(_ labels: [String]) -> String {
        labels.map(LabelSyntax.quotedIfNeeded).joined(separator: ", ")
    }
}

extension BinaryOperation {
    /// The operator and its modifiers.
    var middle: String {
        var parts = [operation.rawValue]
        if returnsBool { parts.append("bool") }
        if matching.isOn || !matching.labels.isEmpty || matching.cardinality != .oneToOne {
            parts.append("\(matching.isOn ? "on" : "ignoring") (\(Aggregation.list(matching.labels)))")
        }
        if matching.cardinality != .oneToOne {
            let word = matching.cardinality == .manyToOne ? "group_left" : "group_right"
            parts.append("\(word) (\(Aggregation.list(matching.included)))")
        }
        switch (matching.fillLeft, matching.fillRight) {
        case (let left?, let right?) where left == right: parts.append("fill (\(FloatText.general(left)))")
        case (let left, let right):
            if let left { parts.append("fill_left (\(FloatText.general(left)))") }
            if let right { parts.append("fill_right (\(FloatText.general(right)))") }
        }
        return parts.joined(separator: " ")
    }
}

extension UnaryOperation {
    var sign: String { isNegative ? "-" : "+" }
}
