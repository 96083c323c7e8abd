import MartletSeries

extension NativeHistogram {
    /// The histogram without the observations above (`</`) or below (`>/`) a value.
    ///
    /// A bucket that the value cuts keeps its interpolated share. Where something went, the sum is estimated from the
    /// middles of what is left; else it stays. Of a custom bucket without an end nothing can be cut off: the highest goes
    /// or stays as a whole, and so does the lowest where its bound is not above zero.
    func trimmed(at value: Double, above: Bool) -> NativeHistogram {
        if value == (above ? .infinity : -.infinity) { return self }
        var trim = Trim(value: value, above: above, isCustom: hasCustomBounds)
        let negative = SparseBuckets(spans: negativeSpans, counts: negativeBuckets)
        var keptNegative: [Double] = []
        for (index, count) in zip(negative.indices, negative.counts) {
            let bucket = Bucket(
                lower: -ExponentialBounds.upper(index, schema),
                upper: -ExponentialBounds.upper(index - 1, schema),
                count: count,
                includesLower: true,
                includesUpper: false
            )
            keptNegative.append(trim.keep(bucket))
        }
        let zero = Bucket(
            lower: -zeroThreshold,
            upper: zeroThreshold,
            count: zeroCount,
            includesLower: true,
            includesUpper: true,
            isZero: true
        )
        let keptZero = zeroCount == 0 ? 0 : trim.keep(settled(zero))
        let positive = SparseBuckets(spans: positiveSpans, counts: positiveBuckets)
        var keptPositive: [Double] = []
        for (index, count) in zip(positive.indices, positive.counts) {
            keptPositive.append(trim.keep(settled(bucket(index, count))))
        }
        guard trim.hasChanged else { return self }
        let result = NativeHistogram(
            resetHint: resetHint,
            schema: schema,
            zeroThreshold: zeroThreshold,
            zeroCount: keptZero,
            count: trim.count,
            sum: trim.sum,
            positiveSpans: positiveSpans,
            positiveBuckets: keptPositive,
            negativeSpans: negativeSpans,
            negativeBuckets: keptNegative,
            customBounds: customBounds
        )
        return WorkingHistogram(result).finished()
    }
}

/// What is left of buckets that are cut at a value.
private struct Trim {
    let value: Double
    let above: Bool
    let isCustom: Bool
    private(set) var count = 0.0
    private(set) var sum = 0.0
    private(set) var hasChanged = false

    init(value: Double, above: Bool, isCustom: Bool) {
        self.value = value
        self.above = above
        self.isCustom = isCustom
    }

    /// How much of a bucket is left.
    mutating func keep(_ bucket: NativeHistogram.Bucket) -> Double {
        if bucket.count == 0 { return 0 }
        let kept = part(of: bucket)
        if kept.count != bucket.count { hasChanged = true }
        if kept.count != 0 {
            count += kept.count
            sum += kept.count * kept.middle(isLinear: isCustom)
        }
        return kept.count
    }

    private func part(of bucket: NativeHistogram.Bucket) -> NativeHistogram.Bucket {
        var part = bucket
        if bucket.lower == -.infinity || (isCustom && bucket.upper == .infinity) { return endless(bucket) }
        if above {
            if bucket.upper <= value { return bucket }
            part.upper = value
            part.count = value > bucket.lower ? bucket.count * bucket.share(below: value, isLinear: isCustom) : 0
        } else {
            if bucket.lower >= value {
                // Custom buckets that start at zero are known to start there by convention only.
                if isCustom, bucket.includesLower, value < bucket.lower { part.count = 0 }
                return part
            }
            part.lower = value
            part.count = value < bucket.upper ? bucket.count * (1 - bucket.share(below: value, isLinear: isCustom)) : 0
        }
        return part
    }

    /// A custom bucket without a lower or an upper end, as if all of it lay at one value.
    private func endless(_ bucket: NativeHistogram.Bucket) -> NativeHistogram.Bucket {
        var part = bucket
        if bucket.lower == -.infinity {
            let keeps = above && value != -.infinity && bucket.upper < .infinity
            if !keeps { part.count = 0 }
            part.upper = min(bucket.upper, value)
            part.lower = part.upper
        } else {
            if above || value == .infinity { part.count = 0 }
            part.lower = max(bucket.lower, value)
            part.upper = part.lower
        }
        return part
    }
}
