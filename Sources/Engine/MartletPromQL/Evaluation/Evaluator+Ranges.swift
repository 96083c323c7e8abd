import MartletCore
import MartletSeries

extension Evaluator {
    /// The samples of a range selector or a subquery for all steps.
    func ranges(of expression: Expression, _ steps: Steps) throws(PromQLError) -> RangeData {
        switch expression.unwrapped {
        case .range(let node):
            return try traced(expression, { ($0.series.count, $0.series.reduce(0) { $0 + $1.values.count }) }) {
                () throws(PromQLError) in
                try ranges(node, steps)
            }
        case .subquery(let node):
            return try traced(expression, { ($0.series.count, $0.series.reduce(0) { $0 + $1.values.count }) }) {
                () throws(PromQLError) in
                try ranges(node, steps)
            }
        default: throw .execution("expected a range vector, got a \(expression.type.rawValue)")
        }
    }

    private func ranges(_ node: RangeSelector, _ steps: Steps) throws(PromQLError) -> RangeData {
        let span = try positiveMilliseconds(node.duration)
        let placement = try placement(node.selector.time)
        var from = placement.time(steps.start) - span + 1
        var through = placement.time(steps.end)
        if let extent = node.selector.extent {
            from -= lookback
            if extent == .smoothed { through += lookback }
        }
        let all = try read(node.selector.matchers, from: from, through: through)
        let rows = all.map { RangeData.Row($0) }
        let ranges = RangeData(series: rows, span: span, placement: placement)
        if options.countsSamplesPerStep { countSamples(ranges, steps) }
        return ranges
    }

    private func countSamples(_ ranges: RangeData, _ steps: Steps) {
        for series in ranges.series {
            var window = Window(series: series, span: ranges.span)
            for step in 0..<steps.count {
                window.move(toEnd: ranges.end(step, steps), time: steps.time(step))
                countSamples(window.count + window.histogramRange.count, at: step, steps)
            }
        }
    }

    /// Evaluates the inner expression once over all times that any step needs.
    ///
    /// The times are multiples of the subquery's step, whatever the query's start.
    private func ranges(_ node: Subquery, _ steps: Steps) throws(PromQLError) -> RangeData {
        let span = try positiveMilliseconds(node.duration)
        let interval: Int64 =
            if let step = node.step { try positiveMilliseconds(step) } else { options.subqueryStep.milliseconds }
        let placement = try placement(node.time)
        let after = placement.time(steps.start) - span
        let last = placement.time(steps.end)
        let first = (after.dividedDown(by: interval) + 1) * interval
        guard first <= last else { return RangeData(series: [], span: span, placement: placement) }
        let count = (last - first) / interval + 1
        guard count <= Int64(options.samplesMax) else {
            throw .limit("subquery has \(count) steps; at most \(options.samplesMax) are evaluated; raise its step")
        }
        try hold(Int(count))
        let inner = Steps(start: first, interval: interval, count: Int(count))
        let times = (0..<inner.count).map(inner.time)
        let columns = try using(.buckets) { () throws(PromQLError) in try vector(node.inner, inner) }
        let rows = columns.map { RangeData.Row($0, times: times) }
        return RangeData(series: rows, span: span, placement: placement)
    }

    /// One value a series and step from the samples in the step's window.
    ///
    /// The kernel gets the window and the step and gives nil for no value. Names are kept.
    func windowed(
        _ ranges: RangeData,
        _ steps: Steps,
        _ kernel: (Window, RangeData.Row, Int) -> Operand?
    ) throws(PromQLError) -> [Column] {
        try hold(ranges.series.count * steps.count)
        var columns: [Column] = []
        columns.reserveCapacity(ranges.series.count)
        for series in ranges.series {
            try checkTime()
            var column = Column(labels: series.labels, dropsName: series.dropsName, steps: steps.count)
            var window = Window(series: series, span: ranges.span)
            for step in 0..<steps.count {
                window.move(toEnd: ranges.end(step, steps), time: steps.time(step))
                if !window.isEmpty, let value = kernel(window, series, step) { column.set(value, at: step) }
            }
            columns.append(column)
        }
        return columns
    }

    /// One number a series and step by a function that fills in all steps of a series without histograms.
    ///
    /// Many series are worked on by several cores at once; each block of them ends with a look at the clock.
    func sliding(
        _ ranges: RangeData,
        _ steps: Steps,
        _ fill: @Sendable (RangeData.Row, inout [Double]) -> Void
    ) throws(PromQLError) -> [Column] {
        try hold(ranges.series.count * steps.count)
        var columns: [Column] = []
        columns.reserveCapacity(ranges.series.count)
        let (series, count) = (ranges.series, steps.count)
        for start in stride(from: 0, to: series.count, by: Self.blockOfSeries) {
            try checkTime()
            let size = min(Self.blockOfSeries, series.count - start)
            let filled = Cores.map(size, work: size * count) { place in
                var values = [Double](repeating: Column.absent, count: count)
                fill(series[start + place], &values)
                return values
            }
            for (place, values) in filled.enumerated() {
                let row = series[start + place]
                columns.append(Column(labels: row.labels, dropsName: row.dropsName, values: values))
            }
        }
        return columns
    }

    /// How many series are worked on between two looks at the clock.
    private static let blockOfSeries = 4096

    /// One number a series and step from the numbers in the step's window; ``Column/absent`` for none.
    ///
    /// Where there are histograms beside the numbers, an info says that they were left out.
    func numbers(
        _ ranges: RangeData,
        _ argument: Expression,
        _ steps: Steps,
        _ kernel: (Window, Int) -> Double
    ) throws(PromQLError) -> [Column] {
        try hold(ranges.series.count * steps.count)
        var columns: [Column] = []
        columns.reserveCapacity(ranges.series.count)
        for series in ranges.series {
            try checkTime()
            var column = Column(labels: series.labels, dropsName: series.dropsName, steps: steps.count)
            var window = Window(series: series, span: ranges.span)
            for step in 0..<steps.count {
                window.move(toEnd: ranges.end(step, steps), time: steps.time(step))
                guard window.hasNumbers else { continue }
                if window.hasHistograms {
                    annotations.addIgnoredInRange(metric: series.labels.metricName, at: argument.sourceRange)
                }
                column.values[step] = kernel(window, step)
            }
            columns.append(column)
        }
        return columns
    }
}

extension Int64 {
    /// The quotient rounded towards negative infinity.
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
