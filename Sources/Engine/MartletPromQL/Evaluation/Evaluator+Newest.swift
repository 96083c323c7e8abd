import MartletCore
import MartletSeries

// What needs only the newest samples or summaries of windows is asked of the source without reading columns.

extension Evaluator {
    /// The elements of a selector at one time, from the newest samples; nil where columns must be read.
    func newest(_ node: VectorSelector, _ placement: Placement, _ steps: Steps) throws(PromQLError) -> [Column]? {
        guard steps.count == 1, histogramUse != .totals else { return nil }
        let time = placement.time(steps.start)
        let matchers = node.matchers
        let limit = selectionLimit
        let points = try asking { () throws(SeriesError) in
            try source.latest(matchers, in: (time - lookback + 1)...time, limit: limit)
        }
        trace.note(method: "newest samples")
        var columns: [Column] = []
        columns.reserveCapacity(points.count)
        for point in points where !point.isStale {
            var column = Column(labels: point.labels, values: [point.value])
            if let histogram = point.histogram { column.set(histogram, at: 0) }
            columns.append(column)
        }
        statistics.samplesRead += points.count
        statistics.seriesRead += points.count
        try hold(points.count)
        try holdSeries(points.count)
        countSamples(columns.count, at: 0, steps)
        return columns
    }

    /// `count` and `group` of a selector, from the store's own counting; nil where elements must be looked at.
    ///
    /// Where steps are so far apart that few samples count, each is counted by itself.
    func counted(_ node: Aggregation, _ steps: Steps) throws(PromQLError) -> [Column]? {
        guard node.operation == .count || node.operation == .group,
            case .selector(let selector) = node.operand.unwrapped,
            selector.extent == nil, !isShared(node.operand)
        else { return nil }
        let placement = try placement(selector.time)
        guard steps.count == 1 || placement.anchor == nil, rolledUpSteps(placement, lookback, steps) == 0 else {
            return nil
        }
        let grouping: SeriesGrouping =
            node.isWithout ? .without(node.labels + reservedNames) : .by(node.labels)
        let windows = WindowSequence(
            firstEnd: placement.time(steps.start),
            step: steps.interval,
            count: steps.count,
            span: lookback
        )
        // No label set is made for a series, so that no memory limits how many there are.
        let limit = SelectionLimit(samples: .max, series: options.seriesMax)
        let groups = try asking { () throws(SeriesError) in
            try source.counts(selector.matchers, windows, by: grouping, limit: limit)
        }
        let columns = groups.map { group in
            Column(
                labels: group.labels,
                values: group.counts.map { $0 == 0 ? Column.absent : node.operation == .group ? 1 : Double($0) }
            )
        }
        for step in 0..<steps.count {
            let total = groups.reduce(0) { $0 + $1.counts[step] }
            statistics.samplesRead += total
            statistics.seriesRead = max(statistics.seriesRead, total)
            countSamples(total, at: step, steps)
        }
        trace.note(method: "counts")
        try hold(columns.count * steps.count)
        return columns
    }

    /// Functions that need the ends and resets of each window only; nil where the samples must be read.
    func summarized(
        _ name: String,
        _ argument: Expression,
        _ steps: Steps
    ) throws(PromQLError) -> [Column]? {
        guard case .range(let node) = argument.unwrapped, node.selector.extent == nil,
            !options.features.contains(.startTimestamps)
        else { return nil }
        let span = try positiveMilliseconds(node.duration)
        guard usesSummaries(name, span, steps) else { return nil }
        let placement = try placement(node.selector.time)
        let end = placement.time(steps.start)
        let sequence = WindowSequence(firstEnd: end, step: steps.interval, count: steps.count, span: span)
        let limit = selectionLimit
        let all = try asking { () throws(SeriesError) in
            try source.windows(node.selector.matchers, sequence, limit: limit)
        }
        if all.contains(where: { $0.summaries.contains(where: \.hasHistograms) }) { return nil }
        trace.note(method: "window summaries")
        try holdSeries(all.count)
        try hold(all.count * steps.count)
        checkedCounter = nil
        var columns: [Column] = []
        columns.reserveCapacity(all.count)
        for series in all {
            try checkTime()
            var column = Column(labels: series.labels, steps: steps.count)
            var hasNumber = false
            for (step, summary) in series.summaries.enumerated() where summary.count > 0 {
                countSamples(summary.count, at: step, steps)
                statistics.samplesRead += summary.count
                guard let value = summary.value(of: name, end: sequence.end(step), span: span) else { continue }
                column.values[step] = value
                hasNumber = true
            }
            statistics.seriesRead += 1
            guard hasNumber else { continue }
            if name == "rate" || name == "increase" { noteNonCounter(series.labels, argument) }
            columns.append(column)
        }
        return name == "last_over_time" || name == "first_over_time" ? columns : try withoutNames(columns)
    }

    /// From which length on summaries of windows are cheaper than their samples, in milliseconds.
    private static let summarySpanMin: Int64 = 3_600_000

    /// Whether a function is worked out from summaries of windows that are long and hardly overlap.
    func usesSummaries(_ name: String, _ span: Int64, _ steps: Steps) -> Bool {
        Self.summaryFunctions.contains(name) && (span >= Self.summarySpanMin || !mayStream)
            && (steps.count == 1 || steps.interval >= 2 * span)
    }

    private static let summaryFunctions: Set<String> = [
        "rate", "increase", "delta", "resets", "count_over_time", "present_over_time", "last_over_time",
        "first_over_time", "ts_of_first_over_time", "ts_of_last_over_time",
    ]

    /// Counts samples that a step of the query looks at, where that is asked for.
    func countSamples(_ count: Int, at step: Int, _ steps: Steps) {
        guard options.countsSamplesPerStep else { return }
        guard steps != querySteps else {
            statistics.samplesPerStep[step] += count
            return
        }
        // A subquery's steps count for the first step of the query that looks at them.
        let time = steps.time(step)
        let interval = max(1, querySteps.interval)
        let place = (time - querySteps.start + interval - 1) / interval
        statistics.samplesPerStep[Int(max(0, min(Int64(querySteps.count - 1), place)))] += count
    }

    /// Asks the source, with its errors as the query's.
    func asking<Answer>(_ body: () throws(SeriesError) -> Answer) throws(PromQLError) -> Answer {
        do throws(SeriesError) {
            return try body()
        } catch {
            switch error {
            case .cancelled: throw .cancelled
            case .limitExceeded(let message): throw .limit(message)
            case .storageUnavailable, .damaged: throw .storage(error)
            }
        }
    }
}

extension WindowSummary {
    /// The value of a function of the window; nil for none.
    fileprivate func value(of name: String, end: Int64, span: Int64) -> Double? {
        switch name {
        case "count_over_time": return Double(count)
        case "present_over_time": return 1
        case "resets": return Double(resets)
        case "last_over_time": return lastValue
        case "first_over_time": return firstValue
        case "ts_of_first_over_time": return Double(firstTime) / 1000
        case "ts_of_last_over_time": return Double(lastTime) / 1000
        default: break
        }
        guard count >= 2 else { return nil }
        let isCounter = name != "delta"
        let growth = lastValue - firstValue + (isCounter ? resetSum : 0)
        let factor = Window.extrapolation(
            of: end - span...end,
            from: firstTime,
            through: lastTime,
            count: count,
            first: firstValue,
            growth: growth,
            isCounter: isCounter
        )
        let increase = growth * factor
        return name == "rate" ? increase / (Double(span) / 1000) : increase
    }
}
