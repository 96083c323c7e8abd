/// Carries a template's actions out.
struct TemplateEvaluator {
    private enum Flow { case next, leaveLoop, nextTurn }

    private let template: Template
    private let definitions: [String: [TemplateNode]]
    private let functions: TemplateFunctions
    private let context: TemplateContext
    private var variables: [(name: String, value: TemplateValue)] = []
    private var output = ""
    private var steps = 0
    private var depth = 0

    init(
        template: Template,
        definitions: [String: [TemplateNode]],
        functions: TemplateFunctions,
        context: TemplateContext
    ) {
        self.template = template
        self.definitions = definitions
        self.functions = functions
        self.context = context
    }

    mutating func run() throws(TemplateError) -> String {
        variables = [("$", context.data)] + context.variables.map { ($0.key, $0.value) }
        _ = try evaluate(definitions[""] ?? [], dot: context.data)
        return output
    }

    // MARK: - Nodes

    private mutating func evaluate(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateError) -> Flow {
        for node in nodes {
            let flow = try evaluate(node, dot: dot)
            if flow != .next { return flow }
        }
        return .next
    }

    private mutating func evaluate(_ node: TemplateNode, dot: TemplateValue) throws(TemplateError) -> Flow {
        try step(at: 0)
        switch node {
        case .text(let text): try write(text, at: 0)
        case .action(let pipeline):
            let value = try evaluate(pipeline, dot: dot)
            if pipeline.variables.isEmpty {
                let text = TemplateFormat.printed(value)
                try write(context.escape?(text) ?? text, at: pipeline.position)
            }
        case .condition(let pipeline, let then, let otherwise):
            let known = variables.count
            defer { variables.removeLast(variables.count - known) }
            return try evaluate(evaluate(pipeline, dot: dot).isTrue ? then : otherwise, dot: dot)
        case .with(let pipeline, let then, let otherwise):
            let known = variables.count
            defer { variables.removeLast(variables.count - known) }
            let value = try evaluate(pipeline, dot: dot)
            return value.isTrue ? try evaluate(then, dot: value) : try evaluate(otherwise, dot: dot)
        case .range(let pipeline, let body, let otherwise):
            return try evaluateRange(pipeline, body, otherwise, dot: dot)
        case .call(let name, let pipeline, let position):
            try call(name, pipeline, at: position, dot: dot)
        case .leaveLoop: return .leaveLoop
        case .nextTurn: return .nextTurn
        }
        return .next
    }

    private mutating func evaluateRange(
        _ pipeline: TemplatePipeline,
        _ body: [TemplateNode],
        _ otherwise: [TemplateNode],
        dot: TemplateValue
    ) throws(TemplateError) -> Flow {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        var bare = pipeline
        bare.variables = []
        let items = try items(of: evaluate(bare, dot: dot), at: pipeline.position)
        if items.isEmpty { return try evaluate(otherwise, dot: dot) }
        for (key, value) in items {
            try step(at: pipeline.position)
            let inner = variables.count
            defer { variables.removeLast(variables.count - inner) }
            if pipeline.variables.count == 2 {
                try set(pipeline.variables[0], to: key, pipeline)
                try set(pipeline.variables[1], to: value, pipeline)
            } else if let name = pipeline.variables.first {
                try set(name, to: value, pipeline)
            }
            if try evaluate(body, dot: value) == .leaveLoop { break }
        }
        return .next
    }

    private func items(
        of value: TemplateValue,
        at position: Int
    ) throws(TemplateError) -> [(TemplateValue, TemplateValue)] {
        switch value {
        case .none: return []
        case .list(let items): return items.enumerated().map { (.integer(Int64($0.offset)), $0.element) }
        case .map(let items): return items.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) }
        case .labels(let items): return items.sorted { $0.key < $1.key }.map { (.string($0.key), .string($0.value)) }
        case .integer(let count):
            guard count <= context.limits.steps else { throw error("range over \(count) is too long", at: position) }
            return (0..<max(0, count)).map { (.integer($0), .integer($0)) }
        default: throw error("range can't iterate over \(TemplateFormat.text(value))", at: position)
        }
    }

    private mutating func call(
        _ name: String,
        _ pipeline: TemplatePipeline?,
        at position: Int,
        dot: TemplateValue
    ) throws(TemplateError) {
        guard let nodes = definitions[name], !name.isEmpty else {
            throw error("template \"\(name)\" not defined", at: position)
        }
        guard depth < context.limits.depth else {
            throw error("exceeded maximum template depth (\(context.limits.depth))", at: position)
        }
        let value = if let pipeline { try evaluate(pipeline, dot: dot) } else { TemplateValue.none }
        let outer = variables
        variables = [("$", value)]
        depth += 1
        defer {
            variables = outer
            depth -= 1
        }
        _ = try evaluate(nodes, dot: value)
    }

    // MARK: - Pipelines

    private mutating func evaluate(_ pipeline: TemplatePipeline, dot: TemplateValue) throws(TemplateError)
        -> TemplateValue
    {
        var value: TemplateValue?
        for command in pipeline.commands { value = try evaluate(command, dot: dot, final: value) }
        let result = value ?? .none
        for name in pipeline.variables { try set(name, to: result, pipeline) }
        return result
    }

    private mutating func set(_ name: String, to value: TemplateValue, _ pipeline: TemplatePipeline)
        throws(TemplateError)
    {
        guard pipeline.isAssignment else { return variables.append((name, value)) }
        guard let index = variables.lastIndex(where: { $0.name == name }) else {
            throw error("undefined variable \"\(name)\"", at: pipeline.position)
        }
        variables[index].value = value
    }

    private mutating func evaluate(
        _ command: TemplateCommand,
        dot: TemplateValue,
        final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        guard let first = command.operands.first else { return .none }
        let arguments = Array(command.operands.dropFirst())
        switch first.kind {
        case .function(let name):
            return try callFunction(name, arguments, dot: dot, final: final, at: first.position)
        case .field(let path):
            return try follow(path, from: dot, arguments, dot: dot, final: final, at: first.position)
        case .variable(let name, let path) where !path.isEmpty:
            return try follow(path, from: variable(name, first), arguments, dot: dot, final: final, at: first.position)
        case .chain(let operand, let path):
            let start = try evaluate(operand, dot: dot)
            return try follow(path, from: start, arguments, dot: dot, final: final, at: first.position)
        case .nil where arguments.isEmpty: throw error("nil is not a command", at: first.position)
        default:
            guard arguments.isEmpty, final == nil else {
                throw error("can't give argument to non-function", at: first.position)
            }
            return try evaluate(first, dot: dot)
        }
    }

    private mutating func evaluate(_ operand: TemplateOperand, dot: TemplateValue) throws(TemplateError)
        -> TemplateValue
    {
        try step(at: operand.position)
        switch operand.kind {
        case .dot: return dot
        case .nil: return .none
        case .literal(let value): return value
        case .field(let path): return try follow(path, from: dot, [], dot: dot, final: nil, at: operand.position)
        case .variable(let name, let path):
            return try follow(path, from: variable(name, operand), [], dot: dot, final: nil, at: operand.position)
        case .function(let name): return try callFunction(name, [], dot: dot, final: nil, at: operand.position)
        case .pipeline(let pipeline):
            // Variables declared within parentheses end with them.
            let known = variables.count
            defer { variables.removeLast(variables.count - known) }
            return try evaluate(pipeline, dot: dot)
        case .chain(let start, let path):
            return try follow(path, from: evaluate(start, dot: dot), [], dot: dot, final: nil, at: operand.position)
        }
    }

    private func variable(_ name: String, _ operand: TemplateOperand) throws(TemplateError) -> TemplateValue {
        guard let entry = variables.last(where: { $0.name == name }) else {
            throw error("undefined variable \"\(name)\"", at: operand.position)
        }
        return entry.value
    }

    // MARK: - Fields and functions

    private mutating func follow(
        _ path: [String],
        from start: TemplateValue,
        _ arguments: [TemplateOperand],
        dot: TemplateValue,
        final: TemplateValue?,
        at position: Int
    ) throws(TemplateError) -> TemplateValue {
        var value = start
        for (index, name) in path.enumerated() {
            var values: [TemplateValue] = []
            if index == path.count - 1 {
                for argument in arguments { values.append(try evaluate(argument, dot: dot)) }
                if let final { values.append(final) }
            }
            do throws(TemplateFailure) {
                value = try TemplateFields.member(name, of: value, values)
            } catch {
                throw self.error(error.description, at: position)
            }
        }
        return value
    }

    private mutating func callFunction(
        _ name: String,
        _ arguments: [TemplateOperand],
        dot: TemplateValue,
        final: TemplateValue?,
        at position: Int
    ) throws(TemplateError) -> TemplateValue {
        try step(at: position)
        if name == "and" || name == "or" {
            return try evaluateLogic(stopsOn: name == "or", name, arguments, dot: dot, final: final, at: position)
        }
        var values: [TemplateValue] = []
        for argument in arguments { values.append(try evaluate(argument, dot: dot)) }
        if let final { values.append(final) }
        let result: TemplateValue
        do throws(TemplateFailure) {
            result = try functions.call(name, values, context)
        } catch {
            throw self.error("error calling \(name): \(error.description)", at: position)
        }
        if case .string(let text) = result { try checkSize(text, at: position) }
        return result
    }

    /// `and` and `or` look at no argument after the one that decides.
    private mutating func evaluateLogic(
        stopsOn truth: Bool,
        _ name: String,
        _ arguments: [TemplateOperand],
        dot: TemplateValue,
        final: TemplateValue?,
        at position: Int
    ) throws(TemplateError) -> TemplateValue {
        var last: TemplateValue?
        for argument in arguments {
            let value = try evaluate(argument, dot: dot)
            if value.isTrue == truth { return value }
            last = value
        }
        guard let result = final ?? last else {
            throw error("wrong number of args for \(name): want at least 1 got 0", at: position)
        }
        return result
    }

    // MARK: - Limits

    private mutating func step(at position: Int) throws(TemplateError) {
        steps += 1
        guard steps <= context.limits.steps else {
            throw error("more than \(context.limits.steps) steps; make the template's loops shorter", at: position)
        }
    }

    private mutating func write(_ text: String, at position: Int) throws(TemplateError) {
        guard output.utf8.count + text.utf8.count <= context.limits.outputBytes else {
            throw error("output is longer than \(context.limits.outputBytes) bytes", at: position)
        }
        output += text
    }

    private func checkSize(_ text: String, at position: Int) throws(TemplateError) {
        guard text.utf8.count <= context.limits.outputBytes else {
            throw error("a text is longer than \(context.limits.outputBytes) bytes", at: position)
        }
    }

    private func error(_ message: String, at position: Int) -> TemplateError {
        let (line, column) = TemplateLexer.lineAndColumn(of: position, in: Array(template.source.unicodeScalars))
        return TemplateError(name: template.name, line: line, column: column, message: message)
    }
}
