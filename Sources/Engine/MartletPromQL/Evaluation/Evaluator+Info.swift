import MartletCore
import MartletSeries

extension Evaluator {
    /// The labels by which a series and what is known of its target find each other.
    private static let identifying = ["instance", "job"]

    /// `info`: adds the labels of info metrics, such as `target_info`, to the series of the same target.
    func info(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        let base = try vector(node.arguments[0], steps)
        var enrichment = try Enrichment(node, patterns)
        let placement = try node.arguments[0].reference(self)
        var odd: LabelSet?
        enrichment.columns = try lookUp(enrichment.matchers, placement, steps) { series, index in
            if !series.histograms.isEmpty, series.histograms[index] != nil { odd = series.labels }
            return Double(series.timestamps[index])
        }
        if let odd { throw .execution("this should be an info metric, with float samples: \(odd)") }
        for (place, column) in enrichment.columns.enumerated() {
            enrichment.places[column.labels.keeping(Self.identifying), default: []].append(place)
        }
        var result: [Column] = []
        for column in base {
            try checkTime()
            let signature = column.labels.keeping(Self.identifying)
            guard !enrichment.isInfo(column.labels) else {
                result.append(column)
                continue
            }
            result += try enrichment.enriched(column, signature, Self.identifying)
        }
        try hold(result.count * steps.count)
        return try merged(result)
    }

    /// What `info` adds, and to what.
    private struct Enrichment {
        var columns: [Column] = []
        var places: [LabelSet: [Int]] = [:]
        private(set) var matchers: [LabelMatcher]
        private let nameMatchers: [LabelMatcher]
        private let wanted: Set<String>
        private let isRequired: Bool

        init(_ node: FunctionCall, _ patterns: any PatternCompiler) throws(PromQLError) {
            var given: [LabelMatcher] = []
            if node.arguments.count > 1, case .selector(let selector) = node.arguments[1] { given = selector.matchers }
            var names = given.filter { $0.name == Label.metricName }
            let data = given.filter { $0.name != Label.metricName }
            if names.isEmpty {
                names = [LabelMatcher(Label.metricName, .equal, "target_info")]
            } else if !names.contains(where: { $0.operation == .equal || $0.operation == .matches }) {
                do throws(PatternError) {
                    names.append(try LabelMatcher(Label.metricName, .matches, ".+_info", compiler: patterns))
                } catch {
                    throw .execution(error.description)
                }
            }
            nameMatchers = names
            matchers = names + data
            wanted = Set(data.map(\.name))
            isRequired = data.contains { !$0.matches("") }
        }

        /// Whether a series is one that labels are taken from; such a series is left as it is.
        func isInfo(_ labels: LabelSet) -> Bool { nameMatchers.allSatisfy { $0.matches(labels) } }

        func enriched(
            _ column: Column,
            _ signature: LabelSet,
            _ identifying: [String]
        ) throws(PromQLError) -> [Column] {
            let candidates = signature.isEmpty ? [] : places[signature] ?? []
            var result: [Column] = []
            var resultPlaces: [LabelSet: Int] = [:]
            var last: (chosen: [Int], place: Int)?
            for step in column.values.indices where column.isPresent(step) {
                let chosen = try newest(candidates, step)
                if chosen.isEmpty, isRequired { continue }
                if last?.chosen != chosen {
                    let labels = try labels(column.labels, chosen, identifying)
                    let place = resultPlaces[labels] ?? result.count
                    if place == result.count {
                        resultPlaces[labels] = place
                        let steps = column.values.count
                        result.append(Column(labels: labels, dropsName: column.dropsName, steps: steps))
                    }
                    last = (chosen, place)
                }
                if let last { result[last.place].copy(step, of: column) }
            }
            return result
        }

        /// Of each info metric the series with the newest sample.
        private func newest(_ candidates: [Int], _ step: Int) throws(PromQLError) -> [Int] {
            var best: [Int] = []
            for candidate in candidates where !Column.isAbsent(columns[candidate].values[step]) {
                let name = columns[candidate].labels.metricName
                guard let place = best.firstIndex(where: { columns[$0].labels.metricName == name }) else {
                    best.append(candidate)
                    continue
                }
                let (known, other) = (columns[best[place]], columns[candidate])
                if known.values[step] == other.values[step] {
                    let time = FloatText.shortest(other.values[step])
                    throw .execution(
                        "found duplicate series for info metric: existing \(known.labels) @ \(time), "
                            + "new \(other.labels) @ \(time)"
                    )
                }
                if other.values[step] > known.values[step] { best[place] = candidate }
            }
            return best
        }

        private func labels(
            _ base: LabelSet,
            _ chosen: [Int],
            _ identifying: [String]
        ) throws(PromQLError) -> LabelSet {
            var result = base
            for place in chosen {
                for label in columns[place].labels where label.name != Label.metricName {
                    if identifying.contains(label.name) || base[label.name] != nil { continue }
                    if !wanted.isEmpty, !wanted.contains(label.name) { continue }
                    if let other = result[label.name], other != label.value {
                        throw .execution("conflicting label: \(label.name)")
                    }
                    result = result.setting(label.name, to: label.value)
                }
            }
            return result
        }
    }
}

extension Expression {
    /// The time at which the first selector in the expression looks, through all subqueries around it.
    fileprivate func reference(_ evaluator: Evaluator) throws(PromQLError) -> Evaluator.Placement {
        switch self {
        case .selector(let node): return try evaluator.placement(node.time)
        case .range(let node): return try evaluator.placement(node.selector.time)
        case .subquery(let node):
            let outer = try evaluator.placement(node.time)
            let inner = try node.inner.reference(evaluator)
            if inner.anchor != nil { return inner }
            return Evaluator.Placement(offset: outer.offset + inner.offset, anchor: outer.anchor)
        case .parenthesized(let node): return try node.inner.reference(evaluator)
        case .unary(let node): return try node.operand.reference(evaluator)
        case .aggregation(let node): return try node.operand.reference(evaluator)
        case .binary(let node): return try (node.left.type == .vector ? node.left : node.right).reference(evaluator)
        case .call(let node):
            guard let argument = node.arguments.first(where: { $0.type == .vector || $0.type == .matrix }) else {
                return Evaluator.Placement(offset: 0, anchor: nil)
            }
            return try argument.reference(evaluator)
        case .number, .string: return Evaluator.Placement(offset: 0, anchor: nil)
        }
    }
}
