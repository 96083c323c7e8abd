import MartletCore

/// Turns a template's words into nodes, and checks that variables and functions exist.
struct TemplateParser {
    /// The named templates; the main one has the empty name.
    private(set) var definitions: [String: [TemplateNode]] = [:]

    private let lexer: TemplateLexer
    private let tokens: [TemplateToken]
    private let functions: Set<String>
    private var place = 0
    private var variables: [String]
    private var loops = 0
    private var depth = 0

    init(
        _ source: String,
        name: String,
        variables: [String],
        functions: Set<String>
    ) throws(TemplateError) {
        var lexer = TemplateLexer(source, name: name)
        tokens = try lexer.lex()
        self.lexer = lexer
        self.functions = functions
        self.variables = ["$"] + variables
        let main = try parseList(isTopLevel: true).nodes
        definitions[""] = main
    }

    // MARK: - Lists

    private enum ListEnd { case end, otherwise, file }

    private mutating func parseList(isTopLevel: Bool = false) throws(TemplateError) -> (
        nodes: [TemplateNode], end: ListEnd
    ) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TemplateLimits.nestingMax else {
            throw error("more than \(TemplateLimits.nestingMax) nested blocks", at: token)
        }
        var nodes: [TemplateNode] = []
        while true {
            let start = next()
            switch start.kind {
            case .text(let text): nodes.append(.text(text))
            case .endOfFile:
                guard isTopLevel else { throw error("unexpected end of the template: {{end}} is missing", at: start) }
                return (nodes, .file)
            case .leftDelimiter:
                skipSpace()
                switch token.kind {
                case .keyword(.end):
                    let keyword = next()
                    try expectRightDelimiter("end")
                    guard !isTopLevel else { throw error("unexpected {{end}}", at: keyword) }
                    return (nodes, .end)
                case .keyword(.else):
                    let keyword = next()
                    guard !isTopLevel else { throw error("unexpected {{else}}", at: keyword) }
                    return (nodes, .otherwise)
                case .keyword(.define):
                    let keyword = next()
                    guard isTopLevel else { throw error("unexpected {{define}}", at: keyword) }
                    try parseDefinition()
                default: if let node = try parseAction() { nodes.append(node) }
                }
            default: throw error("unexpected \(start.text) in input", at: start)
            }
        }
    }

    private mutating func parseDefinition() throws(TemplateError) {
        skipSpace()
        guard case .string(let name) = token.kind else { throw unexpected("define clause") }
        _ = next()
        try expectRightDelimiter("define clause")
        definitions[name] = try parseBody(of: "define")
    }

    /// A named template's nodes; it sees no variable but `$`.
    private mutating func parseBody(of clause: String) throws(TemplateError) -> [TemplateNode] {
        let (outerVariables, outerLoops) = (variables, loops)
        (variables, loops) = (["$"], 0)
        defer { (variables, loops) = (outerVariables, outerLoops) }
        let start = token
        let (nodes, end) = try parseList()
        guard end == .end else { throw error("unexpected {{else}} in \(clause) clause", at: start) }
        return nodes
    }

    // MARK: - Actions

    private mutating func parseAction() throws(TemplateError) -> TemplateNode? {
        let start = token
        guard case .keyword(let keyword) = start.kind else {
            return .action(try parsePipeline("command", until: .rightDelimiter))
        }
        _ = next()
        switch keyword {
        case .if: return try parseControl("if") { .condition($0, then: $1, otherwise: $2) }
        case .with: return try parseControl("with") { .with($0, then: $1, otherwise: $2) }
        case .range: return try parseControl("range") { .range($0, body: $1, otherwise: $2) }
        case .template: return try parseCall(start)
        case .block: return try parseBlock(start)
        case .break, .continue:
            guard loops > 0 else { throw error("{{\(keyword.rawValue)}} outside {{range}}", at: start) }
            try expectRightDelimiter(keyword.rawValue)
            return keyword == .break ? .leaveLoop : .nextTurn
        case .end, .else, .define: throw error("unexpected {{\(keyword.rawValue)}}", at: start)
        }
    }

    private mutating func parseControl(
        _ context: String,
        _ make: (TemplatePipeline, [TemplateNode], [TemplateNode]) -> TemplateNode
    ) throws(TemplateError) -> TemplateNode {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        let pipeline = try parsePipeline(context, until: .rightDelimiter)
        if context == "range" { loops += 1 }
        let (body, end) = try parseList()
        if context == "range" { loops -= 1 }
        guard end == .otherwise else { return make(pipeline, body, []) }
        skipSpace()
        if case .keyword(let keyword) = token.kind, keyword.rawValue == context, context != "range" {
            // `{{else if x}}` is `{{else}}{{if x}}` that shares the outer `{{end}}`.
            depth += 1
            defer { depth -= 1 }
            guard depth <= TemplateLimits.nestingMax else {
                throw error("more than \(TemplateLimits.nestingMax) nested blocks", at: token)
            }
            guard let nested = try parseAction() else { return make(pipeline, body, []) }
            return make(pipeline, body, [nested])
        }
        try expectRightDelimiter("else")
        let start = token
        let (otherwise, last) = try parseList()
        guard last == .end else { throw error("expected {{end}}; found {{else}}", at: start) }
        return make(pipeline, body, otherwise)
    }

    private mutating func parseCall(_ start: TemplateToken) throws(TemplateError) -> TemplateNode {
        skipSpace()
        guard case .string(let name) = token.kind else { throw unexpected("template clause") }
        _ = next()
        skipSpace()
        guard token.kind != .rightDelimiter else {
            _ = next()
            return .call(name: name, nil, position: start.position)
        }
        let pipeline = try parsePipeline("template clause", until: .rightDelimiter)
        return .call(name: name, pipeline, position: start.position)
    }

    private mutating func parseBlock(_ start: TemplateToken) throws(TemplateError) -> TemplateNode {
        skipSpace()
        guard case .string(let name) = token.kind else { throw unexpected("block clause") }
        _ = next()
        let pipeline = try parsePipeline("block clause", until: .rightDelimiter)
        definitions[name] = try parseBody(of: "block")
        return .call(name: name, pipeline, position: start.position)
    }

    // MARK: - Pipelines

    private mutating func parsePipeline(
        _ context: String,
        until end: TemplateToken.Kind
    ) throws(TemplateError) -> TemplatePipeline {
        skipSpace()
        var pipeline = TemplatePipeline(position: token.position)
        try parseDeclarations(of: &pipeline, context)
        while true {
            skipSpace()
            if token.kind == end {
                guard !pipeline.commands.isEmpty else { throw error("missing value for \(context)", at: token) }
                _ = next()
                variables += pipeline.isAssignment ? [] : pipeline.variables
                return pipeline
            }
            let command = try parseCommand(context)
            if !pipeline.commands.isEmpty, let first = command.operands.first {
                switch first.kind {
                case .dot, .nil, .literal:
                    throw lexer.error(
                        "non executable command in pipeline stage \(pipeline.commands.count + 1)",
                        at: first.position
                    )
                default: break
                }
            }
            pipeline.commands.append(command)
        }
    }

    private mutating func parseDeclarations(of pipeline: inout TemplatePipeline, _ context: String)
        throws(TemplateError)
    {
        let start = place
        var names: [String] = []
        while case .variable(let name) = token.kind {
            names.append(name)
            _ = next()
            skipSpace()
            switch token.kind {
            case .declare, .assign:
                pipeline.isAssignment = token.kind == .assign
                _ = next()
                if pipeline.isAssignment { for name in names { try requireVariable(name, at: tokens[start]) } }
                pipeline.variables = names
                return
            case .comma where context == "range" && names.count < 2:
                _ = next()
                skipSpace()
            case .comma: throw error("too many declarations in \(context)", at: token)
            default:
                place = start
                return
            }
        }
        place = start
    }

    private mutating func parseCommand(_ context: String) throws(TemplateError) -> TemplateCommand {
        var command = TemplateCommand(position: token.position)
        while true {
            skipSpace()
            guard let operand = try parseOperand() else {
                if command.operands.isEmpty { throw unexpected(context) }
                switch token.kind {
                case .rightDelimiter, .rightParenthesis: return command
                case .pipe:
                    try skipPipe(context)
                    return command
                default: throw unexpected("operand")
                }
            }
            command.operands.append(operand)
            switch token.kind {
            case .space: continue
            case .rightDelimiter, .rightParenthesis: return command
            case .pipe:
                try skipPipe(context)
                return command
            default: throw unexpected("operand")
            }
        }
    }

    private mutating func skipPipe(_ context: String) throws(TemplateError) {
        _ = next()
        skipSpace()
        if token.kind == .rightDelimiter || token.kind == .rightParenthesis {
            throw error("missing command after \"|\" in \(context)", at: token)
        }
    }

    private mutating func parseOperand() throws(TemplateError) -> TemplateOperand? {
        guard let term = try parseTerm() else { return nil }
        var fields: [String] = []
        let start = token
        while case .field(let name) = token.kind {
            fields.append(name)
            _ = next()
        }
        if fields.isEmpty { return term }
        switch term.kind {
        case .field(let path): return TemplateOperand(kind: .field(path + fields), position: term.position)
        case .variable(let name, let path):
            return TemplateOperand(kind: .variable(name, path + fields), position: term.position)
        case .dot, .nil, .literal: throw error("unexpected \(start.text) after a term that has no fields", at: start)
        case .function, .pipeline, .chain:
            return TemplateOperand(kind: .chain(term, fields), position: term.position)
        }
    }

    private mutating func parseTerm() throws(TemplateError) -> TemplateOperand? {
        let start = token
        let kind: TemplateOperand.Kind
        switch start.kind {
        case .identifier(let name):
            guard functions.contains(name) else { throw unknownFunction(name, at: start) }
            kind = .function(name)
        case .dot: kind = .dot
        case .nil: kind = .nil
        case .variable(let name):
            try requireVariable(name, at: start)
            kind = .variable(name, [])
        case .field(let name): kind = .field([name])
        case .bool(let flag): kind = .literal(.bool(flag))
        case .integer(let number): kind = .literal(.integer(number))
        case .float(let number): kind = .literal(.float(number))
        case .string(let text): kind = .literal(.string(text))
        case .leftParenthesis:
            _ = next()
            let pipeline = try parsePipeline("parenthesized pipeline", until: .rightParenthesis)
            return TemplateOperand(kind: .pipeline(pipeline), position: start.position)
        default: return nil
        }
        _ = next()
        return TemplateOperand(kind: kind, position: start.position)
    }

    // MARK: - Words

    private var token: TemplateToken { tokens[place] }

    /// Gives the word in turn and steps over it; the end of the file stays.
    private mutating func next() -> TemplateToken {
        let current = tokens[place]
        if place < tokens.count - 1 { place += 1 }
        return current
    }

    private mutating func skipSpace() {
        while token.kind == .space { _ = next() }
    }

    private mutating func expectRightDelimiter(_ context: String) throws(TemplateError) {
        skipSpace()
        guard token.kind == .rightDelimiter else { throw unexpected(context) }
        _ = next()
    }

    private func requireVariable(_ name: String, at token: TemplateToken) throws(TemplateError) {
        guard !variables.contains(name) else { return }
        let known = variables.reversed().filter { $0 != "$" }
        let near = Suggestion.closest(to: name, among: known).map { " (did you mean \"\($0)\"?)" }
        throw error("undefined variable \"\(name)\"\(near ?? "")", at: token)
    }

    private func unknownFunction(_ name: String, at token: TemplateToken) -> TemplateError {
        let near = Suggestion.closest(to: name, among: functions.sorted()).map { " (did you mean \"\($0)\"?)" }
        return error("function \"\(name)\" not defined\(near ?? "")", at: token)
    }

    private func unexpected(_ context: String) -> TemplateError {
        error("unexpected \(token.text) in \(context)", at: token)
    }

    private func error(_ message: String, at token: TemplateToken) -> TemplateError {
        lexer.error(message, at: token.position)
    }
}
