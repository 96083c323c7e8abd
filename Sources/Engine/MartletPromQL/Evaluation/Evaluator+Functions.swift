import MartletCore
import MartletSeries

extension Evaluator {
    func evaluate(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> StepValue {
        let name = node.function.name
        if let constant = try scalarFunction(node, steps) { return .scalar(constant) }
        if node.function.arguments.contains(.matrix) { return .vector(try rangeFunction(node, steps)) }
        if let field = CalendarField(rawValue: name) { return .vector(try calendar(field, node, steps)) }
        if let function = Mathematics.function(named: name) {
            return .vector(try mapped(try vector(node.arguments[0], steps), function))
        }
        switch name {
        case "vector":
            return .vector([Column(labels: .empty, values: try scalar(node.arguments[0], steps))])
        case "timestamp": return .vector(try timestamp(node, steps))
        case "start_timestamp":
            // What an expression makes of samples has no start.
            guard case .selector(let selector) = node.arguments[0].unwrapped else {
                _ = try vector(node.arguments[0], steps)
                return .vector([])
            }
            return .vector(try withoutNames(try startTimestamps(selector, steps)))
        case "info": return .vector(try info(node, steps))
        case "absent": return .vector(try absent(node, steps))
        case "round": return .vector(try round(node, steps))
        case "clamp", "clamp_min", "clamp_max": return .vector(try clamp(node, steps))
        case "label_replace": return .vector(try labelReplace(node, steps))
        case "label_join": return .vector(try labelJoin(node, steps))
        case "sort", "sort_desc", "sort_by_label", "sort_by_label_desc": return .vector(try sorted(node, steps))
        case "histogram_quantile", "histogram_fraction", "histogram_quantiles":
            return .vector(try histogramEstimate(node, steps))
        case "histogram_avg", "histogram_count", "histogram_sum", "histogram_stddev", "histogram_stdvar":
            return .vector(try nativeHistogram(node, steps))
        default: throw unsupported("the function \(name)", node.sourceRange)
        }
    }

    /// The value of a function whose result is a scalar, or `nil` where it is none.
    private func scalarFunction(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Double]? {
        func repeated(_ value: Double) -> [Double] { [Double](repeating: value, count: steps.count) }
        switch node.function.name {
        case "pi": return repeated(.pi)
        case "time": return (0..<steps.count).map { Double(steps.time($0)) / 1000 }
        case "start": return repeated(Double(querySteps.start) / 1000)
        case "end": return repeated(Double(queryEnd) / 1000)
        case "step": return repeated(Double(querySteps.interval) / 1000)
        case "range": return repeated(Double(queryEnd - querySteps.start) / 1000)
        case "min_of", "max_of":
            let left = try scalar(node.arguments[0], steps)
            let right = try scalar(node.arguments[1], steps)
            let isMinimum = node.function.name == "min_of"
            return zip(left, right).map { isMinimum ? Self.minimum($0, $1) : Self.maximum($0, $1) }
        case "scalar":
            let columns = try vector(node.arguments[0], steps)
            return (0..<steps.count).map { step in
                let present = columns.lazy.map { $0.values[step] }.filter { !Column.isAbsent($0) }.prefix(2)
                return present.count == 1 ? present.first ?? .nan : .nan
            }
        default: return nil
        }
    }

    /// The lesser number; not a number where either is none.
    static func minimum(_ left: Double, _ right: Double) -> Double {
        left.isNaN || right.isNaN ? .nan : Swift.min(left, right)
    }

    /// The greater number; not a number where either is none.
    static func maximum(_ left: Double, _ right: Double) -> Double {
        left.isNaN || right.isNaN ? .nan : Swift.max(left, right)
    }

    private func timestamp(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        if case .selector(let selector) = node.arguments[0].unwrapped {
            return try withoutNames(try timestamps(selector, steps))
        }
        var columns = try vector(node.arguments[0], steps)
        for index in columns.indices {
            for step in 0..<steps.count where columns[index].isPresent(step) {
                columns[index].values[step] = Double(steps.time(step)) / 1000
            }
            columns[index].histograms = []
        }
        return try withoutNames(columns)
    }

    private func absent(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        let columns = try vector(node.arguments[0], steps)
        var column = Column(labels: Self.absentLabels(node.arguments[0]), steps: steps.count)
        for step in 0..<steps.count where columns.allSatisfy({ !$0.isPresent(step) }) {
            column.values[step] = 1
        }
        return [column]
    }

    /// The labels that an absent series would surely have: those that one equality alone fixes.
    static func absentLabels(_ expression: Expression) -> LabelSet {
        let matchers: [LabelMatcher] =
            switch expression.unwrapped {
            case .selector(let node): node.matchers
            case .range(let node): node.selector.matchers
            default: []
            }
        var labels = LabelSet.empty
        var seen: Set<String> = []
        for matcher in matchers where matcher.name != Label.metricName {
            let isFirst = matcher.operation == .equal && seen.insert(matcher.name).inserted
            labels = labels.setting(matcher.name, to: isFirst ? matcher.value : nil)
        }
        return labels
    }

    private func round(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        let columns = try vector(node.arguments[0], steps)
        let units = node.arguments.count > 1 ? try scalar(node.arguments[1], steps) : nil
        return try changed(columns) { value, step in
            // Multiplying by the inverse keeps the result exact for units such as 0.1.
            let inverse = 1 / (units?[step] ?? 1)
            return (value * inverse + 0.5).rounded(.down) / inverse
        }
    }

    private func clamp(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        let columns = try vector(node.arguments[0], steps)
        let first = try scalar(node.arguments[1], steps)
        switch node.function.name {
        case "clamp_min": return try changed(columns) { Self.maximum(first[$1], $0) }
        case "clamp_max": return try changed(columns) { Self.minimum(first[$1], $0) }
        default:
            let second = try scalar(node.arguments[2], steps)
            return try changed(columns) { value, step in
                if second[step] < first[step] { return Column.absent }
                return Self.maximum(first[step], Self.minimum(second[step], value))
            }
        }
    }

    /// The vector with every value changed, which the step may decide on, and the metric names gone.
    func changed(_ columns: consuming [Column], _ change: (Double, Int) -> Double) throws(PromQLError) -> [Column] {
        var result = columns
        for index in result.indices {
            result[index].histograms = []
            for step in result[index].values.indices {
                let value = result[index].values[step]
                if !Column.isAbsent(value) { result[index].values[step] = change(value, step) }
            }
        }
        return try withoutNames(result)
    }

    private func calendar(
        _ field: CalendarField,
        _ node: FunctionCall,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        guard let argument = node.arguments.first else {
            let values = (0..<steps.count).map { field.value(atSeconds: Double(steps.time($0)) / 1000) }
            return [Column(labels: .empty, values: values)]
        }
        return try mapped(try vector(argument, steps), field.value)
    }
}
