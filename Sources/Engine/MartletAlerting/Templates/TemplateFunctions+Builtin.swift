/// The functions of the language itself.
extension TemplateFunctions {
    static let builtin: [String: Function] = [
        "not": Function(1...1) { arguments, _ in .bool(!arguments[0].isTrue) },
        "len": Function(1...1) { arguments, _ throws(TemplateFailure) in .integer(Int64(try length(arguments[0]))) },
        "index": Function(1...Int.max) { arguments, _ throws(TemplateFailure) in
            var value = arguments[0]
            for key in arguments.dropFirst() { value = try element(key, of: value) }
            return value
        },
        "slice": Function(1...4) { arguments, _ throws(TemplateFailure) in try slice(arguments) },
        "print": Function(0...Int.max) { arguments, _ in .string(TemplateFormat.print(arguments)) },
        "println": Function(0...Int.max) { arguments, _ in .string(TemplateFormat.printLine(arguments)) },
        "printf": Function(1...Int.max) { arguments, _ throws(TemplateFailure) in
            .string(TemplatePrintf.string(try arguments[0].requireString(), Array(arguments.dropFirst())))
        },
        "html": Function(0...Int.max) { arguments, _ in .string(TemplateEscaping.html(joined(arguments))) },
        "js": Function(0...Int.max) { arguments, _ in .string(TemplateEscaping.javaScript(joined(arguments))) },
        "urlquery": Function(0...Int.max) { arguments, _ in .string(TemplateEscaping.query(joined(arguments))) },
        "eq": Function(2...Int.max) { arguments, _ throws(TemplateFailure) in
            for other in arguments.dropFirst() where try areEqual(arguments[0], other) { return .bool(true) }
            return .bool(false)
        },
        "ne": Function(2...2) { arguments, _ throws(TemplateFailure) in
            .bool(!(try areEqual(arguments[0], arguments[1])))
        },
        "lt": Function(2...2) { arguments, _ throws(TemplateFailure) in .bool(try isLess(arguments[0], arguments[1])) },
        "le": Function(2...2) { arguments, _ throws(TemplateFailure) in
            .bool(try isLessOrEqual(arguments[0], arguments[1]))
        },
        "gt": Function(2...2) { arguments, _ throws(TemplateFailure) in
            .bool(!(try isLessOrEqual(arguments[0], arguments[1])))
        },
        "ge": Function(2...2) { arguments, _ throws(TemplateFailure) in .bool(!(try isLess(arguments[0], arguments[1])))
        },
    ]

    private static func joined(_ arguments: [TemplateValue]) -> String {
        if arguments.count == 1, case .string(let text) = arguments[0] { return text }
        return TemplateFormat.print(arguments)
    }

    private static func length(_ value: TemplateValue) throws(TemplateFailure) -> Int {
        switch value {
        case .string(let text): text.utf8.count
        case .list(let items): items.count
        case .map(let items): items.count
        case .labels(let items): items.count
        default: throw TemplateFailure("len of type \(value.typeName)")
        }
    }

    private static func element(_ key: TemplateValue, of value: TemplateValue) throws(TemplateFailure) -> TemplateValue
    {
        switch value {
        case .labels(let items): return .string(items[try key.requireString()] ?? "")
        case .map(let items): return items[try key.requireString()] ?? .none
        case .list(let items):
            let index = try key.requireInteger()
            guard items.indices.contains(index) else { throw TemplateFailure("index out of range: \(index)") }
            return items[index]
        case .string(let text):
            let index = try key.requireInteger()
            guard index >= 0, index < text.utf8.count else { throw TemplateFailure("index out of range: \(index)") }
            return .integer(Int64(Array(text.utf8)[index]))
        case .none: throw TemplateFailure("index of untyped nil")
        default: throw TemplateFailure("can't index item of type \(value.typeName)")
        }
    }

    private static func slice(_ arguments: [TemplateValue]) throws(TemplateFailure) -> TemplateValue {
        let count = try length(arguments[0])
        let start = arguments.count > 1 ? try arguments[1].requireInteger() : 0
        let end = arguments.count > 2 ? try arguments[2].requireInteger() : count
        guard start >= 0, end <= count, start <= end else {
            throw TemplateFailure("slice bounds \(start):\(end) out of range for length \(count)")
        }
        switch arguments[0] {
        case .string(let text): return .string(String(decoding: Array(text.utf8)[start..<end], as: UTF8.self))
        case .list(let items): return .list(Array(items[start..<end]))
        default: throw TemplateFailure("can't slice item of type \(arguments[0].typeName)")
        }
    }

    private static func areEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFailure) -> Bool {
        switch (left, right) {
        case (.none, .none): return true
        case (.none, _), (_, .none): return false
        case (.bool(let left), .bool(let right)): return left == right
        case (.integer(let left), .integer(let right)), (.integer(let left), .duration(let right)),
            (.duration(let left), .integer(let right)), (.duration(let left), .duration(let right)):
            return left == right
        case (.float(let left), .float(let right)): return left == right
        case (.string(let left), .string(let right)): return left == right
        case (.time(let left), .time(let right)): return left == right
        case (.list, _), (.map, _), (.labels, _):
            throw TemplateFailure("non-comparable type \(TemplateFormat.text(left)): \(left.typeName)")
        default: throw TemplateFailure("incompatible types for comparison")
        }
    }

    /// Not the reverse of "less" turned round: a not-a-number is neither.
    private static func isLessOrEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFailure) -> Bool {
        if try isLess(left, right) { return true }
        return try areEqual(left, right)
    }

    private static func isLess(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFailure) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)), (.integer(let left), .duration(let right)),
            (.duration(let left), .integer(let right)), (.duration(let left), .duration(let right)):
            return left < right
        case (.float(let left), .float(let right)): return left < right
        case (.string(let left), .string(let right)): return left < right
        case (.bool, .bool), (.none, _), (_, .none), (.list, _), (.map, _), (.labels, _), (.record, _), (.time, _):
            throw TemplateFailure("invalid type for comparison")
        default: throw TemplateFailure("incompatible types for comparison")
        }
    }
}
