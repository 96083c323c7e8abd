import MartletCore

extension Evaluator {
    /// A function of an anchored or smoothed range, which also knows the samples next to its ends.
    func extendedRangeFunction(
        _ node: FunctionCall,
        _ argument: Expression,
        _ extent: RangeExtent,
        _ ranges: RangeData,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        let name = node.function.name
        let allowed =
            extent == .anchored ? ["changes", "delta", "increase", "rate", "resets"] : ["delta", "increase", "rate"]
        guard allowed.contains(name) else {
            let list = allowed.joined(separator: ", ")
            throw .execution("\(extent.rawValue) modifier can only be used with: \(list) - not with \(name)")
        }
        if name == "changes" || name == "resets" {
            guard let kernel = Window.kernel(named: name) else { return [] }
            return try withoutNames(
                try windowed(ranges, steps) { [lookback] window, _ in kernel(window.anchored(lookback: lookback)) }
            )
        }
        try hold(ranges.series.count * steps.count)
        let seconds = name == "rate" ? Double(ranges.span) / 1000 : 1
        var columns: [Column] = []
        for series in ranges.series {
            try checkTime()
            var column = Column(labels: series.labels, dropsName: series.dropsName, steps: steps.count)
            var window = Window(series: series, span: ranges.span)
            for step in 0..<steps.count {
                window.move(toEnd: ranges.end(step, steps), time: steps.time(step))
                let isCounter = name != "delta"
                let growth =
                    extent == .anchored
                    ? window.anchoredIncrease(isCounter: isCounter, lookback: lookback)
                    : window.smoothedIncrease(isCounter: isCounter, lookback: lookback)
                if let growth { column.values[step] = growth / seconds }
            }
            guard !column.isEmpty else { continue }
            if name != "delta" { noteNonCounter(series, argument) }
            columns.append(column)
        }
        return try withoutNames(columns)
    }

    /// The values of a `smoothed` instant selector: between two samples on the line from one to the next.
    func smoothed(_ node: VectorSelector, _ steps: Steps) throws(PromQLError) -> [Column] {
        let duration = DurationExpression.seconds(Double(lookback) / 1000, isDuration: true)
        var selector = RangeSelector(selector: node, duration: duration, sourceRange: node.sourceRange)
        selector.selector.extent = .smoothed
        return try windowed(try ranges(of: .range(selector), steps), steps) { [lookback] window, _ in
            window.interpolated(at: window.end, isCounter: false, lookback: lookback)
        }
    }
}

extension Window {
    /// The window with the last sample at or before its start, where there is one within the lookback.
    func anchored(lookback: Int64) -> Window {
        var result = self
        if lower > 0, timestamps[lower - 1] > start - lookback { result.lower -= 1 }
        return result
    }

    /// The growth from the value at the window's start to that at its end, each that of the last sample before.
    fileprivate func anchoredIncrease(isCounter: Bool, lookback: Int64) -> Double? {
        guard !isEmpty else { return nil }
        let window = anchored(lookback: lookback)
        var growth = window.last - window.first
        guard isCounter else { return growth }
        for index in (window.lower + 1)..<window.upper where values[index] < values[index - 1] {
            growth += values[index - 1]
        }
        return growth
    }

    /// The growth from the value at the window's start to that at its end, each on the line between its neighbours.
    fileprivate func smoothedIncrease(isCounter: Bool, lookback: Int64) -> Double? {
        let hasBefore = lower > 0 && timestamps[lower - 1] > start - lookback
        let hasAfter = upper < timestamps.count && timestamps[upper] <= end + lookback
        guard !isEmpty || (hasBefore && hasAfter) else { return nil }
        let left =
            hasBefore
            ? value(at: start, between: lower - 1, isCounter, followed: !isEmpty || hasAfter) : values[lower]
        let right: Double
        if hasAfter, upper > 0, timestamps[upper - 1] > start - lookback {
            right = value(at: end, between: upper - 1, isCounter, followed: true)
        } else {
            right = last
        }
        var growth = right - left
        guard isCounter else { return growth }
        var previous = left
        for index in lower..<upper {
            if values[index] < previous { growth += previous }
            previous = values[index]
        }
        // Both ends between the same two samples lie on one line already.
        if !isEmpty, right < previous { growth += previous }
        return growth
    }

    /// The value at a time on the line from a sample to the next; a counter that falls starts at zero.
    private func value(at time: Int64, between index: Int, _ isCounter: Bool, followed: Bool) -> Double {
        guard followed, index + 1 < timestamps.count, timestamps[index] != time else { return values[index] }
        let share = Double(time - timestamps[index]) / Double(timestamps[index + 1] - timestamps[index])
        let (from, to) = (values[index], values[index + 1])
        return isCounter && to < from ? to * share : from + (to - from) * share
    }

    /// The value at the window's end on the line between its neighbours; that of the last sample where none follows.
    fileprivate func interpolated(at time: Int64, isCounter: Bool, lookback: Int64) -> Double {
        let hasAfter = upper < timestamps.count && timestamps[upper] <= time + lookback
        return value(at: time, between: upper - 1, isCounter, followed: hasAfter)
    }
}
