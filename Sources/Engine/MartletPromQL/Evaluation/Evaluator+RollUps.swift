import MartletCore
import MartletSeries

// Where raw samples are no longer kept a source has roll-ups: aggregates of equal steps. The first steps of a query may
// need them and the others not; each part is evaluated by itself. A window that is shorter than a roll-up's step covers
// one step, and an annotation says so.

extension Evaluator {
    /// How many of the first steps have windows that reach back to where there are only roll-ups.
    ///
    /// - Complexity: O(log *n*) questions to the source; one where all is raw.
    func rolledUpSteps(_ placement: Placement, _ span: Int64, _ steps: Steps) -> Int {
        func step(_ index: Int) -> Int64? { rollupStep(placement.time(steps.time(index)), span) }
        guard steps.count > 0, step(0) != nil else { return 0 }
        var (low, high) = (1, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if step(middle) == nil { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The step of the roll-ups that a window is answered from.
    private func rollupStep(_ end: Int64, _ span: Int64) -> Int64? {
        source.coarsestStep(in: (end - span + 1)...end)
    }

    private func noteShortWindow(_ step: Int64, at range: SourceRange) {
        annotations.add(
            .info,
            "raw samples are no longer kept for all of the time asked for, and roll-ups have a step of "
                + "\(DurationText.string(milliseconds: step)); shorter windows cover one step",
            at: range
        )
    }

    /// The steps of one tier after another, each with the step of its roll-ups, and last those of raw samples.
    private func parts(_ count: Int, _ placement: Placement, _ span: Int64, _ steps: Steps) -> [(Steps, Int64?)] {
        var parts: [(steps: Steps, rollup: Int64?)] = []
        for index in 0..<count {
            let rollup = rollupStep(placement.time(steps.time(index)), span)
            if let last = parts.last, last.rollup == rollup {
                parts[parts.count - 1].steps.count += 1
            } else {
                parts.append((Steps(start: steps.time(index), interval: steps.interval, count: 1), rollup))
            }
        }
        if count < steps.count {
            parts.append(
                (Steps(start: steps.time(count), interval: steps.interval, count: steps.count - count), nil)
            )
        }
        return parts
    }

    /// Columns of parts of the steps, put together by their labels.
    private func joined(
        _ parts: [(Steps, Int64?)],
        _ steps: Steps,
        _ evaluate: (Steps, Int64?) throws(PromQLError) -> [Column]
    ) throws(PromQLError) -> [Column] {
        var columns: [Column] = []
        var places: [LabelSet: Int] = [:]
        var start = 0
        for (part, rollup) in parts {
            for column in try evaluate(part, rollup) {
                let place = places[column.labels] ?? columns.count
                if place == columns.count {
                    places[column.labels] = place
                    columns.append(Column(labels: column.labels, dropsName: column.dropsName, steps: steps.count))
                }
                for step in 0..<part.count {
                    if let histogram = column.histogram(step) {
                        columns[place].set(histogram, at: start + step)
                    } else {
                        columns[place].values[start + step] = column.values[step]
                    }
                }
            }
            start += part.count
        }
        return columns.sorted { $0.labels < $1.labels }
    }

    // MARK: Selectors

    /// The newest numbers of a selector, the first steps from roll-ups.
    func rolledUp(_ node: VectorSelector, _ count: Int, _ steps: Steps) throws(PromQLError) -> [Column] {
        let placement = try placement(node.time)
        return try joined(parts(count, placement, lookback, steps), steps) { part, rollup throws(PromQLError) in
            guard let rollup else { return try select(node, part) }
            if rollup > lookback { noteShortWindow(rollup, at: node.sourceRange) }
            return try lookUp(node.matchers, placement, part, lookback: max(lookback, rollup), keepsHistograms: true) {
                $0.values[$1]
            }
        }
    }

    // MARK: Functions

    /// A function of windows, the first steps from roll-ups.
    func rolledUp(
        _ node: FunctionCall,
        _ argument: RangeSelector,
        _ span: Int64,
        _ count: Int,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        let placement = try placement(argument.selector.time)
        let name = node.function.name
        return try joined(parts(count, placement, span, steps), steps) { part, rollup throws(PromQLError) in
            guard let rollup else { return try rangeFunction(node, part) }
            if rollup > span { noteShortWindow(rollup, at: argument.sourceRange) }
            if Self.aggregateFunctions.contains(name),
                let columns = try aggregated(name, argument, max(span, rollup), placement, part)
            {
                return name == "last_over_time" ? columns : try withoutNames(columns)
            }
            // Others look at the last number of each step, and need those at both ends of a step.
            var wider = argument
            wider.duration = .seconds(Double(max(span, 2 * rollup)) / 1000, isDuration: true)
            var call = node
            call.arguments = node.arguments.map { other in
                if case .range = other.unwrapped { .range(wider) } else { other }
            }
            return try rangeFunction(call, part, mayUseRollups: false)
        }
    }

    private static let aggregateFunctions: Set<String> = [
        "rate", "increase", "delta", "sum_over_time", "avg_over_time", "min_over_time", "max_over_time",
        "count_over_time", "present_over_time", "last_over_time",
    ]

    /// A function whose value comes from the aggregates in a window and the raw samples behind them; nil for histograms.
    private func aggregated(
        _ name: String,
        _ node: RangeSelector,
        _ span: Int64,
        _ placement: Placement,
        _ steps: Steps
    ) throws(PromQLError) -> [Column]? {
        let (matchers, limit) = (node.selector.matchers, selectionLimit)
        let (first, last) = (placement.time(steps.start), placement.time(steps.end))
        // The aggregate before the first window tells where its growth begins.
        let before = rollupStep(first, span) ?? 0
        let range = (first - span - before + 1)...last
        let all = try read(matchers, from: range.lowerBound, through: last)
        guard all.allSatisfy(\.histograms.isEmpty) else { return nil }
        let rollups = try asking { () throws(SeriesError) in try source.rollups(matchers, in: range, limit: limit) }
        try hold(rollups.reduce(0) { $0 + $1.ends.count * 7 })
        trace.note(method: "roll-ups")
        let bySeries = Dictionary(grouping: rollups, by: \.labels)
        try hold(all.count * steps.count)
        var columns: [Column] = []
        for series in all {
            try checkTime()
            let merged = RolledUpSeries(bySeries[series.labels] ?? [], series)
            var column = Column(labels: series.labels, steps: steps.count)
            for step in 0..<steps.count {
                let end = placement.time(steps.time(step))
                if let value = merged.value(of: name, in: (end - span + 1)...end) { column.values[step] = value }
            }
            if name == "rate" || name == "increase" { noteNonCounter(series.labels, .range(node)) }
            if !column.isEmpty { columns.append(column) }
        }
        return columns
    }
}
