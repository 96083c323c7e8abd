/// Prometheus' functions on query results.
extension TemplateFunctions {
    static let samples: [String: Function] = [
        "query": Function(1...1) { arguments, context throws(TemplateFailure) in
            let expression = try arguments[0].requireString()
            do throws(RuleQueryError) {
                return .list(try context.query(expression).map { .sample($0.labels, $0.value) })
            } catch {
                throw TemplateFailure(error.description)
            }
        },
        "first": Function(1...1) { arguments, _ throws(TemplateFailure) in
            guard let first = try arguments[0].requireList().first else {
                throw TemplateFailure("first() called on vector with no elements")
            }
            return first
        },
        "label": Function(2...2) { arguments, _ throws(TemplateFailure) in
            .string(try arguments[1].requireSample().labels[try arguments[0].requireString()] ?? "")
        },
        "value": Function(1...1) { arguments, _ throws(TemplateFailure) in
            .float(try arguments[0].requireSample().value)
        },
        "strvalue": Function(1...1) { arguments, _ throws(TemplateFailure) in
            .string(try arguments[0].requireSample().labels["__value__"] ?? "")
        },
        "sortByLabel": Function(2...2) { arguments, _ throws(TemplateFailure) in
            let name = try arguments[0].requireString()
            var keyed: [(key: String, item: TemplateValue)] = []
            for item in try arguments[1].requireList() {
                keyed.append((try item.requireSample().labels[name] ?? "", item))
            }
            // Offsets keep samples with equal labels in their order.
            let sorted = keyed.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }
            return .list(sorted.map(\.element.item))
        },
    ]
}
