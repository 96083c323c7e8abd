import MartletCore

extension Parser {
    /// What may stand between a binary operator and its right operand.
    mutating func modifiers() throws(PromQLError) -> (returnsBool: Bool, matching: VectorMatching) {
        var matching = VectorMatching()
        let returnsBool = try taken(.bool)
        if current.kind == .keyword(.on) || current.kind == .keyword(.ignoring) {
            matching.isOn = current.kind == .keyword(.on)
            matching.isExplicit = true
            try advance()
            matching.labels = try groupingLabels()
            if current.kind == .keyword(.groupLeft) || current.kind == .keyword(.groupRight) {
                matching.cardinality = current.kind == .keyword(.groupLeft) ? .manyToOne : .oneToMany
                try advance()
                if current.kind == .leftParenthesis { matching.included = try groupingLabels() }
            }
        }
        try fillModifiers(&matching)
        return (returnsBool, matching)
    }

    private mutating func taken(_ keyword: Token.Keyword) throws(PromQLError) -> Bool {
        guard current.kind == .keyword(keyword) else { return false }
        try advance()
        return true
    }

    /// `fill(0)` for both sides, or one side each; a metric that is called so has no parenthesis after its name.
    private mutating func fillModifiers(_ matching: inout VectorMatching) throws(PromQLError) {
        while case .keyword(let word) = current.kind, word == .fill || word == .fillLeft || word == .fillRight {
            guard lexer.isParenthesisNext else { return }
            let place = current.range
            try advance()
            try expect(.leftParenthesis, in: "fill", "number")
            var isNegative = false
            if case .operation(let sign) = current.kind, sign == .add || sign == .subtract {
                isNegative = sign == .subtract
                try advance()
            }
            guard current.kind == .number || current.kind == .duration else { throw unexpected(in: "fill", "number") }
            let literal = try number()
            try expect(.rightParenthesis, in: "fill", #"")""#)
            guard features.contains(.fillModifiers) else {
                throw error("binop fill modifiers are experimental and not enabled", place)
            }
            let value = isNegative ? -literal.value : literal.value
            if word != .fillRight { matching.fillLeft = value }
            if word != .fillLeft { matching.fillRight = value }
        }
    }

    /// Labels in parentheses; a trailing comma is allowed after a label.
    mutating func groupingLabels() throws(PromQLError) -> [String] {
        try expect(.leftParenthesis, in: "grouping opts", #""(""#)
        var labels: [String] = []
        while current.kind != .rightParenthesis {
            guard let label = groupingLabel else { throw unexpected(in: "grouping opts", "label") }
            labels.append(label)
            try advance()
            if current.kind == .comma {
                try advance()
            } else if current.kind != .rightParenthesis {
                throw unexpected(in: "grouping opts", #""," or ")""#)
            }
        }
        try advance()
        return labels
    }

    private var groupingLabel: String? {
        switch current.kind {
        case .identifier, .keyword, .aggregator: current.text
        case .operation(let operation) where LabelSyntax.isLegacyLabelName(operation.rawValue): current.text
        case .string:
            switch Self.unquoted(current) {
            case let literal where literal.isWellFormed && !literal.value.isEmpty: literal.value
            default: nil
            }
        default: nil
        }
    }

    /// A function's application whose name has been read.
    mutating func call(_ name: Token) throws(PromQLError) -> Expression {
        let arguments = try arguments()
        let range = SourceRange(start: name.range.start, end: lastEnd)
        guard let function = FunctionSignature.all[name.text] else {
            // Of equally near names those that go on where the writer stopped come first.
            let names = FunctionSignature.all.keys.sorted()
            let known = names.filter { $0.hasPrefix(name.text) } + names
            let near = Suggestion.closest(to: name.text, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
            throw error("unknown function with name \(LabelSyntax.quoted(name.text))\(near)", name.range)
        }
        if function.isExperimental, !features.contains(.experimentalFunctions) {
            let hint = "enable the feature promql-experimental-functions"
            throw error("function \(LabelSyntax.quoted(name.text)) is not enabled; \(hint)", name.range)
        }
        return .call(FunctionCall(function: function, arguments: arguments, sourceRange: range))
    }

    private mutating func arguments() throws(PromQLError) -> [Expression] {
        try expect(.leftParenthesis)
        var arguments: [Expression] = []
        if current.kind == .rightParenthesis {
            try advance()
            return arguments
        }
        while true {
            arguments.append(try expression())
            if current.kind == .rightParenthesis { break }
            let comma = current.range
            try expect(.comma)
            if current.kind == .rightParenthesis {
                throw error("trailing commas not allowed in function call args", comma)
            }
        }
        try advance()
        return arguments
    }

    /// An aggregation, or a metric that is called like one.
    mutating func aggregationOrSelector(_ operation: Aggregator) throws(PromQLError) -> Expression {
        let name = current
        try advance()
        switch current.kind {
        case .leftParenthesis, .keyword(.by), .keyword(.without): return try aggregation(operation, name)
        case .leftBrace, .endOfInput, .operation, .rightParenthesis, .comma, .leftBracket, .at, .keyword(.offset),
            .keyword(.anchored), .keyword(.smoothed):
            return .selector(try vectorSelector(named: name))
        default: throw unexpected(in: "aggregation")
        }
    }

    private mutating func aggregation(_ operation: Aggregator, _ name: Token) throws(PromQLError) -> Expression {
        var grouping = try grouping()
        guard current.kind == .leftParenthesis else { throw unexpected(in: "aggregation") }
        let arguments = try arguments()
        if grouping == nil { grouping = try self.grouping() }
        let range = SourceRange(start: name.range.start, end: lastEnd)
        if arguments.isEmpty { throw error("no arguments for aggregate expression provided", range) }
        if operation.isExperimental, !features.contains(.experimentalFunctions) {
            let flag = "--enable-feature=promql-experimental-functions"
            throw error("\(operation.rawValue)() is experimental and must be enabled with \(flag)", range)
        }
        let wanted = operation.takesParameter ? 2 : 1
        guard arguments.count == wanted else {
            let counts = "expected \(wanted), got \(arguments.count)"
            throw error("wrong number of arguments for aggregate expression provided, \(counts)", range)
        }
        return .aggregation(
            Aggregation(
                operation: operation,
                operand: arguments[wanted - 1],
                parameter: operation.takesParameter ? arguments[0] : nil,
                labels: grouping?.labels ?? [],
                isWithout: grouping?.isWithout ?? false,
                sourceRange: range
            )
        )
    }

    private mutating func grouping() throws(PromQLError) -> (labels: [String], isWithout: Bool)? {
        guard current.kind == .keyword(.by) || current.kind == .keyword(.without) else { return nil }
        let isWithout = current.kind == .keyword(.without)
        try advance()
        return (try groupingLabels(), isWithout)
    }
}

extension Lexer {
    /// Whether the next character but white space opens a parenthesis.
    var isParenthesisNext: Bool {
        bytes[position...].first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\n") }
            == UInt8(ascii: "(")
    }
}
