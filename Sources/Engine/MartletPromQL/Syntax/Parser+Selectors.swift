import MartletCore
import MartletSeries

extension Parser {
    /// A selector whose first token is the current one.
    mutating func vectorSelector() throws(PromQLError) -> VectorSelector {
        guard isMetricName else { return try vectorSelector(named: nil) }
        let name = current
        try advance()
        return try vectorSelector(named: name)
    }

    /// A selector whose name, if it has one, has been read.
    mutating func vectorSelector(named name: Token?) throws(PromQLError) -> VectorSelector {
        let start = name?.range.start ?? current.range.start
        var matchers: [LabelMatcher] = []
        if current.kind == .leftBrace {
            try advance()
            matchers = try matcherList()
        }
        if let name { matchers.append(LabelMatcher(Label.metricName, .equal, name.text)) }
        return VectorSelector(
            name: name?.text,
            matchers: matchers,
            sourceRange: SourceRange(start: start, end: lastEnd)
        )
    }

    private mutating func matcherList() throws(PromQLError) -> [LabelMatcher] {
        var matchers: [LabelMatcher] = []
        while current.kind != .rightBrace {
            matchers.append(try matcher())
            if current.kind == .comma {
                try advance()
            } else if current.kind != .rightBrace {
                throw unexpected(in: "label matching", #""," or "}""#)
            }
        }
        try advance()
        return matchers
    }

    private mutating func matcher() throws(PromQLError) -> LabelMatcher {
        let label = current
        guard label.kind == .identifier || label.kind == .string else {
            throw unexpected(in: "label matching", #"identifier or "}""#)
        }
        try advance()
        let name = label.kind == .string ? Self.unquoted(label).value : label.text
        let operation: LabelMatcher.Operation
        switch current.kind {
        case .equal: operation = .equal
        case .operation(.notEqual): operation = .notEqual
        case .matches: operation = .matches
        case .doesNotMatch: operation = .doesNotMatch
        default:
            if label.kind == .string, current.kind == .comma || current.kind == .rightBrace {
                return LabelMatcher(Label.metricName, .equal, name)
            }
            throw unexpected(in: "label matching", "label matching operator")
        }
        try advance()
        guard current.kind == .string else { throw unexpected(in: "label matching", "string") }
        let value = try string()
        do throws(PatternError) {
            return try LabelMatcher(name, operation, value.value, compiler: patterns)
        } catch {
            let range = SourceRange(start: label.range.start, end: lastEnd)
            throw self.error("error parsing regexp: \(error.description)", range)
        }
    }

    /// The expression with the next modifier, range or subquery applied, or `nil` where none follows.
    mutating func modified(_ expression: Expression) throws(PromQLError) -> Expression? {
        switch current.kind {
        case .leftBracket: return try bracketed(expression)
        case .keyword(.offset):
            try advance()
            return try offset(expression)
        case .at:
            try advance()
            return try anchored(expression)
        case .keyword(.anchored), .keyword(.smoothed):
            let extent = current.kind == .keyword(.anchored) ? RangeExtent.anchored : .smoothed
            let result = try extended(expression, extent)
            try advance()
            return result
        default: return nil
        }
    }

    private func extended(_ expression: Expression, _ extent: RangeExtent) throws(PromQLError) -> Expression {
        let range = expression.sourceRange
        guard features.contains(.extendedRangeSelectors) else {
            throw error("\(extent.rawValue) modifier is experimental and not enabled", range)
        }
        func joined(_ selector: VectorSelector) throws(PromQLError) -> VectorSelector {
            if let other = selector.extent, other != extent {
                throw error("anchored and smoothed modifiers cannot be used together", range)
            }
            var result = selector
            result.extent = extent
            return result
        }
        switch expression {
        case .selector(let node): return .selector(try joined(node))
        case .range(var node):
            node.selector = try joined(node.selector)
            return .range(node)
        case .subquery: throw error("\(extent.rawValue) modifier is not supported for subqueries", range)
        default: throw error("\(extent.rawValue) modifier not implemented", range)
        }
    }

    private mutating func offset(_ expression: Expression) throws(PromQLError) -> Expression {
        let offset = try offsetDuration()
        let end = lastEnd
        return try changingTime(of: expression, end: end, "offset modifier") { time throws(PromQLError) in
            guard time.offset == nil else {
                throw error("offset may not be set multiple times", expression.sourceRange)
            }
            time.offset = offset
        }
    }

    private mutating func anchored(_ expression: Expression) throws(PromQLError) -> Expression {
        let anchor = try anchor()
        let end = lastEnd
        return try changingTime(of: expression, end: end, "@ modifier") { time throws(PromQLError) in
            guard time.anchor == nil else {
                throw error("@ <timestamp> may not be set multiple times", expression.sourceRange)
            }
            time.anchor = anchor
        }
    }

    private mutating func anchor() throws(PromQLError) -> TimeModifiers.Anchor {
        switch current.kind {
        case .keyword(.start), .keyword(.end):
            let isStart = current.kind == .keyword(.start)
            try advance()
            try expect(.leftParenthesis, in: "@", "timestamp")
            try expect(.rightParenthesis, in: "@", "timestamp")
            return isStart ? .start : .end
        case .number, .duration, .operation(.add), .operation(.subtract):
            let isNegative = current.kind == .operation(.subtract)
            if case .operation = current.kind { try advance() }
            guard current.kind == .number || current.kind == .duration else { throw unexpected(in: "@", "timestamp") }
            let literal = try number()
            let seconds = isNegative ? -literal.value : literal.value
            guard abs(seconds) <= Self.secondsMax else {
                throw error(
                    "timestamp out of bounds for @ modifier: \(FloatText.shortest(seconds))",
                    literal.sourceRange
                )
            }
            return .time(Int64((seconds * 1000).rounded()))
        default: throw unexpected(in: "@", "timestamp")
        }
    }

    private func changingTime(
        of expression: Expression,
        end: Int,
        _ modifier: String,
        _ change: (inout TimeModifiers) throws(PromQLError) -> Void
    ) throws(PromQLError) -> Expression {
        switch expression {
        case .selector(var node):
            try change(&node.time)
            node.sourceRange.end = end
            return .selector(node)
        case .range(var node):
            try change(&node.selector.time)
            node.sourceRange.end = end
            return .range(node)
        case .subquery(var node):
            try change(&node.time)
            node.sourceRange.end = end
            return .subquery(node)
        default:
            throw error(
                "\(modifier) must be preceded by an instant vector selector or range vector selector or a subquery",
                expression.sourceRange
            )
        }
    }
}
