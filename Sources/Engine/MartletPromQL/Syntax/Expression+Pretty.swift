import MartletSeries

extension Expression {
    /// The longest line that is left in one piece.
    private static let widthMax = 100

    /// The expression over as many lines as it needs, indented by two spaces a level, as `format_query` gives it.
    ///
    /// What fits into 100 characters stays on one line.
    public var prettyPrinted: String { pretty(0) }

    private func pretty(_ level: Int) -> String {
        let indent = String(repeating: "  ", count: level)
        let line = description
        if indent.count + line.count <= Self.widthMax { return indent + line }
        switch self {
        case .number, .string, .selector, .range: return indent + line
        case .call(let node): return "\(indent)\(node.function.name)(\n\(Self.list(node.arguments, level))\n\(indent))"
        case .aggregation(let node): return "\(indent)\(node.head)(\n\(Self.list(node.arguments, level))\n\(indent))"
        case .parenthesized(let node): return "\(indent)(\n\(node.inner.pretty(level + 1))\n\(indent))"
        case .subquery(let node): return node.inner.pretty(level) + node.suffix
        case .unary(let node): return indent + node.sign + node.operand.pretty(level).dropFirst(indent.count)
        case .binary(let node):
            return """
                \(node.left.pretty(level + 1))
                \(indent)\(node.middle)
                \(node.right.pretty(level + 1))
                """
        }
    }

    private static func list(_ arguments: [Expression], _ level: Int) -> String {
        arguments.map { $0.pretty(level + 1) }.joined(separator: ",\n")
    }
}
