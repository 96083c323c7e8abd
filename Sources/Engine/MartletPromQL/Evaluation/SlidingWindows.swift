// Functions of windows that slide over one series of numbers: nothing is copied or called a window, and what
// neighbouring windows share is looked at once a block instead of once a sample.

/// The ends of the windows of all steps.
struct WindowEnds {
    /// The first window's end.
    var first: Int64
    var interval: Int64
    var count: Int
    var span: Int64

    init(first: Int64, interval: Int64, count: Int, span: Int64) {
        self.first = first
        self.interval = interval
        self.count = count
        self.span = span
    }

    init(_ ranges: RangeData, _ steps: Steps) {
        first = ranges.end(0, steps)
        // Steps with one fixed time all have the same end.
        interval = ranges.placement.anchor == nil ? steps.interval : 0
        count = steps.count
        span = ranges.span
    }

    /// Calls back with the samples of each window that has any.
    @inline(__always)
    func forEach(_ times: [Int64], _ body: (_ step: Int, _ lower: Int, _ upper: Int, _ end: Int64) -> Void) {
        let times = times.span
        var (lower, upper) = (0, 0)
        var end = first
        for step in 0..<count {
            while upper < times.count, times[upper] <= end { upper += 1 }
            let start = end - span
            while lower < upper, times[lower] <= start { lower += 1 }
            if lower < upper { body(step, lower, upper, end) }
            end &+= interval
        }
    }
}

enum SlidingWindows {
    /// `rate`, `increase` and `delta`.
    static func increases(
        _ times: [Int64],
        _ values: [Double],
        _ ends: WindowEnds,
        isCounter: Bool,
        divisor: Double,
        into result: inout [Double]
    ) {
        let falls = isCounter ? falls(values) : []
        var (firstFall, nextFall) = (0, 0)
        var output = result.mutableSpan
        ends.forEach(times) { step, lower, upper, end in
            guard upper - lower >= 2 else { return }
            let (first, last) = (values[lower], values[upper - 1])
            var growth = last - first
            if !falls.isEmpty {
                while nextFall < falls.count, falls[nextFall] < upper { nextFall += 1 }
                while firstFall < nextFall, falls[firstFall] <= lower { firstFall += 1 }
                for place in firstFall..<nextFall { growth += values[falls[place] - 1] }
            }
            let factor = Window.extrapolation(
                of: (end - ends.span)...end,
                from: times[lower],
                through: times[upper - 1],
                count: upper - lower,
                first: first,
                growth: growth,
                isCounter: isCounter
            )
            output[step] = growth * factor / divisor
        }
    }

    /// The places of samples that are less than the one before.
    private static func falls(_ values: [Double]) -> [Int] {
        var result: [Int] = []
        guard var previous = values.first else { return result }
        for (place, value) in values.enumerated() {
            if value < previous { result.append(place) }
            previous = value
        }
        return result
    }

    /// How many samples make a block.
    private static let blockSize = 16

    /// `sum_over_time` or `avg_over_time`.
    static func sums(
        _ times: [Int64],
        _ values: [Double],
        _ ends: WindowEnds,
        isMean: Bool,
        into result: inout [Double]
    ) {
        let blocks = stride(from: 0, to: values.count - blockSize + 1, by: blockSize).map { start in
            var sum = CompensatedSum()
            for index in start..<(start + blockSize) { sum.add(values[index]) }
            return sum
        }
        var output = result.mutableSpan
        ends.forEach(times) { step, lower, upper, _ in
            var sum = CompensatedSum()
            var index = lower
            while index < upper {
                if index % blockSize == 0, index + blockSize <= upper {
                    let block = blocks[index / blockSize]
                    sum.add(block.sum)
                    if !sum.sum.isInfinite { sum.compensation += block.compensation }
                    index += blockSize
                } else {
                    sum.add(values[index])
                    index += 1
                }
            }
            guard isMean else {
                output[step] = sum.value
                return
            }
            let count = Double(upper - lower)
            if sum.sum.isInfinite {
                // The sum may have overflown where the mean does not.
                var mean = RunningMean(values[lower])
                for index in (lower + 1)..<upper { mean.add(values[index]) }
                output[step] = mean.value
            } else {
                output[step] = sum.sum / count + sum.compensation / count
            }
        }
    }

    /// `min_over_time` or `max_over_time`: any number is better than not a number.
    static func extremes(
        _ times: [Int64],
        _ values: [Double],
        _ ends: WindowEnds,
        isMaximum: Bool,
        into result: inout [Double]
    ) {
        @inline(__always) func better(_ best: Double, _ other: Double) -> Double {
            (isMaximum ? best < other : best > other) || best.isNaN ? other : best
        }
        let blocks = stride(from: 0, to: values.count - blockSize + 1, by: blockSize).map { start in
            var best = values[start]
            for index in (start + 1)..<(start + blockSize) { best = better(best, values[index]) }
            return best
        }
        var output = result.mutableSpan
        ends.forEach(times) { step, lower, upper, _ in
            var best = values[lower]
            var index = lower + 1
            while index < upper {
                if index % blockSize == 0, index + blockSize <= upper {
                    best = better(best, blocks[index / blockSize])
                    index += blockSize
                } else {
                    best = better(best, values[index])
                    index += 1
                }
            }
            output[step] = best
        }
    }
}
