import MartletCore
import MartletSeries

extension Evaluator {
    /// A function of the samples of a stretch of time.
    func rangeFunction(
        _ node: FunctionCall,
        _ steps: Steps,
        mayUseRollups: Bool = true
    ) throws(PromQLError) -> [Column] {
        let name = node.function.name
        guard let place = node.function.arguments.firstIndex(of: .matrix) else { return [] }
        let argument = node.arguments[place]
        if mayUseRollups, case .range(let range) = argument.unwrapped, range.selector.extent == nil,
            name != "absent_over_time"
        {
            let span = try positiveMilliseconds(range.duration)
            let count = rolledUpSteps(try placement(range.selector.time), span, steps)
            if count > 0 { return try rolledUp(node, range, span, count, steps) }
        }
        var scalars: [[Double]] = []
        for (index, other) in node.arguments.enumerated() where index != place {
            scalars.append(try scalar(other, steps))
        }
        if scalars.isEmpty, mayUseRollups {
            if let columns = try summarized(name, argument, steps) { return columns }
            if let columns = try streamed(.call(node), steps) { return columns }
        }
        let ranges = try ranges(of: argument, steps)
        if case .range(let selector) = argument.unwrapped, let extent = selector.selector.extent {
            return try extendedRangeFunction(node, argument, extent, ranges, steps)
        }
        switch name {
        case "rate", "increase", "delta": return try extrapolated(name, ranges, argument, steps)
        case "irate", "idelta":
            return try withoutNames(
                try windowed(ranges, steps) { window, series, _ in
                    instantChange(window, isRate: name == "irate", series.labels.metricName, at: argument.sourceRange)
                }
            )
        case "absent_over_time": return [try absentOverTime(ranges, argument, steps)]
        case "quantile_over_time": return try quantiles(scalars[0], node, ranges, steps)
        case "predict_linear":
            return try withoutNames(
                try numbers(ranges, argument, steps) { window, step in
                    guard window.count >= 2 else { return Column.absent }
                    let line = window.regression(interceptAt: window.time)
                    return line.slope * scalars[0][step] + line.intercept
                }
            )
        case "integral":
            return try withoutNames(
                try numbers(ranges, argument, steps) { window, step in
                    window.integral(strategy: scalars.isEmpty ? 2 : scalars[0][step])
                }
            )
        case "double_exponential_smoothing", "holt_winters":
            return try smoothed(scalars, ranges, argument, steps)
        case "last_over_time": return try windowed(ranges, steps) { window, _, _ in window.lastSample.value }
        case "first_over_time": return try windowed(ranges, steps) { window, _, _ in window.firstSample.value }
        default: return try withoutNames(try overTime(name, ranges, argument, node, steps))
        }
    }

    /// The functions that make one number of all samples in a window.
    private func overTime(
        _ name: String,
        _ ranges: RangeData,
        _ argument: Expression,
        _ node: FunctionCall,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        switch name {
        case "sum_over_time", "avg_over_time":
            return try totals(isSum: name == "sum_over_time", ranges, argument, steps)
        case "count_over_time":
            return try windowed(ranges, steps) { window, _, _ in
                .number(Double(window.count + window.histogramRange.count))
            }
        case "present_over_time": return try windowed(ranges, steps) { _, _, _ in .number(1) }
        case "changes": return try windowed(ranges, steps) { window, _, _ in .number(window.changes) }
        case "resets": return try windowed(ranges, steps) { window, _, _ in .number(window.resets) }
        case "ts_of_first_over_time":
            return try windowed(ranges, steps) { window, _, _ in .number(Double(window.firstSample.time) / 1000) }
        case "ts_of_last_over_time":
            return try windowed(ranges, steps) { window, _, _ in .number(Double(window.lastSample.time) / 1000) }
        case "min_over_time", "max_over_time":
            guard ranges.series.allSatisfy(\.histograms.isEmpty) else { fallthrough }
            let ends = WindowEnds(ranges, steps)
            return try sliding(ranges, steps) { series, values in
                let isMaximum = name == "max_over_time"
                SlidingWindows.extremes(series.timestamps, series.values, ends, isMaximum: isMaximum, into: &values)
            }
        default:
            guard let kernel = Window.kernel(named: name) else {
                throw unsupported("the function \(name)", node.sourceRange)
            }
            return try numbers(ranges, argument, steps) { window, _ in kernel(window) }
        }
    }

    private func absentOverTime(
        _ ranges: RangeData,
        _ argument: Expression,
        _ steps: Steps
    ) throws(PromQLError) -> Column {
        let columns = try windowed(ranges, steps) { _, _, _ in .number(1) }
        var column = Column(labels: Self.absentLabels(argument), steps: steps.count)
        for step in 0..<steps.count where columns.allSatisfy({ Column.isAbsent($0.values[step]) }) {
            column.values[step] = 1
        }
        return column
    }

    private func extrapolated(
        _ name: String,
        _ ranges: RangeData,
        _ argument: Expression,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        let isCounter = name != "delta"
        checkedCounter = nil
        let divisor = name == "rate" ? Double(ranges.span) / 1000 : 1
        let ends = WindowEnds(ranges, steps)
        if ranges.series.allSatisfy({ $0.histograms.isEmpty && $0.starts.isEmpty }) {
            var columns = try sliding(ranges, steps) { series, values in
                SlidingWindows.increases(
                    series.timestamps,
                    series.values,
                    ends,
                    isCounter: isCounter,
                    divisor: divisor,
                    into: &values
                )
            }
            columns.removeAll(where: \.isEmpty)
            if isCounter {
                for column in columns { noteNonCounter(column.labels, argument) }
            }
            return try withoutNames(columns)
        }
        try hold(ranges.series.count * steps.count)
        var columns: [Column] = []
        columns.reserveCapacity(ranges.series.count)
        for series in ranges.series {
            try checkTime()
            var column = Column(labels: series.labels, dropsName: series.dropsName, steps: steps.count)
            let hasNumber = histogramIncreases(series, ranges, isCounter, divisor, argument, steps, into: &column)
            if isCounter, hasNumber { noteNonCounter(series.labels, argument) }
            columns.append(column)
        }
        return try withoutNames(columns)
    }

    /// The increases of a series with histograms or start timestamps, where there may be numbers, too; gives whether any is a number.
    private func histogramIncreases(
        _ series: RangeData.Row,
        _ ranges: RangeData,
        _ isCounter: Bool,
        _ divisor: Double,
        _ argument: Expression,
        _ steps: Steps,
        into column: inout Column
    ) -> Bool {
        var window = Window(series: series, span: ranges.span)
        var hasNumber = false
        for step in 0..<steps.count {
            window.move(toEnd: ranges.end(step, steps), time: steps.time(step))
            if isCounter, window.hasOverlap {
                annotations.addOverlap(metric: series.labels.metricName, at: argument.sourceRange)
            }
            if window.hasHistograms {
                let value = histogramIncrease(window, isCounter, divisor, series.labels.metricName, argument)
                if let value { column.set(value, at: step) }
            } else if isCounter, !window.starts.isEmpty {
                guard let increase = window.startedIncrease() else { continue }
                hasNumber = true
                column.values[step] = increase / divisor
            } else if window.count >= 2 {
                hasNumber = true
                column.values[step] = window.extrapolatedIncrease(isCounter: isCounter, mayReset: true) / divisor
            }
        }
        return hasNumber
    }

    func noteNonCounter(_ labels: LabelSet, _ argument: Expression) {
        if options.features.contains(.typeAndUnitLabels), let type = labels["__type__"] {
            if type == "counter" || type == "histogram" { return }
            annotations.addNoCounterType(type, metric: labels.metricName, at: argument.sourceRange)
            return
        }
        noteNonCounter(metric: labels.metricName, argument)
    }

    func noteNonCounter(metric: String?, _ argument: Expression) {
        // Series come sorted, so that those of one metric follow each other.
        if let checkedCounter, checkedCounter == metric { return }
        checkedCounter = metric
        guard let metric, !metric.isEmpty, !["_total", "_sum", "_count", "_bucket"].contains(where: metric.hasSuffix)
        else { return }
        annotations.addPossibleNonCounter(metric: metric, at: argument.sourceRange)
    }

    private func quantiles(
        _ shares: [Double],
        _ node: FunctionCall,
        _ ranges: RangeData,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        var invalid: [Double] = []
        let columns = try numbers(ranges, node.arguments[0], steps) { window, step in
            if !(shares[step] >= 0 && shares[step] <= 1) { invalid.append(shares[step]) }
            return Quantile.of(Array(window.values[window.lower..<window.upper]), share: shares[step])
        }
        for share in invalid { annotations.addInvalidQuantile(share, at: node.arguments[0].sourceRange) }
        return try withoutNames(columns)
    }

    private func smoothed(
        _ factors: [[Double]],
        _ ranges: RangeData,
        _ argument: Expression,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        for (index, kind) in ["smoothing", "trend"].enumerated() {
            if let factor = factors[index].first(where: { !($0 > 0 && $0 < 1) }) {
                let symbol = index == 0 ? "sf" : "tf"
                let number = FloatText.shortest(factor)
                throw .execution("invalid \(kind) factor. Expected: 0 < \(symbol) < 1, got: \(number)")
            }
        }
        return try withoutNames(
            try numbers(ranges, argument, steps) { window, step in
                window.doublySmoothed(smoothing: factors[0][step], trend: factors[1][step])
            }
        )
    }
}
