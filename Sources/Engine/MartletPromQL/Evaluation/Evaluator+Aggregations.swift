import MartletCore

extension Evaluator {
    func evaluate(_ node: Aggregation, _ steps: Steps) throws(PromQLError) -> [Column] {
        if let columns = try counted(node, steps) { return columns }
        if let columns = try streamed(node, steps) { return columns }
        let columns = try vector(node.operand, steps)
        let groups = grouping(columns, node)
        switch node.operation {
        case .sum, .avg, .min, .max, .count, .group, .stddev, .stdvar:
            return try reduced(columns, groups, node, steps)
        case .quantile: return try quantile(columns, groups, node, steps)
        case .countValues: return try countValues(columns, groups, node, steps)
        case .topk, .bottomk, .limitk: return try picked(columns, groups, node, steps)
        case .limitRatio: return try limitRatio(columns, node, steps)
        }
    }

    /// Makes one column a group, member by member over all steps, so that memory is read in order.
    private func reduced(
        _ columns: [Column],
        _ groups: Grouping,
        _ node: Aggregation,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        try hold(groups.labels.count * steps.count)
        let operation = node.operation
        var result: [Column] = []
        result.reserveCapacity(groups.labels.count)
        for (group, members) in groups.members.enumerated() {
            try checkTime()
            let values =
                switch operation {
                case .sum: sums(columns, members, steps.count)
                case .avg: folded(columns, members, steps.count, RunningMean.init, { $0.add($1) }, \.value)
                case .min: extremes(columns, members, steps.count) { $0 > $1 }
                case .max: extremes(columns, members, steps.count) { $0 < $1 }
                case .count: folded(columns, members, steps.count, { _ in 1.0 }, { count, _ in count += 1 }, \.self)
                case .group: folded(columns, members, steps.count, { _ in 1.0 }, { _, _ in }, \.self)
                case .stdvar: folded(columns, members, steps.count, Variance.init, { $0.add($1) }, \.value)
                default: folded(columns, members, steps.count, Variance.init, { $0.add($1) }, \.deviation)
                }
            var column = Column(labels: groups.labels[group], dropsName: groups.dropsName[group], values: values)
            if members.contains(where: { !columns[$0].histograms.isEmpty }) {
                aggregateHistograms(columns, members, node, into: &column)
            }
            result.append(column)
        }
        return result
    }

    private func sums(_ columns: [Column], _ members: [Int], _ count: Int) -> [Double] {
        var sums = [Double](repeating: Column.absent, count: count)
        var compensations = [Double](repeating: 0, count: count)
        for member in members {
            let values = columns[member].values
            for step in 0..<count {
                let value = values[step]
                if Column.isAbsent(value) { continue }
                if Column.isAbsent(sums[step]) {
                    sums[step] = value
                    continue
                }
                var sum = CompensatedSum(sums[step], compensation: compensations[step])
                sum.add(value)
                sums[step] = sum.sum
                compensations[step] = sum.compensation
            }
        }
        for step in 0..<count where !Column.isAbsent(sums[step]) && !sums[step].isInfinite {
            sums[step] += compensations[step]
        }
        return sums
    }

    private func extremes(
        _ columns: [Column],
        _ members: [Int],
        _ count: Int,
        _ isWorse: (Double, Double) -> Bool
    ) -> [Double] {
        var best = [Double](repeating: Column.absent, count: count)
        for member in members {
            let values = columns[member].values
            for step in 0..<count where !Column.isAbsent(values[step]) {
                if best[step].isNaN || isWorse(best[step], values[step]) { best[step] = values[step] }
            }
        }
        return best
    }

    private func folded<State>(
        _ columns: [Column],
        _ members: [Int],
        _ count: Int,
        _ start: (Double) -> State,
        _ add: (inout State, Double) -> Void,
        _ value: (State) -> Double
    ) -> [Double] {
        var states = [State?](repeating: nil, count: count)
        for member in members {
            let values = columns[member].values
            for step in 0..<count where !Column.isAbsent(values[step]) {
                if var state = states[step] {
                    add(&state, values[step])
                    states[step] = state
                } else {
                    states[step] = start(values[step])
                }
            }
        }
        return states.map { $0.map(value) ?? Column.absent }
    }
}
