import MartletCore
import MartletSeries

extension Evaluator {
    /// The samples of a range selector or a subquery for all steps.
    func ranges(of expression: Expression, _ steps: Steps) throws(PromQLError) -> RangeData {
        switch expression.unwrapped {
        case .range(let node): return try ranges(node, steps)
        case .subquery(let node): return try ranges(node, steps)
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
        let rows = all.map { series in
            guard series.values.contains(where: StaleMarker.isStale) else {
                return RangeData.Row(labels: series.labels, timestamps: series.timestamps, values: series.values)
            }
            let kept = series.values.indices.filter { !StaleMarker.isStale(series.values[$0]) }
            return RangeData.Row(
                labels: series.labels,
                timestamps: kept.map { series.timestamps[$0] },
                values: kept.map { series.values[$0] }
            )
        }
        return RangeData(series: rows, span: span, placement: placement)
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
        let rows = try vector(node.inner, inner).map { column in
            guard column.values.contains(where: Column.isAbsent) else {
                return RangeData.Row(
                    labels: column.labels,
                    dropsName: column.dropsName,
                    timestamps: times,
                    values: column.values
                )
            }
            let kept = column.values.indices.filter { !Column.isAbsent(column.values[$0]) }
            return RangeData.Row(
                labels: column.labels,
                dropsName: column.dropsName,
                timestamps: kept.map { times[$0] },
                values: kept.map { column.values[$0] }
            )
        }
        return RangeData(series: rows, span: span, placement: placement)
    }

    /// One value a series and step from the samples in the step's window.
    ///
    /// The kernel gets the window and the step and gives ``Column/absent`` for no value. Names are kept.
    func windowed(
        _ ranges: RangeData,
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
                if !window.isEmpty { column.values[step] = kernel(window, step) }
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
