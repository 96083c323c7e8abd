import MartletCore
import MartletSeries

// Where an expression's columns are made of one series each, series are taken from the source one by one: samples are
// gone as soon as the series' column is made, and under an aggregation the column is gone as soon as it is added.

extension Evaluator {
    /// Whether nothing is asked for that needs more of a series than its samples' times and values.
    var mayStream: Bool {
        !options.countsSamplesPerStep && !delaysNames && histogramUse != .totals
            && !options.features.contains(.startTimestamps) && !options.features.contains(.typeAndUnitLabels)
    }

    /// How to make an expression's columns series by series; nil where all series must be looked at together.
    func stream(_ expression: Expression, _ steps: Steps) throws(PromQLError) -> SeriesStream? {
        guard mayStream else { return nil }
        switch expression.unwrapped {
        case .selector(let node):
            guard node.extent == nil else { return nil }
            let placement = try placement(node.time)
            guard rolledUpSteps(placement, lookback, steps) == 0 else { return nil }
            return stream(.newest, node, expression, lookback, placement, steps)
        case .call(let node):
            guard node.arguments.count == 1, case .range(let range) = node.arguments[0].unwrapped,
                range.selector.extent == nil
            else { return nil }
            let span = try positiveMilliseconds(range.duration)
            guard !usesSummaries(node.function.name, span, steps), let kernel = Self.kernel(node.function.name, span)
            else { return nil }
            let placement = try placement(range.selector.time)
            guard rolledUpSteps(placement, span, steps) == 0 else { return nil }
            return stream(kernel, range.selector, node.arguments[0], span, placement, steps)
        default: return nil
        }
    }

    private static func kernel(_ name: String, _ span: Int64) -> SeriesStream.Kernel? {
        switch name {
        case "rate": .increase(isCounter: true, divisor: Double(span) / 1000)
        case "increase": .increase(isCounter: true, divisor: 1)
        case "delta": .increase(isCounter: false, divisor: 1)
        case "irate": .change(isRate: true)
        case "idelta": .change(isRate: false)
        case "sum_over_time": .total(isMean: false)
        case "avg_over_time": .total(isMean: true)
        case "min_over_time": .extreme(isMaximum: false)
        case "max_over_time": .extreme(isMaximum: true)
        case "count_over_time": .count
        case "present_over_time": .present
        case "last_over_time": .last
        default: nil
        }
    }

    private func stream(
        _ kernel: SeriesStream.Kernel,
        _ selector: VectorSelector,
        _ argument: Expression,
        _ span: Int64,
        _ placement: Placement,
        _ steps: Steps
    ) -> SeriesStream {
        let ends = WindowEnds(
            first: placement.time(steps.start),
            interval: placement.anchor == nil ? steps.interval : 0,
            count: steps.count,
            span: span
        )
        let keepsNames =
            switch kernel {
            case .newest, .last: true
            default: false
            }
        return SeriesStream(
            kernel: kernel,
            matchers: selector.matchers,
            range: (ends.first - span + 1)...placement.time(steps.end),
            ends: ends,
            dropsNames: !keepsNames,
            argument: argument
        )
    }

    /// The columns of an expression, made series by series; nil where that cannot be.
    func streamed(_ expression: Expression, _ steps: Steps) throws(PromQLError) -> [Column]? {
        guard let stream = try stream(expression, steps) else { return nil }
        trace.note(method: "series by series")
        var columns: [Column] = []
        let absent = [Double](repeating: Column.absent, count: steps.count)
        var values = absent
        var places: [Int] = []
        let labels = try run(stream, by: nil) { place, series throws(PromQLError) in
            guard stream.fill(series, into: &values) else { return }
            try hold(steps.count)
            try holdSeries(1)
            places.append(place)
            columns.append(Column(labels: .empty, values: values))
            values = absent
        }
        guard let labels else { return nil }
        for (index, place) in places.enumerated() { columns[index].labels = labels[place] }
        if case .increase(true, _) = stream.kernel {
            for column in columns { noteNonCounter(column.labels, stream.argument) }
        }
        return stream.dropsNames ? try withoutNames(columns) : columns
    }

    /// An aggregation's groups, to which series are added one by one; nil where that cannot be.
    func streamed(_ node: Aggregation, _ steps: Steps) throws(PromQLError) -> [Column]? {
        guard node.parameter == nil, !isShared(node.operand), let stream = try stream(node.operand, steps),
            !stream.dropsNames || stream.metric != nil
        else { return nil }
        switch node.operation {
        case .sum: return try folded(stream, node, steps, SumFold(steps: steps.count))
        case .min: return try folded(stream, node, steps, ExtremeFold(steps: steps.count, isMaximum: false))
        case .max: return try folded(stream, node, steps, ExtremeFold(steps: steps.count, isMaximum: true))
        case .count: return try folded(stream, node, steps, CountFold(steps: steps.count, isPresence: false))
        case .group: return try folded(stream, node, steps, CountFold(steps: steps.count, isPresence: true))
        case .avg:
            return try folded(
                stream,
                node,
                steps,
                StateFold(steps: steps.count, RunningMean.init, { $0.add($1) }, \.value)
            )
        case .stdvar:
            return try folded(
                stream,
                node,
                steps,
                StateFold(steps: steps.count, Variance.init, { $0.add($1) }, \.value)
            )
        case .stddev:
            return try folded(
                stream,
                node,
                steps,
                StateFold(steps: steps.count, Variance.init, { $0.add($1) }, \.deviation)
            )
        default: return nil
        }
    }

    private func folded(
        _ stream: SeriesStream,
        _ node: Aggregation,
        _ steps: Steps,
        _ start: some GroupFold
    ) throws(PromQLError) -> [Column]? {
        let grouping: SeriesGrouping
        if node.isWithout {
            grouping = .without(node.labels)
        } else {
            // A name that a function took away is no label to group by.
            grouping = .by(stream.dropsNames ? node.labels.filter { $0 != Label.metricName } : node.labels)
        }
        let fold = { () throws(PromQLError) -> [Column]? in
            let folding = GroupFolding(stream, start, steps: steps.count)
            var (seen, groups) = (0, 0)
            var batch: [(group: Int, series: Series)] = []
            let labels = try self.run(stream, by: grouping) { group, series throws(PromQLError) in
                seen += 1
                if seen <= HandingOver.first {
                    folding.add((group, series))
                } else {
                    batch.append((group, series))
                    guard batch.count == HandingOver.batchSize else { return }
                    folding.hand(over: batch)
                    batch.removeAll(keepingCapacity: true)
                }
                try self.holdGroups(folding.groupCount - groups, steps)
                groups = folding.groupCount
            }
            if !batch.isEmpty { folding.hand(over: batch) }
            let (order, fold) = folding.finish()
            guard let labels else { return nil }
            try self.holdGroups(order.count - groups, steps)
            if !order.isEmpty { self.noteNonCounter(stream) }
            return order.enumerated().map { Column(labels: labels[$1], values: fold.values(of: $0)) }
                .sorted { $0.labels < $1.labels }
        }
        guard options.explains else { return try fold() }
        // The operand is a node of the plan though it is never a value of its own.
        return try traced(node.operand, { ($0?.count ?? 0, ($0?.count ?? 0) * steps.count) }) {
            () throws(PromQLError) in
            trace.note(method: "series by series into groups")
            return try fold()
        }
    }

    /// Counts groups that are new.
    private func holdGroups(_ count: Int, _ steps: Steps) throws(PromQLError) {
        guard count > 0 else { return }
        try hold(count * steps.count)
        try holdSeries(count)
    }

    private func noteNonCounter(_ stream: SeriesStream) {
        if case .increase(true, _) = stream.kernel { noteNonCounter(metric: stream.metric, stream.argument) }
    }

    /// Takes the series of a stream one by one; nil where one has native histograms.
    private func run(
        _ stream: SeriesStream,
        by grouping: SeriesGrouping?,
        _ body: (Int, Series) throws(PromQLError) -> Void
    ) throws(PromQLError) -> [LabelSet]? {
        guard !stream.range.isEmpty else { return [] }
        checkedCounter = nil
        let (before, held) = (statistics, samplesHeld)
        var failure: PromQLError?
        var hasHistograms = false
        // Samples are held one series at a time: time, not memory, bounds how many are looked at.
        let limit = SelectionLimit(samples: .max, series: options.seriesMax)
        let labels = try asking { () throws(SeriesError) in
            try source.forEachSeries(stream.matchers, in: stream.range, by: grouping, limit: limit) { place, series in
                guard series.histograms.isEmpty else {
                    hasHistograms = true
                    return false
                }
                do throws(PromQLError) {
                    try checkTime()
                    statistics.samplesRead += series.values.count
                    statistics.seriesRead += 1
                    try lend(series.values.count)
                    try body(place, series)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        }
        if let failure { throw failure }
        guard hasHistograms else { return labels }
        statistics = before
        samplesHeld = held
        return nil
    }
}
