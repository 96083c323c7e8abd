extension Window {
    /// The function of the samples in a window by its PromQL name, or `nil` where there is none.
    static func kernel(named name: String) -> ((Window) -> Double)? {
        switch name {
        case "sum_over_time": { $0.sum }
        case "avg_over_time": { $0.mean }
        case "min_over_time": { $0.values[$0.extreme { $0 > $1 }] }
        case "max_over_time": { $0.values[$0.extreme { $0 < $1 }] }
        case "count_over_time": { Double($0.count) }
        case "present_over_time": { _ in 1 }
        case "stddev_over_time": { $0.variance.deviation }
        case "stdvar_over_time": { $0.variance.value }
        case "mad_over_time": { $0.medianDeviation }
        case "changes": { $0.changes }
        case "resets": { $0.resets }
        case "irate": { $0.instantChange(isRate: true) }
        case "idelta": { $0.instantChange(isRate: false) }
        case "deriv": { $0.count < 2 ? Column.absent : $0.regression(interceptAt: $0.timestamps[$0.lower]).slope }
        case "ts_of_first_over_time": { Double($0.timestamps[$0.lower]) / 1000 }
        case "ts_of_last_over_time": { Double($0.timestamps[$0.upper - 1]) / 1000 }
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

    private var changes: Double {
        var changes = 0.0
        for index in (lower + 1)..<upper
        where values[index] != values[index - 1] && !(values[index].isNaN && values[index - 1].isNaN) {
            changes += 1
        }
        return changes
    }

    private var resets: Double {
        var resets = 0.0
        for index in (lower + 1)..<upper where values[index] < values[index - 1] { resets += 1 }
        return resets
    }
}
