package import MartletSeries

extension NativeHistogram {
    /// This histogram and another one added up, as `+` does; nil where one has custom buckets and the other has not.
    package func adding(_ other: NativeHistogram, times factor: Double = 1) -> NativeHistogram? {
        var sum = WorkingHistogram(self)
        do throws(WorkingHistogram.Incompatible) {
            try sum.add(other, times: factor)
            return sum.finished()
        } catch {
            return nil
        }
    }

    /// This histogram with the hint that Prometheus' store gives it when it is read.
    ///
    /// A gauge stays one. Of a counter it is known that nothing was reset where it goes on in the chunk of the one before
    /// it; what opens a chunk is not known to follow on anything.
    package func stored(after previous: NativeHistogram?) -> NativeHistogram {
        if resetHint == .gauge { return self }
        return hinted(previous.map { continues($0) } ?? false ? .notReset : .unknown)
    }

    /// Whether another histogram is the same but for rounding, judged by a function, and for an unknown hint.
    package func isNear(_ other: NativeHistogram, _ isNear: (Double, Double) -> Bool) -> Bool {
        guard schema == other.schema, zeroThreshold == other.zeroThreshold,
            customBounds.count == other.customBounds.count,
            isNear(count, other.count), isNear(sum, other.sum), isNear(zeroCount, other.zeroCount),
            zip(customBounds, other.customBounds).allSatisfy(isNear),
            resetHint == .unknown || resetHint == other.resetHint
        else { return false }
        let (one, two) = (WorkingHistogram(self), WorkingHistogram(other))
        return Self.areNear(one.positive, two.positive, isNear) && Self.areNear(one.negative, two.negative, isNear)
    }

    private static func areNear(
        _ left: SparseBuckets,
        _ right: SparseBuckets,
        _ isNear: (Double, Double) -> Bool
    ) -> Bool {
        let (one, two) = (left.packed(), right.packed())
        return one.spans == two.spans && zip(one.counts, two.counts).allSatisfy(isNear)
    }
}
