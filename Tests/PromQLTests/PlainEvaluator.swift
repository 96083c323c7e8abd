import MartletCore
import MartletPromQL
import MartletSeries

/// Evaluates an expression at one time the slow, obvious way: what the engine's answers are held against.
///
/// It knows numbers only, and the part of the language that ``ExpressionGenerator`` writes.
struct PlainEvaluator {
    struct Failure: Error { var reason: String }

    typealias Vector = [(labels: LabelSet, value: Double)]
    typealias Points = [(time: Int64, value: Double)]

    enum Value {
        case scalar(Double)
        case vector(Vector)
    }

    let series: [Series]
    let lookback: Int64 = 300_000
    let start: Int64
    let end: Int64

    func value(_ expression: Expression, _ time: Int64) throws -> Value {
        switch expression {
        case .number(let node): return .scalar(node.value)
        case .parenthesized(let node): return try value(node.inner, time)
        case .selector(let node): return .vector(try select(node, time))
        case .unary(let node):
            switch try value(node.operand, time) {
            case .scalar(let number): return .scalar(node.isNegative ? -number : number)
            case .vector(let vector):
                return .vector(node.isNegative ? try unique(vector.map { (nameless($0.labels), -$0.value) }) : vector)
            }
        case .binary(let node): return try binary(node, time)
        case .aggregation(let node): return .vector(try aggregate(node, time))
        case .call(let node): return try call(node, time)
        case .string, .range, .subquery: throw Failure(reason: "not a value by itself")
        }
    }

    private func vector(_ expression: Expression, _ time: Int64) throws -> Vector {
        guard case .vector(let vector) = try value(expression, time) else { throw Failure(reason: "no vector") }
        return vector
    }

    private func scalar(_ expression: Expression, _ time: Int64) throws -> Double {
        guard case .scalar(let number) = try value(expression, time) else { throw Failure(reason: "no scalar") }
        return number
    }

    private func nameless(_ labels: LabelSet) -> LabelSet { labels.setting("__name__", to: nil) }

    private func unique(_ vector: Vector) throws -> Vector {
        guard Set(vector.map(\.labels)).count == vector.count else { throw Failure(reason: "same labelset") }
        return vector
    }

    private func moved(_ time: Int64, _ modifiers: TimeModifiers) throws -> Int64 {
        let base: Int64 =
            switch modifiers.anchor {
            case .time(let fixed): fixed
            case .start: start
            case .end: end
            case nil: time
            }
        return base - (try modifiers.offset.map(milliseconds) ?? 0)
    }

    private func milliseconds(_ duration: DurationExpression) throws -> Int64 {
        guard case .seconds(let seconds, _) = duration else { throw Failure(reason: "no plain duration") }
        return Int64((seconds * 1000).rounded())
    }

    private func select(_ node: VectorSelector, _ time: Int64) throws -> Vector {
        let at = try moved(time, node.time)
        var result: Vector = []
        for one in series where node.matchers.allSatisfy({ $0.matches(one.labels) }) {
            let seen = one.timestamps.indices.last { one.timestamps[$0] <= at && one.timestamps[$0] > at - lookback }
            guard let seen, !StaleMarker.isStale(one.values[seen]) else { continue }
            result.append((one.labels, one.values[seen]))
        }
        return result
    }

    /// The samples of a range, with the range's ends.
    private func window(
        _ expression: Expression,
        _ time: Int64
    ) throws -> (start: Int64, end: Int64, rows: [(labels: LabelSet, points: Points)]) {
        switch expression {
        case .range(let node):
            let through = try moved(time, node.selector.time)
            let after = through - (try milliseconds(node.duration))
            var rows: [(LabelSet, Points)] = []
            for one in series where node.selector.matchers.allSatisfy({ $0.matches(one.labels) }) {
                let places = one.timestamps.indices.filter { index in
                    one.timestamps[index] > after && one.timestamps[index] <= through
                        && !StaleMarker.isStale(one.values[index])
                }
                if !places.isEmpty { rows.append((one.labels, places.map { (one.timestamps[$0], one.values[$0]) })) }
            }
            return (after, through, rows)
        case .subquery(let node):
            let through = try moved(time, node.time)
            let after = through - (try milliseconds(node.duration))
            let step = try node.step.map(milliseconds) ?? 60_000
            var found: [LabelSet: Points] = [:]
            var order: [LabelSet] = []
            var at = Int64((Double(after) / Double(step)).rounded(.down)) * step
            while at <= after { at += step }
            while at <= through {
                for element in try vector(node.inner, at) {
                    if found[element.labels] == nil { order.append(element.labels) }
                    found[element.labels, default: []].append((at, element.value))
                }
                at += step
            }
            return (after, through, order.map { ($0, found[$0] ?? []) })
        default: throw Failure(reason: "no range")
        }
    }
}

extension PlainEvaluator {
    private func call(_ node: FunctionCall, _ time: Int64) throws -> Value {
        let arguments = node.arguments
        switch node.function.name {
        case "time": return .scalar(Double(time) / 1000)
        case "vector": return .vector([(.empty, try scalar(arguments[0], time))])
        case "scalar":
            let vector = try vector(arguments[0], time)
            return .scalar(vector.count == 1 ? vector[0].value : .nan)
        case "abs": return .vector(try mapped(arguments[0], time, abs))
        case "ceil": return .vector(try mapped(arguments[0], time) { $0.rounded(.up) })
        case "sgn": return .vector(try mapped(arguments[0], time) { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 })
        case "absent": return .vector(try vector(arguments[0], time).isEmpty ? [(.empty, 1)] : [])
        case "clamp_max":
            let limit = try scalar(arguments[1], time)
            return .vector(try mapped(arguments[0], time) { $0.isNaN || limit.isNaN ? .nan : min($0, limit) })
        default: return .vector(try overTime(node.function.name, arguments[0], time))
        }
    }

    private func mapped(_ argument: Expression, _ time: Int64, _ change: (Double) -> Double) throws -> Vector {
        try unique(try vector(argument, time).map { (nameless($0.labels), change($0.value)) })
    }

    private func overTime(_ name: String, _ argument: Expression, _ time: Int64) throws -> Vector {
        let window = try window(argument, time)
        var result: Vector = []
        for row in window.rows {
            guard let value = Self.reduce(name, row.points, window.start, window.end) else { continue }
            result.append((name == "last_over_time" ? row.labels : nameless(row.labels), value))
        }
        return try unique(result)
    }

    private static func reduce(_ name: String, _ points: Points, _ start: Int64, _ end: Int64) -> Double? {
        let values = points.map(\.value)
        let pairs = zip(values, values.dropFirst())
        switch name {
        case "sum_over_time": return values.reduce(0, +)
        case "avg_over_time": return values.reduce(0, +) / Double(values.count)
        case "min_over_time": return values.filter { !$0.isNaN }.min() ?? .nan
        case "max_over_time": return values.filter { !$0.isNaN }.max() ?? .nan
        case "count_over_time": return Double(values.count)
        case "last_over_time": return values[values.count - 1]
        case "changes": return Double(pairs.filter { $0 != $1 && !($0.isNaN && $1.isNaN) }.count)
        case "resets": return Double(pairs.filter { $1 < $0 }.count)
        case "stdvar_over_time":
            let mean = values.reduce(0, +) / Double(values.count)
            return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        case "rate": return increase(points, start, end, isCounter: true).map { $0 / (Double(end - start) / 1000) }
        case "increase": return increase(points, start, end, isCounter: true)
        case "delta": return increase(points, start, end, isCounter: false)
        default: return nil
        }
    }

    private static func increase(_ points: Points, _ start: Int64, _ end: Int64, isCounter: Bool) -> Double? {
        guard points.count >= 2 else { return nil }
        let (first, last) = (points[0], points[points.count - 1])
        var growth = last.value - first.value
        if isCounter {
            for (one, next) in zip(points, points.dropFirst()) where next.value < one.value { growth += one.value }
        }
        let sampled = Double(last.time - first.time) / 1000
        let distance = sampled / Double(points.count - 1)
        var before = Double(first.time - start) / 1000
        var after = Double(end - last.time) / 1000
        if before >= distance * 1.1 { before = distance / 2 }
        if isCounter, growth > 0, first.value >= 0, sampled * (first.value / growth) < before {
            before = sampled * (first.value / growth)
        }
        if after >= distance * 1.1 { after = distance / 2 }
        return growth * (sampled + before + after) / sampled
    }
}

extension PlainEvaluator {
    private func aggregate(_ node: Aggregation, _ time: Int64) throws -> Vector {
        let vector = try vector(node.operand, time)
        let parameter = try node.parameter.map { try scalar($0, time) } ?? 0
        var groups: [LabelSet: Vector] = [:]
        for element in vector {
            let key =
                node.isWithout
                ? element.labels.removing(node.labels + ["__name__"]) : element.labels.keeping(node.labels)
            groups[key, default: []].append(element)
        }
        var result: Vector = []
        for (key, members) in groups {
            let values = members.map(\.value)
            let mean = values.reduce(0, +) / Double(values.count)
            switch node.operation {
            case .sum: result.append((key, values.reduce(0, +)))
            case .avg: result.append((key, mean))
            case .min: result.append((key, values.filter { !$0.isNaN }.min() ?? .nan))
            case .max: result.append((key, values.filter { !$0.isNaN }.max() ?? .nan))
            case .count: result.append((key, Double(values.count)))
            case .group: result.append((key, 1))
            case .stdvar:
                result.append((key, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)))
            case .topk:
                let sorted = members.sorted { !$0.value.isNaN && ($1.value.isNaN || $0.value > $1.value) }
                result += sorted.prefix(max(0, Int(parameter)))
            case .quantile:
                let sorted = values.sorted { $0 < $1 || ($0.isNaN && !$1.isNaN) }
                let rank = parameter * Double(sorted.count - 1)
                let low = max(0, Int(rank.rounded(.down)))
                let high = min(sorted.count - 1, low + 1)
                let weight = rank - rank.rounded(.down)
                result.append((key, sorted[low] * (1 - weight) + sorted[high] * weight))
            default: throw Failure(reason: "aggregation \(node.operation)")
            }
        }
        return result
    }

    private func binary(_ node: BinaryOperation, _ time: Int64) throws -> Value {
        switch (try value(node.left, time), try value(node.right, time)) {
        case (.scalar(let left), .scalar(let right)): return .scalar(Self.apply(node.operation, left, right))
        case (.vector(let vector), .scalar(let number)): return .vector(try combine(vector, number, node, false))
        case (.scalar(let number), .vector(let vector)): return .vector(try combine(vector, number, node, true))
        case (.vector(let left), .vector(let right)): return .vector(try match(left, right, node))
        }
    }

    private func combine(_ vector: Vector, _ number: Double, _ node: BinaryOperation, _ isSwapped: Bool) throws
        -> Vector
    {
        var result: Vector = []
        for element in vector {
            let (left, right) = isSwapped ? (number, element.value) : (element.value, number)
            let value = Self.apply(node.operation, left, right)
            if !node.operation.isComparison || node.returnsBool {
                result.append((nameless(element.labels), value))
            } else if value != 0 {
                result.append(element)
            }
        }
        return try unique(result)
    }

    private func signature(_ labels: LabelSet, _ matching: VectorMatching) -> LabelSet {
        matching.isOn ? labels.keeping(matching.labels) : labels.removing(matching.labels + ["__name__"])
    }

    private func match(_ left: Vector, _ right: Vector, _ node: BinaryOperation) throws -> Vector {
        let matching = node.matching
        let keys = (left.map { signature($0.labels, matching) }, right.map { signature($0.labels, matching) })
        switch node.operation {
        case .and: return zip(left, keys.0).filter { keys.1.contains($0.1) }.map(\.0)
        case .unless: return zip(left, keys.0).filter { !keys.1.contains($0.1) }.map(\.0)
        case .or: return try unique(left + zip(right, keys.1).filter { !keys.0.contains($0.1) }.map(\.0))
        default: break
        }
        guard Set(keys.1).count == keys.1.count else { throw Failure(reason: "many on the right") }
        var result: Vector = []
        var taken: Set<LabelSet> = []
        for (element, key) in zip(left, keys.0) {
            guard let place = keys.1.firstIndex(of: key) else { continue }
            let value = Self.apply(node.operation, element.value, right[place].value)
            let keeps = node.operation.isComparison && !node.returnsBool
            if keeps, value == 0 { continue }
            if matching.cardinality == .oneToOne, !taken.insert(key).inserted {
                throw Failure(reason: "many on the left")
            }
            var labels = keeps ? element.labels : nameless(element.labels)
            if matching.cardinality == .oneToOne {
                labels = matching.isOn ? labels.keeping(matching.labels) : labels.removing(matching.labels)
            }
            for name in matching.included { labels = labels.setting(name, to: right[place].labels[name]) }
            result.append((labels, keeps ? element.value : value))
        }
        return try unique(result)
    }

    private static func apply(_ operation: BinaryOperator, _ left: Double, _ right: Double) -> Double {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .modulo: left.truncatingRemainder(dividingBy: right)
        case .equal: left == right ? 1 : 0
        case .notEqual: left != right ? 1 : 0
        case .less: left < right ? 1 : 0
        case .lessOrEqual: left <= right ? 1 : 0
        case .greater: left > right ? 1 : 0
        case .greaterOrEqual: left >= right ? 1 : 0
        default: .nan
        }
    }
}
