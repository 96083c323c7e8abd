import MartletSeries

extension NativeHistogram {
    var hasCustomBounds: Bool { schema == Self.customSchema }

    /// Whether a counter was reset between an earlier histogram and this one.
    ///
    /// A known answer counts; else any number that fell, a finer resolution or a narrower zero bucket are resets. Of
    /// custom buckets with other bounds the common ones are compared.
    func isReset(since previous: NativeHistogram) -> Bool {
        switch resetHint {
        case .reset: true
        case .notReset: false
        case .unknown, .gauge: hasFallen(since: previous)
        }
    }

    /// Whether any number fell, whatever is known.
    func hasFallen(since previous: NativeHistogram) -> Bool {
        if count < previous.count || hasCustomBounds != previous.hasCustomBounds { return true }
        var (now, before) = (WorkingHistogram(self), WorkingHistogram(previous))
        if hasCustomBounds {
            if customBounds != previous.customBounds {
                let common = CustomBounds.intersection(customBounds, previous.customBounds)
                now.keepBounds(common)
                before.keepBounds(common)
            }
            return now.positive.hasDecrease(since: before.positive)
        }
        if schema > previous.schema || zeroThreshold < previous.zeroThreshold { return true }
        if zeroThreshold != previous.zeroThreshold {
            before.widenZeroBucket(to: zeroThreshold)
            if before.zeroThreshold != zeroThreshold { return true }
        }
        if zeroCount < before.zeroCount { return true }
        before.reduce(to: schema)
        return now.positive.hasDecrease(since: before.positive) || now.negative.hasDecrease(since: before.negative)
    }

    /// Whether a store would have put this histogram behind the other one, knowing that nothing was reset.
    func continues(_ previous: NativeHistogram) -> Bool {
        resetHint != .reset && resetHint != .gauge && previous.resetHint != .gauge && schema == previous.schema
            && zeroThreshold == previous.zeroThreshold && customBounds == previous.customBounds
            && !hasFallen(since: previous)
    }

    /// The same histogram with another hint.
    func hinted(_ hint: ResetHint) -> NativeHistogram {
        if hint == resetHint { return self }
        return NativeHistogram(
            resetHint: hint,
            schema: schema,
            zeroThreshold: zeroThreshold,
            zeroCount: zeroCount,
            count: count,
            sum: sum,
            positiveSpans: positiveSpans,
            positiveBuckets: positiveBuckets,
            negativeSpans: negativeSpans,
            negativeBuckets: negativeBuckets,
            customBounds: customBounds
        )
    }

    /// Whether two histograms say the same, whatever empty buckets they name and whatever is known of resets.
    func equals(_ other: NativeHistogram) -> Bool {
        if self === other { return true }
        guard schema == other.schema, count.isSame(other.count), sum.isSame(other.sum),
            customBounds == other.customBounds,
            zeroThreshold == other.zeroThreshold, zeroCount.isSame(other.zeroCount)
        else { return false }
        let (one, two) = (WorkingHistogram(self), WorkingHistogram(other))
        return one.positive.packed() == two.positive.packed() && one.negative.packed() == two.negative.packed()
    }

    /// This histogram times a number.
    func multiplied(by factor: Double) -> NativeHistogram {
        var working = WorkingHistogram(self)
        working.multiply(by: factor)
        return working.finished()
    }

    /// This histogram divided by a number.
    func divided(by divisor: Double) -> NativeHistogram {
        var working = WorkingHistogram(self)
        working.divide(by: divisor)
        return working.finished()
    }
}

extension Double {
    /// Whether both have the same bits, so that a NaN equals itself.
    fileprivate func isSame(_ other: Double) -> Bool { self == other || bitPattern == other.bitPattern }
}
