import MartletSeries

extension NativeHistogram {
    /// The value below which a share of the observations fall.
    ///
    /// Linear inside custom buckets and the zero bucket, else exponential. Searched from the nearer end, so that rounding
    /// errors stay small; observations that are not a number count as the greatest.
    func quantile(_ share: Double) -> Double {
        if share < 0 { return -.infinity }
        if share > 1 { return .infinity }
        if count == 0 || share.isNaN { return .nan }
        let isForward = sum.isNaN || share < 0.5
        var rank = (isForward ? share : 1 - share) * count
        let all = buckets
        guard !all.isEmpty else { return .nan }
        var reached = 0.0
        var found = all[isForward ? all.count - 1 : 0]
        for step in all.indices {
            let bucket = all[isForward ? step : all.count - 1 - step]
            reached += bucket.count
            if reached >= rank {
                found = bucket
                break
            }
        }
        if reached < rank, sum.isNaN { return .nan }
        if hasCustomBounds {
            if found.lower == -.infinity, found.upper <= 0 { return found.upper }
            if found.upper == .infinity { return found.lower }
        }
        found = settled(found)
        reached = min(reached, count)
        if reached < rank { return found.upper }
        rank = isForward ? rank - (reached - found.count) : reached - rank
        return found.value(at: rank / found.count, isLinear: hasCustomBounds)
    }

    /// The share of the observations between two values.
    func fraction(_ lower: Double, _ upper: Double) -> Double {
        if count == 0 || lower.isNaN || upper.isNaN { return .nan }
        if lower >= upper { return 0 }
        let all = buckets.map(settled)
        let total = sum.isNaN ? all.reduce(0) { $0 + $1.count } : count
        return (rank(of: upper, all, total) - rank(of: lower, all, total)) / count
    }

    /// How many observations are below a value.
    private func rank(of value: Double, _ all: [Bucket], _ total: Double) -> Double {
        var rank = 0.0
        for bucket in all {
            if bucket.lower >= value { return rank }
            if bucket.upper > value {
                // Of a bucket without a lower end nothing is known but that all is below its upper end.
                if bucket.lower == -.infinity { return min(bucket.count, total) }
                if bucket.upper == .infinity, hasCustomBounds { return rank }
                return min(rank + bucket.count * bucket.share(below: value, isLinear: hasCustomBounds), total)
            }
            rank += bucket.count
        }
        return total
    }

    /// The population variance, as if all observations lay in the middle of their buckets.
    var variance: Double {
        let mean = sum / count
        var squares = CompensatedSum()
        for bucket in buckets {
            let delta = bucket.middle(isLinear: hasCustomBounds) - mean
            squares.add(bucket.count * delta * delta)
        }
        return (squares.sum + squares.compensation) / count
    }
}

extension NativeHistogram.Bucket {
    private var isAroundZero: Bool { lower <= 0 && upper >= 0 }

    /// The value at which a share of the bucket is below.
    fileprivate func value(at share: Double, isLinear: Bool) -> Double {
        if isLinear || isAroundZero { return lower + (upper - lower) * share }
        let (low, high) = (Mathematics.log2(abs(lower)), Mathematics.log2(abs(upper)))
        return lower > 0
            ? Mathematics.exp2(low + (high - low) * share) : -Mathematics.exp2(high + (low - high) * (1 - share))
    }

    /// The share of the bucket below a value inside of it.
    func share(below value: Double, isLinear: Bool) -> Double {
        if isLinear || isAroundZero { return (value - lower) / (upper - lower) }
        let (low, high) = (Mathematics.log2(abs(lower)), Mathematics.log2(abs(upper)))
        let place = Mathematics.log2(abs(value))
        return lower > 0 ? (place - low) / (high - low) : 1 - (place - high) / (low - high)
    }

    /// The arithmetic mean of the bounds, or the geometric one of exponential buckets.
    func middle(isLinear: Bool) -> Double {
        if isLinear || isZero { return (lower + upper) / 2 }
        let mean = (lower * upper).squareRoot()
        return upper < 0 ? -mean : mean
    }
}
