/// The functions that templates can call, by name.
public struct TemplateFunctions: Sendable {
    /// One function: how many arguments it takes, and its body.
    public struct Function: Sendable {
        let arity: ClosedRange<Int>
        let body: @Sendable ([TemplateValue], TemplateContext) throws(TemplateFailure) -> TemplateValue

        /// Creates a function; the body is only called with a number of arguments within `arity`.
        public init(
            _ arity: ClosedRange<Int>,
            _ body: @escaping @Sendable ([TemplateValue], TemplateContext) throws(TemplateFailure) -> TemplateValue
        ) {
            self.arity = arity
            self.body = body
        }
    }

    private var functions: [String: Function]

    /// Creates a set of functions.
    public init(_ functions: [String: Function]) { self.functions = functions }

    /// The functions of the language itself and those of Prometheus.
    public static let prometheus = TemplateFunctions(
        builtin.merging(texts) { $1 }.merging(numbers) { $1 }.merging(samples) { $1 }
    )

    /// These functions with others added or replaced.
    public func adding(_ others: [String: Function]) -> TemplateFunctions {
        TemplateFunctions(functions.merging(others) { $1 })
    }

    /// The functions' names; `and` and `or` belong to the language.
    public var names: Set<String> { Set(functions.keys).union(["and", "or"]) }

    /// Calls a function.
    func call(
        _ name: String,
        _ arguments: [TemplateValue],
        _ context: TemplateContext
    ) throws(TemplateFailure) -> TemplateValue {
        guard let function = functions[name] else { throw TemplateFailure("\"\(name)\" is not a defined function") }
        guard function.arity.contains(arguments.count) else {
            let wanted =
                function.arity.upperBound == .max
                ? "at least \(function.arity.lowerBound)" : "\(function.arity.lowerBound)"
            throw TemplateFailure("wrong number of args for \(name): want \(wanted) got \(arguments.count)")
        }
        return try function.body(arguments, context)
    }
}

extension TemplateValue {
    /// The text of an argument that has to be one.
    func requireString() throws(TemplateFailure) -> String {
        guard case .string(let text) = self else { throw wrongType("string") }
        return text
    }

    /// The whole number of an argument that has to be one.
    func requireInteger() throws(TemplateFailure) -> Int {
        guard case .integer(let number) = self else { throw wrongType("int") }
        return Int(number)
    }

    /// The number of an argument: any number, a duration in seconds, or a text that holds a number.
    func requireNumber() throws(TemplateFailure) -> Double {
        switch self {
        case .float(let number): return number
        case .integer(let number): return Double(number)
        case .duration(let nanoseconds): return Double(nanoseconds) / 1e9
        case .string(let text):
            guard let number = TemplateNumber.parseFloat(text) else {
                throw TemplateFailure("strconv.ParseFloat: parsing \"\(text)\": invalid syntax")
            }
            return number
        default: throw TemplateFailure("can't convert \(typeName) to float")
        }
    }

    /// The labels and value of an argument that has to be a sample.
    func requireSample() throws(TemplateFailure) -> (labels: [String: String], value: Double) {
        guard case .record(_, let fields) = self, case .labels(let labels)? = fields["Labels"],
            case .float(let value)? = fields["Value"]
        else { throw wrongType("sample") }
        return (labels, value)
    }

    /// The elements of an argument that has to be a list.
    func requireList() throws(TemplateFailure) -> [TemplateValue] {
        if case .none = self { return [] }
        guard case .list(let items) = self else { throw wrongType("list") }
        return items
    }

    private func wrongType(_ expected: String) -> TemplateFailure {
        TemplateFailure("wrong type for value; expected \(expected); got \(typeName)")
    }
}
