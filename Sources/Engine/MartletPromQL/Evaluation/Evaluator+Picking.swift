import MartletCore

extension Evaluator {
    func quantile(
        _ columns: [Column],
        _ groups: Grouping,
        _ node: Aggregation,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        guard let parameter = node.parameter else { return [] }
        let shares = try scalar(parameter, steps)
        for share in shares where !(share >= 0 && share <= 1) {
            annotations.addInvalidQuantile(share, at: parameter.sourceRange)
        }
        try hold(groups.labels.count * steps.count)
        noteIgnored(columns, node)
        return groups.members.enumerated().map { group, members in
            let values = (0..<steps.count).map { step in
                let present = members.map { columns[$0].values[step] }.filter { !Column.isAbsent($0) }
                return present.isEmpty ? Column.absent : Quantile.of(present, share: shares[step])
            }
            return Column(labels: groups.labels[group], dropsName: groups.dropsName[group], values: values)
        }
    }

    func countValues(
        _ columns: [Column],
        _ groups: Grouping,
        _ node: Aggregation,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        guard let parameter = node.parameter else { return [] }
        let label = try string(parameter)
        guard label.isWellFormed, !label.value.isEmpty else {
            throw .execution("invalid label name \(label.written)")
        }
        var result: [Column] = []
        for (group, members) in groups.members.enumerated() {
            // `without` keeps a label of the chosen name only to overwrite it.
            var places: [String: Int] = [:]
            for member in members {
                try checkTime()
                for (step, value) in columns[member].values.enumerated() where columns[member].isPresent(step) {
                    let text = columns[member].histogram(step)?.text ?? FloatText.plain(value)
                    if places[text] == nil {
                        try hold(steps.count)
                        places[text] = result.count
                        let labels = groups.labels[group].setting(label.value, to: text)
                        result.append(Column(labels: labels, dropsName: groups.dropsName[group], steps: steps.count))
                    }
                    guard let place = places[text] else { continue }
                    let count = result[place].values[step]
                    result[place].values[step] = Column.isAbsent(count) ? 1 : count + 1
                }
            }
        }
        return try summed(result)
    }

    /// Adds up columns of one label set: overwriting a label may have made groups alike.
    private func summed(_ columns: [Column]) throws(PromQLError) -> [Column] {
        var places: [LabelSet: Int] = [:]
        var result: [Column] = []
        for column in columns {
            guard let place = places[column.labels] else {
                places[column.labels] = result.count
                result.append(column)
                continue
            }
            for (step, value) in column.values.enumerated() where !Column.isAbsent(value) {
                let other = result[place].values[step]
                result[place].values[step] = Column.isAbsent(other) ? value : other + value
            }
        }
        return result
    }

    /// The elements that `topk`, `bottomk` and `limitk` choose; they keep their labels.
    func picked(
        _ columns: [Column],
        _ groups: Grouping,
        _ node: Aggregation,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        guard let parameter = node.parameter else { return [] }
        let limits = try scalar(parameter, steps).map { (limit) throws(PromQLError) in try Self.count(limit) }
        try hold(columns.count * steps.count)
        var result = columns.map { Column(labels: $0.labels, dropsName: $0.dropsName, steps: steps.count) }
        var order: [Int] = []
        let takesHistograms = node.operation == .limitk
        if !takesHistograms { noteIgnored(columns, node) }
        for members in groups.members {
            try checkTime()
            for step in 0..<steps.count where limits[step] > 0 {
                let present = members.filter {
                    takesHistograms ? columns[$0].isPresent(step) : !Column.isAbsent(columns[$0].values[step])
                }
                let best = best(present, limits[step], node.operation) { columns[$0].values[step] }
                for member in best { result[member].copy(step, of: columns[member]) }
                if steps.count == 1 { order += best }
            }
        }
        result = steps.count == 1 ? order.map { result[$0] } : result.filter { !$0.isEmpty }
        return result
    }

    /// A share of the elements by the hash of their labels, so that a series is in at all steps or at none.
    ///
    /// A negative share chooses what the positive share that makes it whole leaves out.
    func limitRatio(_ columns: [Column], _ node: Aggregation, _ steps: Steps) throws(PromQLError) -> [Column] {
        guard let parameter = node.parameter else { return [] }
        var shares = try scalar(parameter, steps)
        for step in shares.indices {
            if shares[step].isNaN { throw .execution("Ratio value is NaN") }
            let capped = min(1, max(-1, shares[step]))
            if capped != shares[step] {
                annotations.addInvalidRatio(shares[step], capped: capped, at: parameter.sourceRange)
            }
            shares[step] = capped
        }
        var result = columns
        for index in result.indices {
            let place = Double(result[index].labels.prometheusHash) / Double(UInt64.max)
            for step in 0..<steps.count {
                let isChosen = shares[step] >= 0 ? place < shares[step] : place >= 1 + shares[step]
                if !isChosen { result[index].clear(step) }
            }
        }
        return result.filter { !$0.isEmpty }
    }

    private static func count(_ limit: Double) throws(PromQLError) -> Int {
        if limit.isNaN { throw .execution("Parameter value is NaN") }
        guard abs(limit) < 9.2e18 else {
            throw .execution("Scalar value \(FloatText.shortest(limit)) overflows int64")
        }
        return Int(limit)
    }

    /// The chosen members in order; of equal values the first ones win, and NaN loses to every number.
    private func best(
        _ members: [Int],
        _ limit: Int,
        _ operation: Aggregator,
        _ value: (Int) -> Double
    ) -> ArraySlice<Int> {
        if operation == .limitk { return members.prefix(limit) }
        let isDescending = operation == .topk
        let sorted = members.enumerated().sorted { left, right in
            let (first, second) = (value(left.element), value(right.element))
            if first.isNaN || second.isNaN {
                return first.isNaN == second.isNaN ? left.offset < right.offset : second.isNaN
            }
            if first == second { return left.offset < right.offset }
            return isDescending ? first > second : first < second
        }
        return sorted.map(\.element).prefix(limit)
    }
}

extension FloatText {
    /// A number without an exponent, however long: the form of the labels that `count_values` makes.
    static func plain(_ value: Double) -> String {
        let text = shortest(value)
        guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
            return text
        }
        let sign = text.hasPrefix("-") ? "-" : ""
        let mantissa = text[..<mark].drop { $0 == "-" }
        let digits = mantissa.filter { $0 != "." }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let missing = exponent + 1 - digits.count
        if missing >= 0 { return sign + digits + String(repeating: "0", count: missing) }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }
}
