import MartletCore
import MartletSeries

extension Evaluator {
    /// The sum or the mean of each window; one with numbers and histograms has none.
    func totals(
        isSum: Bool,
        _ ranges: RangeData,
        _ argument: Expression,
        _ steps: Steps
    ) throws(PromQLError) -> [Column] {
        if ranges.series.allSatisfy(\.histograms.isEmpty) {
            let ends = WindowEnds(ranges, steps)
            return try sliding(ranges, steps) { series, values in
                SlidingWindows.sums(series.timestamps, series.values, ends, isMean: !isSum, into: &values)
            }
        }
        let kernel = Window.kernel(named: isSum ? "sum_over_time" : "avg_over_time") ?? { _ in Column.absent }
        return try windowed(ranges, steps) { window, series, _ in
            guard window.hasHistograms else { return .number(kernel(window)) }
            let metric = series.labels.metricName
            if window.hasNumbers {
                annotations.addMixedSamples(metric: metric, at: argument.sourceRange)
                return nil
            }
            let histograms = Array(window.histograms[window.histogramRange])
            do throws(WorkingHistogram.Incompatible) {
                let total = isSum ? try NativeHistogram.sum(histograms) : try NativeHistogram.mean(histograms)
                note(total.notes, .aggregation, at: argument.sourceRange)
                return .histogram(total.histogram)
            } catch {
                annotations.addMixedBuckets(metric: metric, at: argument.sourceRange)
                return nil
            }
        }
    }

    /// The growth of the histograms in a window, extrapolated to its ends as that of numbers is.
    func histogramIncrease(
        _ window: Window,
        _ isCounter: Bool,
        _ divisor: Double,
        _ metric: String?,
        _ argument: Expression
    ) -> NativeHistogram? {
        if window.hasNumbers {
            annotations.addMixedSamples(metric: metric, at: argument.sourceRange)
            return nil
        }
        let range = window.histogramRange
        let zero = isCounter ? window.zeroTime : nil
        guard range.count >= 2 || (range.count == 1 && zero != nil) else { return nil }
        let histograms = Array(window.histograms[range])
        let growth = growth(histograms, isCounter: isCounter, isFromZero: zero != nil, metric, at: argument.sourceRange)
        {
            window.isHistogramStartReset(at: range.lowerBound + $0)
        }
        guard var growth else { return nil }
        let (firstTime, lastTime) = (
            window.histogramTimes[range.lowerBound], window.histogramTimes[range.upperBound - 1]
        )
        let factor: Double
        if let zero {
            factor = window.extrapolation(fromZero: zero, firstTime: firstTime, lastTime: lastTime, count: range.count)
        } else {
            factor = window.extrapolation(
                from: firstTime,
                through: lastTime,
                count: range.count,
                first: histograms[0].count,
                growth: growth.count,
                isCounter: isCounter
            )
        }
        growth.multiply(by: factor / divisor)
        growth.resetHint = .gauge
        return growth.finished()
    }

    /// The last of some histograms without the first, with what resets of a counter took away.
    ///
    /// A counter that is known to have been zero just before grew by the first one, too; other resets than those that
    /// the counts tell of are known by their place.
    ///
    /// - Precondition: There is at least one.
    func growth(
        _ histograms: [NativeHistogram],
        isCounter: Bool,
        isFromZero: Bool = false,
        _ metric: String?,
        at place: SourceRange,
        isKnownReset: (Int) -> Bool = { _ in false }
    ) -> WorkingHistogram? {
        let last = histograms[histograms.count - 1]
        var first = histograms[0]
        if isCounter {
            if histograms.contains(where: { $0.resetHint == .gauge }) {
                annotations.addNoCounter(metric: metric, at: place)
            }
            // The first one does not count where a reset follows it, so that its layout doesn't either.
            if histograms.count > 1, histograms[1].isReset(since: first) || isKnownReset(1), !isFromZero {
                first = WorkingHistogram(emptyLike: histograms[1]).finished()
            }
        } else if first.resetHint != .gauge || last.resetHint != .gauge {
            annotations.addNoGauge(metric: metric, at: place)
        }
        let relevant = isCounter && histograms.count > 1 ? histograms[1...] : [last]
        guard relevant.allSatisfy({ $0.hasCustomBounds == first.hasCustomBounds }) else {
            annotations.addMixedBuckets(metric: metric, at: place)
            return nil
        }
        var growth = WorkingHistogram(last)
        do throws(WorkingHistogram.Incompatible) {
            growth.reduce(to: relevant.reduce(first.schema) { min($0, $1.schema) })
            if !isFromZero { note(resets(try growth.add(first, times: -1)), .subtraction, at: place) }
            guard isCounter else { return growth }
            var previous = first
            for (index, histogram) in histograms.enumerated().dropFirst() {
                if histogram.isReset(since: previous) || isKnownReset(index) {
                    note(resets(try growth.add(previous)), .addition, at: place)
                }
                previous = histogram
            }
            return growth
        } catch {
            annotations.addMixedBuckets(metric: metric, at: place)
            return nil
        }
    }

    /// Notes without collisions of hints: here resets are treated for what they are.
    private func resets(_ notes: WorkingHistogram.Notes) -> WorkingHistogram.Notes {
        WorkingHistogram.Notes(hintsCollide: false, boundsReconciled: notes.boundsReconciled)
    }

    /// The difference of a window's last two samples, a second or as it is.
    func instantChange(_ window: Window, isRate: Bool, _ metric: String?, at place: SourceRange) -> Operand? {
        guard window.count + window.histogramRange.count >= 2 else { return nil }
        guard window.hasHistograms else {
            let isReset = isRate && window.isStartReset(at: window.upper - 1)
            return .number(window.instantChange(isRate: isRate, isReset: isReset))
        }
        let newest = window.newestTwo
        guard case .histogram(let last) = newest.last.value, case .histogram(let previous) = newest.previous.value
        else {
            if case .number(let last) = newest.last.value, case .number(let previous) = newest.previous.value {
                let milliseconds = newest.last.time - newest.previous.time
                return .number(Window.change(from: previous, to: last, milliseconds, isRate: isRate))
            }
            annotations.addMixedSamples(metric: metric, at: place)
            return nil
        }
        if isRate, last.resetHint == .gauge || previous.resetHint == .gauge {
            annotations.addNoCounter(metric: metric, at: place)
        }
        if !isRate, last.resetHint != .gauge || previous.resetHint != .gauge {
            annotations.addNoGauge(metric: metric, at: place)
        }
        var change = WorkingHistogram(last)
        let isKnownReset =
            !window.hasNumbers && window.isHistogramStartReset(at: window.histogramRange.upperBound - 1)
        if !isRate || !(isKnownReset || last.isReset(since: previous)) {
            do throws(WorkingHistogram.Incompatible) {
                note(resets(try change.add(previous, times: -1)), .subtraction, at: place)
            } catch {
                annotations.addMixedBuckets(metric: metric, at: place)
                return nil
            }
        }
        if isRate { change.divide(by: Double(newest.last.time - newest.previous.time) / 1000) }
        change.resetHint = .gauge
        return .histogram(change.finished())
    }
}
