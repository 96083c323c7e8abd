import MartletCore
import MartletSeries

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
        checkedCounter = nil
        let allowed =
            extent == .anchored ? ["changes", "delta", "increase", "rate", "resets"] : ["delta", "increase", "rate"]
        guard allowed.contains(name) else {
            let list = allowed.joined(separator: ", ")
            throw .execution("\(extent.rawValue) modifier can only be used with: \(list) - not with \(name)")
        }
        if name == "changes" || name == "resets" {
            return try withoutNames(
                try windowed(ranges, steps) { [lookback] window, _, _ in
                    let anchored = window.anchored(lookback: lookback)
                    return .number(name == "changes" ? anchored.changes : anchored.resets)
                }
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
                let growth = increase(window, extent, isCounter: name != "delta", series.labels.metricName, argument)
                switch growth {
                case .number(let number): column.set(.number(number / seconds), at: step)
                case .histogram(let histogram): column.set(histogram.divided(by: seconds), at: step)
                case nil: break
                }
            }
            guard !column.isEmpty else { continue }
            if name != "delta", column.histograms.isEmpty { noteNonCounter(series.labels, argument) }
            columns.append(column)
        }
        return try withoutNames(columns)
    }

    private func increase(
        _ window: Window,
        _ extent: RangeExtent,
        isCounter: Bool,
        _ metric: String?,
        _ argument: Expression
    ) -> Operand? {
        if window.histograms.isEmpty {
            return
                (extent == .anchored
                ? window.anchoredIncrease(isCounter: isCounter, lookback: lookback)
                : window.smoothedIncrease(isCounter: isCounter, lookback: lookback)).map { .number($0) }
        }
        let whole = extent == .anchored ? window.anchored(lookback: lookback) : window.surrounded(lookback: lookback)
        if whole.isMixed {
            guard !window.isEmpty || extent == .smoothed else { return nil }
            annotations.addMixedSamples(metric: metric, at: argument.sourceRange)
            return nil
        }
        guard whole.hasHistograms else {
            return
                (extent == .anchored
                ? window.anchoredIncrease(isCounter: isCounter, lookback: lookback)
                : window.smoothedIncrease(isCounter: isCounter, lookback: lookback)).map { .number($0) }
        }
        let place = argument.sourceRange
        guard extent == .anchored else {
            return smoothedGrowth(window, isCounter: isCounter, metric, at: place).map { .histogram($0) }
        }
        guard window.hasHistograms else { return nil }
        let histograms = Array(whole.histograms[whole.histogramRange])
        guard histograms.count >= 2 else {
            var zero = WorkingHistogram(emptyLike: histograms[0])
            zero.resetHint = .gauge
            return .histogram(zero.finished())
        }
        guard var growth = growth(histograms, isCounter: isCounter, metric, at: place) else { return nil }
        growth.resetHint = .gauge
        return .histogram(growth.finished())
    }

    /// The values of a `smoothed` instant selector: between two samples on the line from one to the next.
    func smoothed(_ node: VectorSelector, _ steps: Steps) throws(PromQLError) -> [Column] {
        let duration = DurationExpression.seconds(Double(lookback) / 1000, isDuration: true)
        var selector = RangeSelector(selector: node, duration: duration, sourceRange: node.sourceRange)
        selector.selector.extent = .smoothed
        let place = node.sourceRange
        return try windowed(try ranges(of: .range(selector), steps), steps) { [lookback] window, series, _ in
            let whole = window.surrounded(lookback: lookback, isClosest: false)
            if whole.isMixed {
                annotations.addMixedSamples(metric: series.labels.metricName, at: place)
                return nil
            }
            guard window.hasHistograms else {
                return .number(window.interpolated(at: window.end, isCounter: false, lookback: lookback))
            }
            let last = window.histogramRange.upperBound - 1
            let isCounter = window.histograms[last].resetHint != .gauge
            let value = try? window.histogram(
                at: window.end,
                between: last,
                isCounter: isCounter,
                isFollowed: whole.histogramRange.upperBound > last + 1
            )
            if value == nil { annotations.addMixedBuckets(metric: series.labels.metricName, at: place) }
            return value.map { .histogram($0) }
        }
    }

    /// The growth between the values at a window's ends, each on the line between its neighbours.
    private func smoothedGrowth(
        _ window: Window,
        isCounter: Bool,
        _ metric: String?,
        at place: SourceRange
    ) -> NativeHistogram? {
        let whole = window.surrounded(lookback: lookback)
        let all = whole.histograms[whole.histogramRange]
        if isCounter, all.contains(where: { $0.resetHint == .gauge }) {
            annotations.addNoCounter(metric: metric, at: place)
        }
        if !isCounter, all.first?.resetHint != .gauge || all.last?.resetHint != .gauge {
            annotations.addNoGauge(metric: metric, at: place)
        }
        do throws(WorkingHistogram.Incompatible) {
            var growth = try window.smoothedGrowth(whole, isCounter: isCounter)
            growth?.resetHint = .gauge
            return growth?.finished()
        } catch {
            annotations.addMixedBuckets(metric: metric, at: place)
            return nil
        }
    }
}

extension Window {
    /// The window with the last sample at or before its start, where there is one within the lookback.
    func anchored(lookback: Int64) -> Window {
        var result = self
        let number = lower > 0 ? timestamps[lower - 1] : .min
        let histogram = histogramRange.lowerBound > 0 ? histogramTimes[histogramRange.lowerBound - 1] : .min
        guard max(number, histogram) > start - lookback else { return result }
        if number >= histogram {
            result.lower -= 1
        } else {
            result.histogramRange = (histogramRange.lowerBound - 1)..<histogramRange.upperBound
        }
        return result
    }

    /// The window with the last sample before its start and the first after its end, within the lookback.
    ///
    /// With `isClosest` off, with all those after its end.
    fileprivate func surrounded(lookback: Int64, isClosest: Bool = true) -> Window {
        var result = isClosest ? anchored(lookback: lookback) : self
        let number = upper < timestamps.count ? timestamps[upper] : .max
        let next = histogramRange.upperBound
        let histogram = next < histogramTimes.count ? histogramTimes[next] : .max
        let limit = end + lookback
        if number <= limit, !isClosest || number <= histogram { result.addNumber() }
        if histogram <= limit, !isClosest || histogram < number {
            result.histogramRange = result.histogramRange.lowerBound..<(next + 1)
        }
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

extension Window {
    /// The histogram at a time on the line from one to the next; a counter that was reset starts at zero.
    fileprivate func histogram(
        at time: Int64,
        between index: Int,
        isCounter: Bool,
        isFollowed: Bool
    ) throws(WorkingHistogram.Incompatible) -> NativeHistogram {
        guard isFollowed, index + 1 < histograms.count, histogramTimes[index] != time else { return histograms[index] }
        let share = Double(time - histogramTimes[index]) / Double(histogramTimes[index + 1] - histogramTimes[index])
        let (from, to) = (histograms[index], histograms[index + 1])
        guard from.hasCustomBounds == to.hasCustomBounds else { throw WorkingHistogram.Incompatible() }
        if isCounter, to.isReset(since: from) { return to.multiplied(by: share).hinted(.unknown) }
        var result = WorkingHistogram(to)
        try result.add(from, times: -1)
        result.multiply(by: share)
        try result.add(from)
        result.resetHint = from.resetHint == .gauge ? .gauge : .unknown
        return result.finished()
    }

    fileprivate func smoothedGrowth(
        _ whole: Window,
        isCounter: Bool
    ) throws(WorkingHistogram.Incompatible) -> WorkingHistogram? {
        let (inner, outer) = (histogramRange, whole.histogramRange)
        let hasBefore = outer.lowerBound < inner.lowerBound
        let hasAfter = outer.upperBound > inner.upperBound
        guard !inner.isEmpty || (hasBefore && hasAfter) else { return nil }
        let left =
            try hasBefore
            ? histogram(at: start, between: inner.lowerBound - 1, isCounter: isCounter, isFollowed: true)
            : histograms[inner.lowerBound]
        let hasLast =
            inner.upperBound > 0 && histogramTimes[inner.upperBound - 1] >= whole.histogramTimes[outer.lowerBound]
        let right =
            try hasAfter && hasLast
            ? histogram(at: end, between: inner.upperBound - 1, isCounter: isCounter, isFollowed: true)
            : histograms[inner.upperBound - 1]
        var growth = WorkingHistogram(right)
        try growth.add(left, times: -1)
        guard isCounter else { return growth }
        var previous = left
        for index in inner {
            // Whatever is known of the first one is about the one before it, not about a value on the line between.
            let isReset =
                index == inner.lowerBound
                ? histograms[index] !== left && histograms[index].hasFallen(since: left)
                : histograms[index].isReset(since: previous)
            if isReset { try growth.add(previous) }
            previous = histograms[index]
        }
        if !inner.isEmpty, right !== previous, right.hasFallen(since: previous) { try growth.add(previous) }
        return growth
    }
}
