extension Window {
    /// How much the series grew over the whole window, judged by the samples in it.
    ///
    /// The growth between the first and the last sample is extended to the window's ends, but by no more than half the
    /// mean distance of samples where an end is farther away than 1.1 of it; a counter is not extended below zero.
    ///
    /// - SeeAlso: [rate](https://prometheus.io/docs/prometheus/latest/querying/functions/#rate)
    func extrapolatedIncrease(isCounter: Bool, mayReset: Bool) -> Double {
        var growth = last - first
        if mayReset {
            for index in (lower + 1)..<upper where values[index] < values[index - 1] { growth += values[index - 1] }
        }
        return growth
            * extrapolation(
                from: timestamps[lower],
                through: timestamps[upper - 1],
                count: count,
                first: first,
                growth: growth,
                isCounter: isCounter
            )
    }

    /// What to multiply the growth between two times with, to have that of the whole window.
    func extrapolation(
        from firstTime: Int64,
        through lastTime: Int64,
        count: Int,
        first: Double,
        growth: Double,
        isCounter: Bool
    ) -> Double {
        Self.extrapolation(
            of: start...end,
            from: firstTime,
            through: lastTime,
            count: count,
            first: first,
            growth: growth,
            isCounter: isCounter
        )
    }

    @inline(__always)
    static func extrapolation(
        of window: ClosedRange<Int64>,
        from firstTime: Int64,
        through lastTime: Int64,
        count: Int,
        first: Double,
        growth: Double,
        isCounter: Bool
    ) -> Double {
        // In milliseconds, which cancel out; divisions wait until they are needed.
        var toStart = Double(firstTime - window.lowerBound)
        var toEnd = Double(window.upperBound - lastTime)
        let sampled = Double(lastTime - firstTime)
        let gaps = Double(count - 1)
        if toStart * gaps >= sampled * 1.1 { toStart = sampled / gaps / 2 }
        if isCounter, growth > 0, first >= 0, sampled * first < toStart * growth {
            toStart = min(toStart, sampled * (first / growth))
        }
        if toEnd * gaps >= sampled * 1.1 { toEnd = sampled / gaps / 2 }
        return (sampled + toStart + toEnd) / sampled
    }

    /// The difference of the last two samples, a second or as it is; a counter that fell started at zero.
    ///
    /// - Precondition: There are two.
    func instantChange(isRate: Bool, isReset: Bool = false) -> Double {
        let milliseconds = timestamps[upper - 1] - timestamps[upper - 2]
        return Self.change(from: isReset ? 0 : values[upper - 2], to: last, milliseconds, isRate: isRate)
    }

    static func change(from previous: Double, to last: Double, _ milliseconds: Int64, isRate: Bool) -> Double {
        let change = isRate && last < previous ? last : last - previous
        return isRate ? change / (Double(milliseconds) / 1000) : change
    }

    /// The line that fits the samples best; the intercept is its value at a time.
    func regression(interceptAt time: Int64) -> (slope: Double, intercept: Double) {
        var (sumX, sumY) = (CompensatedSum(), CompensatedSum())
        var (sumXY, sumXX) = (CompensatedSum(), CompensatedSum())
        var isConstant = true
        for index in lower..<upper {
            let y = values[index]
            if y != first { isConstant = false }
            let x = Double(timestamps[index] - time) / 1000
            sumX.add(x)
            sumY.add(y)
            sumXY.add(x * y)
            sumXX.add(x * x)
        }
        if isConstant { return first.isInfinite ? (.nan, .nan) : (0, first) }
        let n = Double(count)
        let (x, y) = (sumX.sum + sumX.compensation, sumY.sum + sumY.compensation)
        let covariance = (sumXY.sum + sumXY.compensation) - x * y / n
        let variance = (sumXX.sum + sumXX.compensation) - x * x / n
        let slope = covariance / variance
        return (slope, y / n - slope * x / n)
    }

    /// The area below the samples, in their unit times seconds; none below two samples.
    ///
    /// Between two samples the earlier one counts with the strategy 0, the later one with 1, else their mean.
    func integral(strategy: Double) -> Double {
        guard count >= 2 else { return Column.absent }
        var area = CompensatedSum()
        for index in (lower + 1)..<upper {
            let seconds = Double(timestamps[index] - timestamps[index - 1]) / 1000
            let (before, after) = (values[index - 1], values[index])
            area.add((strategy == 0 ? before : strategy == 1 ? after : (before + after) / 2) * seconds)
        }
        return area.value
    }

    /// Holt's linear smoothing of the samples.
    func doublySmoothed(smoothing: Double, trend factor: Double) -> Double {
        guard count >= 2 else { return Column.absent }
        var before = 0.0
        var level = first
        var trend = values[lower + 1] - first
        for index in (lower + 1)..<upper {
            if index > lower + 1 { trend = factor * (level - before) + (1 - factor) * trend }
            let next = smoothing * values[index] + (1 - smoothing) * (level + trend)
            (before, level) = (level, next)
        }
        return level
    }
}
