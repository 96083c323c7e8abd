import MartletSeries

/// What start timestamps say of a counter.
enum CounterStart {
    /// Whether a counter started anew between two samples.
    ///
    /// It did where the later one started after the earlier one, or at its time: then each holds what came since the one
    /// before, unless nothing is known of the earlier one's start, or both started at one time.
    static func isReset(from previous: (time: Int64, start: Int64), to last: (time: Int64, start: Int64)) -> Bool {
        guard last.start != 0, last.start < last.time else { return false }
        if last.start != previous.time { return last.start > previous.time }
        return previous.start != 0 && previous.start != last.start && previous.start <= previous.time
    }

    /// Whether two samples contradict each other: the later one started before the earlier one's time, elsewhere.
    static func overlaps(_ previous: (time: Int64, start: Int64), _ last: (time: Int64, start: Int64)) -> Bool {
        last.start != 0 && last.start < previous.time && last.start != previous.start
    }
}

extension Window {
    /// A number's time and start.
    private func place(_ index: Int) -> (time: Int64, start: Int64) { (timestamps[index], starts[index]) }

    private func histogramPlace(_ index: Int) -> (time: Int64, start: Int64) {
        (histogramTimes[index], histogramStarts[index])
    }

    /// Whether a counter started anew before a number, other than the first one.
    func isStartReset(at index: Int) -> Bool {
        !starts.isEmpty && CounterStart.isReset(from: place(index - 1), to: place(index))
    }

    /// Whether a counter started anew before a histogram, other than the first one.
    func isHistogramStartReset(at index: Int) -> Bool {
        !histogramStarts.isEmpty && CounterStart.isReset(from: histogramPlace(index - 1), to: histogramPlace(index))
    }

    /// Whether any two neighbours in the window contradict each other.
    var hasOverlap: Bool {
        (!starts.isEmpty && hasNumbers
            && ((lower + 1)..<upper).contains { CounterStart.overlaps(place($0 - 1), place($0)) })
            || (!histogramStarts.isEmpty && hasHistograms
                && histogramRange.dropFirst().contains {
                    CounterStart.overlaps(histogramPlace($0 - 1), histogramPlace($0))
                })
    }

    /// When the counter was zero, where that is in the window and before its first sample.
    var zeroTime: Int64? {
        let first: (time: Int64, start: Int64)
        if hasNumbers, !starts.isEmpty {
            first = place(lower)
        } else if hasHistograms, !histogramStarts.isEmpty {
            first = histogramPlace(histogramRange.lowerBound)
        } else {
            return nil
        }
        return first.start != 0 && first.start > start && first.start < first.time ? first.start : nil
    }

    /// What to multiply the growth since the counter was zero with, to have that of the whole window.
    func extrapolation(fromZero zero: Int64, firstTime: Int64, lastTime: Int64, count: Int) -> Double {
        let sampled = Double(lastTime - zero) / 1000
        let distance = count > 1 ? Double(lastTime - firstTime) / 1000 / Double(count - 1) : 0
        let toEnd = Double(end - lastTime) / 1000
        return (sampled + (toEnd >= distance * 1.1 ? distance / 2 : toEnd)) / sampled
    }

    /// The growth of a counter with start timestamps over the whole window; nil for none.
    func startedIncrease() -> Double? {
        let zero = zeroTime
        guard count >= 2 || (count == 1 && zero != nil) else { return nil }
        var growth = last - (zero == nil ? first : 0)
        for index in (lower + 1)..<upper where values[index] < values[index - 1] || isStartReset(at: index) {
            growth += values[index - 1]
        }
        let (firstTime, lastTime) = (timestamps[lower], timestamps[upper - 1])
        guard zero == nil else {
            return growth
                * extrapolation(fromZero: zero ?? firstTime, firstTime: firstTime, lastTime: lastTime, count: count)
        }
        return growth
            * extrapolation(
                from: firstTime,
                through: lastTime,
                count: count,
                first: first,
                growth: growth,
                isCounter: true
            )
    }
}
