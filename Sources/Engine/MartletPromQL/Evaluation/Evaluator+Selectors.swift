import MartletCore
import MartletSeries

extension Evaluator {
    /// A time modifier with everything worked out.
    struct Placement {
        var offset: Int64
        var anchor: Int64?

        /// The time at which to look instead of a step's time.
        func time(_ time: Int64) -> Int64 { (anchor ?? time) - offset }
    }

    func placement(_ modifiers: TimeModifiers) throws(PromQLError) -> Placement {
        let offset = try modifiers.offset.map { (duration) throws(PromQLError) in try milliseconds(duration) } ?? 0
        let anchor: Int64? =
            switch modifiers.anchor {
            case .time(let time): time
            case .start: querySteps.start
            case .end: queryEnd
            case nil: nil
            }
        return Placement(offset: offset, anchor: anchor)
    }

    /// The milliseconds of a stretch of time, given this query's step and range.
    func milliseconds(_ duration: DurationExpression) throws(PromQLError) -> Int64 {
        let step = Double(querySteps.interval) / 1000
        let range = Double(queryEnd - querySteps.start) / 1000
        let seconds = duration.seconds(step: step, range: range)
        guard abs(seconds) <= 9_223_372_036 else {
            throw .execution("duration of \(FloatText.shortest(seconds)) seconds is out of range")
        }
        return Int64((seconds * 1000).rounded())
    }

    func positiveMilliseconds(_ duration: DurationExpression) throws(PromQLError) -> Int64 {
        let result = try milliseconds(duration)
        guard result > 0 else { throw .execution("duration must be greater than 0") }
        return result
    }

    /// The newest sample of each series at each step, not older than the lookback.
    func select(_ node: VectorSelector, _ steps: Steps) throws(PromQLError) -> [Column] {
        if node.extent == .smoothed { return try smoothed(node, steps) }
        if node.extent == nil {
            let count = rolledUpSteps(try placement(node.time), lookback, steps)
            if count > 0 { return try rolledUp(node, count, steps) }
        }
        if node.extent == nil, let columns = try newest(node, try placement(node.time), steps) { return columns }
        if let columns = try streamed(.selector(node), steps) { return columns }
        return try lookUp(node.matchers, try placement(node), steps, keepsHistograms: true) { series, index in
            series.values[index]
        }
    }

    /// The time of the newest sample of each series at each step, in seconds.
    func timestamps(_ node: VectorSelector, _ steps: Steps) throws(PromQLError) -> [Column] {
        try lookUp(node.matchers, try placement(node), steps) { series, index in
            Double(series.timestamps[index]) / 1000
        }
    }

    /// When the counter of the newest sample of each series started, in seconds; 0 where that is not known.
    func startTimestamps(_ node: VectorSelector, _ steps: Steps) throws(PromQLError) -> [Column] {
        try lookUp(node.matchers, try placement(node), steps) { series, index in
            series.startTimestamps.isEmpty ? 0 : Double(series.startTimestamps[index]) / 1000
        }
    }

    private func placement(_ node: VectorSelector) throws(PromQLError) -> Placement {
        if let extent = node.extent {
            throw .execution("\(extent.rawValue) modifier is not supported for this instant vector selector")
        }
        return try placement(node.time)
    }

    /// Looks up the newest sample at each step with an index that only moves forward.
    ///
    /// - Complexity: O(samples + steps) a series.
    func lookUp(
        _ matchers: [LabelMatcher],
        _ placement: Placement,
        _ steps: Steps,
        lookback longer: Int64? = nil,
        keepsHistograms: Bool = false,
        _ value: (Series, Int) -> Double
    ) throws(PromQLError) -> [Column] {
        let lookback = longer ?? lookback
        let first = placement.time(steps.start)
        let last = placement.time(steps.end)
        let all = try read(matchers, from: first - lookback + 1, through: last)
        try hold(all.count * steps.count)
        var columns: [Column] = []
        columns.reserveCapacity(all.count)
        for series in all {
            try checkTime()
            var column = Column(labels: series.labels, steps: steps.count)
            var next = 0
            let count = series.timestamps.count
            for step in 0..<steps.count {
                let time = placement.time(steps.time(step))
                while next < count, series.timestamps[next] <= time { next += 1 }
                guard next > 0, series.timestamps[next - 1] > time - lookback,
                    !StaleMarker.isStale(series.values[next - 1])
                else { continue }
                if keepsHistograms, !series.histograms.isEmpty, let histogram = series.histograms[next - 1] {
                    column.set(histogram, at: step)
                } else {
                    column.values[step] = value(series, next - 1)
                }
            }
            columns.append(column)
        }
        if options.countsSamplesPerStep {
            for column in columns {
                for step in 0..<steps.count where column.isPresent(step) { countSamples(1, at: step, steps) }
            }
        }
        return columns
    }

    /// The series of the source, counted against the query's limits.
    func read(_ matchers: [LabelMatcher], from start: Int64, through end: Int64) throws(PromQLError) -> [Series] {
        guard start <= end else { return [] }
        let limit = selectionLimit
        var series = try asking { () throws(SeriesError) in try source.select(matchers, in: start...end, limit: limit) }
        if !options.features.contains(.startTimestamps) {
            for index in series.indices where !series[index].startTimestamps.isEmpty {
                series[index].startTimestamps = []
            }
        }
        for index in series.indices where !series[index].histograms.isEmpty {
            series[index].noteResets(always: histogramUse == .totals)
        }
        let samples = series.reduce(0) { $0 + $1.values.count }
        statistics.samplesRead += samples
        statistics.seriesRead += series.count
        try holdSeries(series.count)
        try hold(samples)
        return series
    }
}

extension Series {
    /// Notes at histograms of which nothing is known whether a reset came before them.
    ///
    /// As Prometheus' chunks do, that is known of a histogram that goes on where the one before it was; with `always`
    /// resets are noted, too.
    fileprivate mutating func noteResets(always: Bool) {
        var previous: NativeHistogram?
        for index in histograms.indices {
            guard let histogram = histograms[index], !StaleMarker.isStale(values[index]) else {
                // Between histograms a number hides what happened, but not from whoever looks at histograms only.
                if !always { previous = nil }
                continue
            }
            if histogram.resetHint == .unknown, let previous {
                if always {
                    histograms[index] = histogram.hinted(histogram.isReset(since: previous) ? .reset : .notReset)
                } else if histogram.continues(previous) {
                    histograms[index] = histogram.hinted(.notReset)
                }
            }
            previous = histogram
        }
    }
}
