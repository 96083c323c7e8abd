extension Window {
    /// The function of the numbers in a window by its PromQL name, or `nil` where there is none.
    static func kernel(named name: String) -> ((Window) -> Double)? {
        switch name {
        case "sum_over_time": { $0.sum }
        case "avg_over_time": { $0.mean }
        case "min_over_time": { $0.values[$0.extreme { $0 > $1 }] }
        case "max_over_time": { $0.values[$0.extreme { $0 < $1 }] }
        case "stddev_over_time": { $0.variance.deviation }
        case "stdvar_over_time": { $0.variance.value }
        case "mad_over_time": { $0.medianDeviation }
        case "deriv": { $0.count < 2 ? Column.absent : $0.regression(interceptAt: $0.timestamps[$0.lower]).slope }
        // Of equal extremes the last one counts.
        case "ts_of_min_over_time": { Double($0.timestamps[$0.extreme { $0 >= $1 }]) / 1000 }
        case "ts_of_max_over_time": { Double($0.timestamps[$0.extreme { $0 <= $1 }]) / 1000 }
        default: nil
        }
    }

    private var sum: Double {
        var sum = CompensatedSum()
        for index in lower..<upper { sum.add(values[index]) }
        return sum.value
    }

    private var mean: Double {
        var mean = RunningMean(first)
        for index in (lower + 1)..<upper { mean.add(values[index]) }
        return mean.value
    }

    private var variance: Variance {
        var variance = Variance(first)
        for index in (lower + 1)..<upper { variance.add(values[index]) }
        return variance
    }

    /// The median of the distances from the median.
    private var medianDeviation: Double {
        let samples = Array(values[lower..<upper])
        let median = Quantile.of(samples, share: 0.5)
        return Quantile.of(samples.map { abs($0 - median) }, share: 0.5)
    }

    /// The place of the best sample; any number is better than not a number.
    private func extreme(_ isWorse: (Double, Double) -> Bool) -> Int {
        var best = lower
        for index in (lower + 1)..<upper where isWorse(values[best], values[index]) || values[best].isNaN {
            best = index
        }
        return best
    }
}
