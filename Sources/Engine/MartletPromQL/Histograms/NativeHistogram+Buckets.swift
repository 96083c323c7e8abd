import MartletCore
import MartletSeries

extension NativeHistogram {
    /// One bucket with its bounds.
    struct Bucket {
        var lower: Double
        var upper: Double
        var count: Double
        var includesLower: Bool
        var includesUpper: Bool
        var isZero = false
    }

    /// The buckets with observations, in ascending order of their bounds.
    var buckets: [Bucket] {
        var result: [Bucket] = []
        result.reserveCapacity(positiveBuckets.count + negativeBuckets.count + 1)
        let negative = SparseBuckets(spans: negativeSpans, counts: negativeBuckets)
        for (index, count) in zip(negative.indices, negative.counts).reversed() where count != 0 {
            result.append(
                Bucket(
                    lower: -ExponentialBounds.upper(index, schema),
                    upper: -ExponentialBounds.upper(index - 1, schema),
                    count: count,
                    includesLower: true,
                    includesUpper: false
                )
            )
        }
        if zeroCount != 0 {
            result.append(
                Bucket(
                    lower: -zeroThreshold,
                    upper: zeroThreshold,
                    count: zeroCount,
                    includesLower: true,
                    includesUpper: true,
                    isZero: true
                )
            )
        }
        let positive = SparseBuckets(spans: positiveSpans, counts: positiveBuckets)
        for (index, count) in zip(positive.indices, positive.counts) where count != 0 {
            result.append(bucket(index, count))
        }
        return result
    }

    /// A positive bucket or a custom one.
    func bucket(_ index: Int32, _ count: Double) -> Bucket {
        if hasCustomBounds {
            let place = Int(index)
            return Bucket(
                lower: place > 0 && place <= customBounds.count ? customBounds[place - 1] : -.infinity,
                upper: place >= 0 && place < customBounds.count ? customBounds[place] : .infinity,
                count: count,
                includesLower: index == 0,
                includesUpper: true
            )
        }
        return Bucket(
            lower: ExponentialBounds.upper(index - 1, schema),
            upper: ExponentialBounds.upper(index, schema),
            count: count,
            includesLower: false,
            includesUpper: true
        )
    }

    var hasPositive: Bool { positiveBuckets.contains { $0 != 0 } }
    var hasNegative: Bool { negativeBuckets.contains { $0 != 0 } }

    /// The bucket with the bounds that interpolation takes: what lies on one side of zero only does not cross it.
    func settled(_ bucket: Bucket) -> Bucket {
        var result = bucket
        if bucket.isZero {
            if !hasNegative, hasPositive { result.lower = 0 }
            if !hasPositive, hasNegative { result.upper = 0 }
        } else if hasCustomBounds, bucket.lower == -.infinity, bucket.upper > 0, bucket.upper < .infinity {
            result.lower = 0
        }
        return result
    }

    /// The histogram as Prometheus writes it: `{count:3, sum:4.5, (1,2]:3}`.
    var text: String {
        var parts = ["count:\(FloatText.shortest(count))", "sum:\(FloatText.shortest(sum))"]
        for bucket in buckets {
            parts.append(
                (bucket.includesLower ? "[" : "(") + FloatText.shortest(bucket.lower) + ","
                    + FloatText.shortest(bucket.upper) + (bucket.includesUpper ? "]:" : "):")
                    + FloatText.shortest(bucket.count)
            )
        }
        return "{\(parts.joined(separator: ", "))}"
    }
}
