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
        guard range.count >= 2 else { return nil }
        let histograms = Array(window.histograms[range])
        guard var growth = growth(histograms, isCounter: isCounter, metric, at: argument.sourceRange) else {
            return nil
        }
        let factor = window.extrapolation(
            from: window.histogramTimes[range.lowerBound],
            through: window.histogramTimes[range.upperBound - 1],
            count: range.count,
            first: histograms[0].count,
            growth: growth.count,
            isCounter: isCounter
        )
        growth.multiply(by: factor / divisor)
        growth.resetHint = .gauge
        return growth.finished()
    }

    /// The last of some histograms without the first, with what resets of a counter took away.
    ///
    /// - Precondition: There are at least two.
    func growth(
        _ histograms: [NativeHistogram],
        isCounter: Bool,
        _ metric: String?,
        at place: SourceRange
    ) -> WorkingHistogram? {
        let last = histograms[histograms.count - 1]
        var first = histograms[0]
        if isCounter {
            if histograms.contains(where: { $0.resetHint == .gauge }) {
                annotations.addNoCounter(metric: metric, at: place)
            }
            // The first one does not count where a reset follows it, so that its layout doesn't either.
            if histograms[1].isReset(since: first) { first = WorkingHistogram(emptyLike: histograms[1]).finished() }
        } else if first.resetHint != .gauge || last.resetHint != .gauge {
            annotations.addNoGauge(metric: metric, at: place)
        }
        let relevant = isCounter ? histograms[1...] : [last]
        guard relevant.allSatisfy({ $0.hasCustomBounds == first.hasCustomBounds }) else {
            annotations.addMixedBuckets(metric: metric, at: place)
            return nil
        }
        var growth = WorkingHistogram(last)
        do throws(WorkingHistogram.Incompatible) {
            growth.reduce(to: relevant.reduce(first.schema) { min($0, $1.schema) })
            note(resets(try growth.add(first, times: -1)), .subtraction, at: place)
            guard isCounter else { return growth }
            var previous = first
            for histogram in histograms.dropFirst() {
                if histogram.isReset(since: previous) { note(resets(try growth.add(previous)), .addition, at: place) }
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
        guard window.hasHistograms else { return .number(window.instantChange(isRate: isRate)) }
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
        if !isRate || !last.isReset(since: previous) {
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
