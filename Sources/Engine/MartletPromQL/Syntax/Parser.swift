import MartletCore
import MartletSeries

/// Turns a query's text into a tree by recursive descent, with precedence climbing for the binary operators.
struct Parser {
    /// How deep a query may nest; operators that follow each other on one level do not count.
    static let depthMax = 200

    /// How many binary operators a query may have, which bounds how deep its tree leans to the left.
    static let operatorsMax = 2_000

    /// How many bytes a query may have.
    static let bytesMax = 262_144

    /// The farthest time from the epoch, in seconds; times with offsets stay far from overflowing.
    static let secondsMax = 2e15

    let bytes: [UInt8]
    let patterns: any PatternCompiler
    let features: PromQLFeatures
    var lexer: Lexer
    var current = Token(kind: .endOfInput, text: "", range: SourceRange(start: 0, end: 0))
    var lastEnd = 0
    private var depth = 0
    private var operatorCount = 0

    /// The tree of a text, with its types checked.
    static func parse(
        _ text: String,
        patterns: any PatternCompiler,
        features: PromQLFeatures
    ) throws(PromQLError) -> Expression {
        let bytes = Array(text.utf8)
        guard bytes.count <= bytesMax else {
            throw .parse(message: "query has \(bytes.count) bytes; at most \(bytesMax) are read", line: 1, column: 1)
        }
        var parser = Parser(bytes: bytes, patterns: patterns, features: features)
        let expression = try parser.whole()
        try TypeChecker(bytes: bytes).check(expression)
        return expression
    }

    /// The conditions of a text that is a single selector, such as the API's `match[]`.
    static func selector(_ text: String, patterns: any PatternCompiler) throws(PromQLError) -> VectorSelector {
        let bytes = Array(text.utf8)
        guard bytes.count <= bytesMax else {
            throw .parse(message: "selector has \(bytes.count) bytes; at most \(bytesMax) are read", line: 1, column: 1)
        }
        var parser = Parser(bytes: bytes, patterns: patterns, features: [])
        try parser.advance()
        guard parser.isMetricName || parser.current.kind == .leftBrace else { throw parser.unexpected() }
        let selector = try parser.vectorSelector()
        guard parser.current.kind == .endOfInput else { throw parser.unexpected() }
        try TypeChecker(bytes: bytes).check(.selector(selector))
        return selector
    }

    private init(bytes: [UInt8], patterns: any PatternCompiler, features: PromQLFeatures) {
        self.bytes = bytes
        self.patterns = patterns
        self.features = features
        lexer = Lexer(bytes)
    }

    private mutating func whole() throws(PromQLError) -> Expression {
        try advance()
        if current.kind == .endOfInput {
            throw error("no expression found in input", SourceRange(start: 0, end: 0))
        }
        let result = try expression()
        guard current.kind == .endOfInput else { throw unexpected() }
        return result
    }

    /// An expression whose operators bind at least as tightly as `precedence`.
    mutating func expression(_ precedence: Int = 1) throws(PromQLError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        try limitDepth(depth)
        var left = try operand()
        while case .operation(let operation) = current.kind, operation.precedence >= precedence {
            operatorCount += 1
            guard operatorCount <= Self.operatorsMax else {
                throw error("query has over \(Self.operatorsMax) binary operators; split it", current.range)
            }
            let place = current.range
            try advance()
            let (returnsBool, matching) = try modifiers()
            let right = try expression(operation == .power ? operation.precedence : operation.precedence + 1)
            left = .binary(
                BinaryOperation(
                    operation: operation,
                    left: left,
                    right: right,
                    returnsBool: returnsBool,
                    matching: matching,
                    operatorRange: place
                )
            )
        }
        return left
    }

    private func limitDepth(_ depth: Int) throws(PromQLError) {
        guard depth <= Self.depthMax else {
            throw error("query nests deeper than \(Self.depthMax) levels; split it", current.range)
        }
    }

    private mutating func operand() throws(PromQLError) -> Expression {
        if case .operation(let sign) = current.kind, sign == .add || sign == .subtract { return try signed(sign) }
        var result = try primary()
        var modifiers = 0
        while let next = try modified(result) {
            result = next
            modifiers += 1
            try limitDepth(depth + modifiers)
        }
        return result
    }

    /// A sign binds less tightly than a power and more tightly than a product's right side.
    private mutating func signed(_ sign: BinaryOperator) throws(PromQLError) -> Expression {
        let start = current.range.start
        try advance()
        let operand = try expression(BinaryOperator.power.precedence)
        let range = SourceRange(start: start, end: operand.sourceRange.end)
        if case .number(var number) = operand {
            if sign == .subtract { number.value = -number.value }
            number.sourceRange = range
            return .number(number)
        }
        return .unary(UnaryOperation(isNegative: sign == .subtract, operand: operand, sourceRange: range))
    }

    private mutating func primary() throws(PromQLError) -> Expression {
        switch current.kind {
        case .number, .duration: return .number(try number())
        case .string: return .string(try string())
        case .leftParenthesis: return try parenthesized()
        case .leftBrace: return .selector(try vectorSelector())
        case .aggregator(let aggregator): return try aggregationOrSelector(aggregator)
        case .identifier, .keyword(.start), .keyword(.end), .keyword(.step), .keyword(.range):
            let name = current
            try advance()
            return current.kind == .leftParenthesis ? try call(name) : .selector(try vectorSelector(named: name))
        case _ where isMetricName: return .selector(try vectorSelector())
        default: throw unexpected()
        }
    }

    private mutating func parenthesized() throws(PromQLError) -> Expression {
        let start = current.range.start
        try advance()
        let inner = try expression()
        guard current.kind == .rightParenthesis else { throw unexpected() }
        try advance()
        return .parenthesized(Parenthesized(inner: inner, sourceRange: SourceRange(start: start, end: lastEnd)))
    }

    /// Whether the token may be a metric's name; most words that mean something elsewhere may.
    var isMetricName: Bool {
        switch current.kind {
        case .identifier, .metricIdentifier, .aggregator: true
        case .operation(let operation): operation.isSetOperator
        case .keyword(let word):
            switch word {
            case .bool, .on, .ignoring, .groupLeft, .groupRight: false
            default: true
            }
        default: false
        }
    }
}

extension Parser {
    mutating func advance() throws(PromQLError) {
        lastEnd = current.range.end
        do throws(Lexer.Failure) {
            current = try lexer.next()
        } catch {
            throw self.error(error.message, error.range)
        }
    }

    mutating func expect(_ kind: Token.Kind, in context: String = "", _ expected: String = "") throws(PromQLError) {
        guard current.kind == kind else { throw unexpected(in: context, expected) }
        try advance()
    }

    func error(_ message: String, _ range: SourceRange) -> PromQLError {
        let (line, column) = range.position(in: bytes)
        return .parse(message: message, line: line, column: column)
    }

    func unexpected(in context: String = "", _ expected: String = "") -> PromQLError {
        let place = context.isEmpty ? "" : " in \(context)"
        let wanted = expected.isEmpty ? "" : ", expected \(expected)"
        return error("unexpected \(current.named)\(place)\(wanted)", current.range)
    }
}
