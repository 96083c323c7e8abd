import MartletCore
import MartletSeries

extension Evaluator {
    func labelReplace(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        let columns = try vector(node.arguments[0], steps)
        let destination = try string(node.arguments[1])
        let template = try string(node.arguments[2]).value
        let sourceLabel = try string(node.arguments[3]).value
        let expression = try string(node.arguments[4]).value
        let pattern: any Pattern
        do throws(PatternError) {
            pattern = try patterns.compile(expression)
        } catch {
            throw .execution("invalid regular expression in label_replace(): \(expression): \(error.description)")
        }
        try checkLabel(destination, "destination", in: "label_replace")
        var result = columns
        for index in result.indices {
            let labels = result[index].labels
            guard let value = pattern.expand(template, in: labels[sourceLabel] ?? "") else { continue }
            result[index].labels = labels.setting(destination.value, to: value)
            if destination.value == Label.metricName { result[index].dropsName = false }
        }
        return try merged(result)
    }

    func labelJoin(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        let columns = try vector(node.arguments[0], steps)
        let destination = try string(node.arguments[1])
        let separator = try string(node.arguments[2]).value
        let sources = try node.arguments.dropFirst(3).map { (argument) throws(PromQLError) in
            let source = try string(argument)
            try checkLabel(source, "source", in: "label_join")
            return source.value
        }
        try checkLabel(destination, "destination", in: "label_join")
        var result = columns
        for index in result.indices {
            let labels = result[index].labels
            let joined = sources.map { labels[$0] ?? "" }.joined(separator: separator)
            result[index].labels = labels.setting(destination.value, to: joined)
            if destination.value == Label.metricName { result[index].dropsName = false }
        }
        return try merged(result)
    }

    private func checkLabel(_ label: StringLiteral, _ role: String, in function: String) throws(PromQLError) {
        guard label.isWellFormed, !label.value.isEmpty else {
            throw .execution("invalid \(role) label name in \(function)(): \(label.value)")
        }
    }

    /// Orders the elements of an instant query; a range query's series are sorted by label set in any case.
    func sorted(_ node: FunctionCall, _ steps: Steps) throws(PromQLError) -> [Column] {
        var columns = try vector(node.arguments[0], steps)
        if !node.function.name.hasPrefix("sort_by_label") {
            for index in columns.indices { columns[index].histograms = [] }
        }
        guard steps.count == 1 else { return columns }
        switch node.function.name {
        case "sort": return Self.sorted(columns) { $0 < $1 }
        case "sort_desc": return Self.sorted(columns) { $0 > $1 }
        default: break
        }
        let names = try node.arguments.dropFirst().map { (name) throws(PromQLError) in try string(name).value }
        let isDescending = node.function.name == "sort_by_label_desc"
        return columns.filter { !$0.isEmpty }.sorted { left, right in
            isDescending ? Self.precedes(right, left, names) : Self.precedes(left, right, names)
        }
    }

    /// Orders by value with NaN last; equal values keep their order.
    ///
    /// A histogram has no place in such an order and is left out.
    private static func sorted(_ columns: [Column], _ precedes: (Double, Double) -> Bool) -> [Column] {
        columns.filter { !Column.isAbsent($0.values[0]) }.enumerated().sorted { left, right in
            let (first, second) = (left.element.values[0], right.element.values[0])
            if first.isNaN || second.isNaN {
                return first.isNaN == second.isNaN ? left.offset < right.offset : second.isNaN
            }
            return first == second ? left.offset < right.offset : precedes(first, second)
        }.map(\.element)
    }

    private static func precedes(_ left: Column, _ right: Column, _ names: [String]) -> Bool {
        for name in names {
            let (first, second) = (left.labels[name] ?? "", right.labels[name] ?? "")
            if first != second { return naturallyPrecedes(first, second) }
        }
        return left.labels < right.labels
    }

    /// Compares texts with the runs of digits in them as numbers, so that `cpu9` precedes `cpu10`.
    static func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
        var (first, second) = (Array(left.utf8)[...], Array(right.utf8)[...])
        while let one = first.first, let other = second.first {
            let isDigit = { (byte: UInt8) in byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
            if isDigit(one), isDigit(other) {
                let firstRun = first.prefix(while: isDigit)
                let secondRun = second.prefix(while: isDigit)
                let firstDigits = firstRun.drop { $0 == UInt8(ascii: "0") }
                let secondDigits = secondRun.drop { $0 == UInt8(ascii: "0") }
                if firstDigits.count != secondDigits.count { return firstDigits.count < secondDigits.count }
                if !firstDigits.elementsEqual(secondDigits) {
                    return firstDigits.lexicographicallyPrecedes(secondDigits)
                }
                if firstRun.count != secondRun.count { return firstRun.count < secondRun.count }
                first = first.dropFirst(firstRun.count)
                second = second.dropFirst(secondRun.count)
            } else if one != other {
                return one < other
            } else {
                first.removeFirst()
                second.removeFirst()
            }
        }
        return first.isEmpty && !second.isEmpty
    }
}
