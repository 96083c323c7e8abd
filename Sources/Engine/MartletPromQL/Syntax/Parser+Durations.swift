import MartletCore

extension Parser {
    private static let expectedDuration = "number, duration, step(), or range()"

    /// A range or a subquery after an expression, from its left to its right bracket.
    mutating func bracketed(_ expression: Expression) throws(PromQLError) -> Expression {
        let bracket = current.range.start
        try advance()
        let duration = try positive(try duration(in: "subquery or range selector"))
        let start = expression.sourceRange.start
        if current.kind == .colon {
            try advance()
            var step: DurationExpression?
            if current.kind != .rightBracket {
                step = try positive(try self.duration(in: "subquery selector"))
            }
            try expect(.rightBracket, in: "subquery selector", #""]""#)
            let range = SourceRange(start: start, end: lastEnd)
            return .subquery(Subquery(inner: expression, duration: duration, step: step, sourceRange: range))
        }
        try expect(.rightBracket, in: "subquery or range", #"":" or "]""#)
        let place = SourceRange(start: bracket, end: lastEnd)
        guard case .selector(let selector) = expression else {
            throw error("ranges only allowed for vector selectors", place)
        }
        if selector.time.offset != nil { throw error("no offset modifiers allowed before range", place) }
        if selector.time.anchor != nil { throw error("no @ modifiers allowed before range", place) }
        let range = SourceRange(start: start, end: lastEnd)
        return .range(RangeSelector(selector: selector, duration: duration, sourceRange: range))
    }

    /// What follows `offset`: a signed number or duration, or a signed expression in parentheses.
    mutating func offsetDuration() throws(PromQLError) -> DurationExpression {
        let start = current.range.start
        var sign: BinaryOperator?
        if case .operation(let operation) = current.kind, operation == .add || operation == .subtract {
            sign = operation
            try advance()
        }
        let magnitude = try durationOperand(in: "offset")
        let place = SourceRange(start: start, end: lastEnd)
        switch (sign, magnitude) {
        case (.subtract, .seconds(let value, let isDuration)): return .seconds(-value, isDuration: isDuration)
        case (_, .seconds): return magnitude
        case (.subtract, _): return try enabled(.negated(magnitude), place)
        case (.add, _): return try enabled(.positive(magnitude), place)
        default: return try enabled(magnitude, place)
        }
    }

    /// Lengths must be above zero; those that depend on the query are checked when it runs.
    private func positive(
        _ duration: (value: DurationExpression, range: SourceRange)
    ) throws(PromQLError) -> DurationExpression {
        if case .seconds(let value, _) = duration.value, (value * 1000).rounded() <= 0 {
            throw error("duration must be greater than 0", duration.range)
        }
        return duration.value
    }

    private mutating func duration(
        in context: String
    ) throws(PromQLError) -> (value: DurationExpression, range: SourceRange) {
        let start = current.range.start
        let value = try durationExpression(in: context, precedence: BinaryOperator.add.precedence, depth: 0)
        let range = SourceRange(start: start, end: lastEnd)
        return (try enabled(value, range), range)
    }

    private func enabled(
        _ duration: DurationExpression,
        _ range: SourceRange
    ) throws(PromQLError) -> DurationExpression {
        guard duration.isLiteral || features.contains(.durationExpressions) else {
            throw error("experimental duration expression is not enabled", range)
        }
        return duration
    }

    private mutating func durationExpression(
        in context: String,
        precedence: Int,
        depth: Int
    ) throws(PromQLError) -> DurationExpression {
        try limitDuration(depth)
        var left = try signedDuration(in: context, depth: depth)
        var chain = depth
        while case .operation(let operation) = current.kind, operation.precedence >= precedence {
            chain += 1
            try limitDuration(chain)
            guard !operation.isSetOperator, !operation.isComparison, !operation.isTrim, operation != .atan2 else {
                throw unexpected(in: context, Self.expectedDuration)
            }
            try advance()
            let next = operation == .power ? operation.precedence : operation.precedence + 1
            let start = current.range.start
            let right = try durationExpression(in: context, precedence: next, depth: depth + 1)
            if case .seconds(0, _) = right, operation == .divide || operation == .modulo {
                let message = operation == .divide ? "division by zero" : "modulo by zero"
                throw error(message, SourceRange(start: start, end: lastEnd))
            }
            left = .binary(operation, left, right)
        }
        return left
    }

    private func limitDuration(_ depth: Int) throws(PromQLError) {
        guard depth < Self.depthMax else {
            throw error("duration nests deeper than \(Self.depthMax) levels; split it", current.range)
        }
    }

    private mutating func signedDuration(in context: String, depth: Int) throws(PromQLError) -> DurationExpression {
        guard case .operation(let sign) = current.kind, sign == .add || sign == .subtract else {
            return try durationOperand(in: context, depth: depth)
        }
        try advance()
        let inner = try durationExpression(
            in: context,
            precedence: BinaryOperator.power.precedence,
            depth: depth + 1
        )
        if case .seconds(let value, let isDuration) = inner {
            return .seconds(sign == .subtract ? -value : value, isDuration: isDuration)
        }
        return sign == .subtract ? .negated(inner) : .positive(inner)
    }

    private mutating func durationOperand(in context: String, depth: Int = 0) throws(PromQLError) -> DurationExpression
    {
        switch current.kind {
        case .number, .duration:
            let literal = try number()
            guard abs(literal.value) <= 9_223_372_036 else { throw error("duration out of range", literal.sourceRange) }
            return .seconds(literal.value, isDuration: literal.isDuration)
        case .keyword(.step), .keyword(.range):
            let isStep = current.kind == .keyword(.step)
            try advance()
            try expect(.leftParenthesis, in: context, Self.expectedDuration)
            try expect(.rightParenthesis, in: context, Self.expectedDuration)
            return isStep ? .step : .range
        case .identifier where current.text.lowercased() == "min_of" || current.text.lowercased() == "max_of":
            let isLesser = current.text.lowercased() == "min_of"
            try advance()
            try expect(.leftParenthesis, in: context, Self.expectedDuration)
            let left = try durationExpression(in: context, precedence: 4, depth: depth + 1)
            try expect(.comma, in: context, Self.expectedDuration)
            let right = try durationExpression(in: context, precedence: 4, depth: depth + 1)
            try expect(.rightParenthesis, in: context, Self.expectedDuration)
            return isLesser ? .lesser(left, right) : .greater(left, right)
        case .leftParenthesis:
            try advance()
            let inner = try durationExpression(in: context, precedence: 4, depth: depth + 1)
            try expect(.rightParenthesis, in: context, Self.expectedDuration)
            return .parenthesized(inner)
        default: throw unexpected(in: context, Self.expectedDuration)
        }
    }
}
