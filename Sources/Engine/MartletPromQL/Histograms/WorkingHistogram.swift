import MartletSeries

/// A native histogram that is being worked on: what operators and functions add up and scale.
struct WorkingHistogram {
    typealias ResetHint = NativeHistogram.ResetHint

    /// One has exponential, the other has custom buckets.
    struct Incompatible: Error {}

    var resetHint: ResetHint
    private(set) var schema: Int32
    private(set) var zeroThreshold: Double
    private var zero: CompensatedSum
    private var countSum: CompensatedSum
    private var observations: CompensatedSum
    private(set) var positive: SparseBuckets
    private(set) var negative: SparseBuckets
    private(set) var bounds: [Double]

    init(_ histogram: NativeHistogram) {
        resetHint = histogram.resetHint
        schema = histogram.schema
        zeroThreshold = histogram.zeroThreshold
        zero = CompensatedSum(histogram.zeroCount)
        countSum = CompensatedSum(histogram.count)
        observations = CompensatedSum(histogram.sum)
        positive = SparseBuckets(spans: histogram.positiveSpans, counts: histogram.positiveBuckets)
        negative = SparseBuckets(spans: histogram.negativeSpans, counts: histogram.negativeBuckets)
        bounds = histogram.customBounds
    }

    /// A histogram without observations in the layout of another.
    init(emptyLike histogram: NativeHistogram) {
        self.init(
            NativeHistogram(schema: histogram.schema, count: 0, sum: 0, customBounds: histogram.customBounds)
        )
    }

    var hasCustomBounds: Bool { schema == NativeHistogram.customSchema }
    var zeroCount: Double { zero.value }
    var count: Double { countSum.value }

    /// The result, without empty buckets.
    func finished() -> NativeHistogram {
        let positive = positive.packed()
        let negative = negative.packed()
        return NativeHistogram(
            resetHint: resetHint,
            schema: schema,
            zeroThreshold: zeroThreshold,
            zeroCount: zero.value,
            count: countSum.value,
            sum: observations.value,
            positiveSpans: positive.spans,
            positiveBuckets: positive.counts,
            negativeSpans: negative.spans,
            negativeBuckets: negative.counts,
            customBounds: bounds
        )
    }

    mutating func multiply(by factor: Double) {
        scale { $0 * factor }
        if factor < 0 { resetHint = .gauge }
    }

    /// Divides everything; a division by zero leaves no buckets.
    mutating func divide(by divisor: Double) {
        scale { $0 / divisor }
        if divisor == 0 { (positive, negative) = (SparseBuckets(), SparseBuckets()) }
        if divisor < 0 { resetHint = .gauge }
    }

    private mutating func scale(_ change: (Double) -> Double) {
        zero = CompensatedSum(change(zero.value))
        countSum = CompensatedSum(change(countSum.value))
        observations = CompensatedSum(change(observations.value))
        positive.scale(change)
        negative.scale(change)
    }
}

extension WorkingHistogram {
    /// What an addition found out of the ordinary.
    struct Notes {
        /// One side is known to follow a reset, the other is known not to.
        var hintsCollide = false
        /// The custom bounds differed; those that both have were kept.
        var boundsReconciled = false
    }

    /// Adds another histogram, or subtracts it with a factor of -1, at the coarser resolution of the two.
    @discardableResult
    mutating func add(_ histogram: NativeHistogram, times factor: Double = 1) throws(Incompatible) -> Notes {
        try add(WorkingHistogram(histogram), times: factor)
    }

    @discardableResult
    mutating func add(_ addend: WorkingHistogram, times factor: Double = 1) throws(Incompatible) -> Notes {
        guard hasCustomBounds == addend.hasCustomBounds else { throw Incompatible() }
        var other = addend
        var notes = Notes(hintsCollide: adjustHint(other.resetHint))
        if hasCustomBounds {
            notes.boundsReconciled = reconcileBounds(&other)
        } else {
            reconcileZeroBuckets(&other)
            reduce(to: min(schema, other.schema))
            other.reduce(to: schema)
            zero.add(other.zero.value * factor)
        }
        countSum.add(other.countSum.value * factor)
        observations.add(other.observations.value * factor)
        positive.add(other.positive, times: factor)
        negative.add(other.negative, times: factor)
        return notes
    }

    mutating func reduce(to target: Int32) {
        guard !hasCustomBounds, target < schema else { return }
        positive = positive.reduced(from: schema, to: target)
        negative = negative.reduced(from: schema, to: target)
        schema = target
    }

    /// A gauge makes the result one; unknown wins over what is known; reset and not reset collide.
    private mutating func adjustHint(_ other: ResetHint) -> Bool {
        if other == resetHint || resetHint == .gauge { return false }
        if other == .gauge || resetHint == .unknown || other == .unknown {
            resetHint = other == .gauge ? .gauge : .unknown
            return false
        }
        resetHint = .unknown
        return true
    }

    /// Widens the narrower zero bucket of the two until both are equal.
    private mutating func reconcileZeroBuckets(_ other: inout WorkingHistogram) {
        while zeroThreshold != other.zeroThreshold {
            if zeroThreshold > other.zeroThreshold { other.widenZeroBucket(to: zeroThreshold) }
            if other.zeroThreshold > zeroThreshold { widenZeroBucket(to: other.zeroThreshold) }
            // A threshold that is not a number never becomes equal to anything.
            if zeroThreshold.isNaN || other.zeroThreshold.isNaN { return }
        }
    }

    /// Moves the buckets up to a threshold into the zero bucket; one with observations that it cuts goes as a whole.
    mutating func widenZeroBucket(to threshold: Double) {
        var threshold = threshold
        var isSettled = false
        while !isSettled {
            isSettled = true
            for buckets in [positive, negative] {
                for (index, count) in zip(buckets.indices, buckets.counts) {
                    if ExponentialBounds.upper(index - 1, schema) >= threshold { break }
                    let upper = ExponentialBounds.upper(index, schema)
                    if upper > threshold, count != 0 {
                        threshold = upper
                        isSettled = false
                    }
                }
            }
        }
        for buckets in [positive, negative] {
            for (index, count) in zip(buckets.indices, buckets.counts) {
                if ExponentialBounds.upper(index - 1, schema) >= threshold { break }
                zero.add(count)
            }
        }
        let schema = schema
        positive.removeAll { ExponentialBounds.upper($0 - 1, schema) < threshold }
        negative.removeAll { ExponentialBounds.upper($0 - 1, schema) < threshold }
        zeroThreshold = threshold
    }

    /// Brings both to the bounds that both have.
    ///
    /// - Returns: Whether they differed.
    private mutating func reconcileBounds(_ other: inout WorkingHistogram) -> Bool {
        if bounds == other.bounds { return false }
        let common = CustomBounds.intersection(bounds, other.bounds)
        keepBounds(common)
        other.keepBounds(common)
        return true
    }

    /// Merges custom buckets into those of fewer bounds.
    mutating func keepBounds(_ kept: [Double]) {
        let old = bounds
        positive = positive.mapped { CustomBounds.index(of: $0, in: old, among: kept) }
        bounds = kept
    }
}

/// The bounds of custom buckets.
enum CustomBounds {
    /// The bounds that both have, in order.
    static func intersection(_ left: [Double], _ right: [Double]) -> [Double] {
        var result: [Double] = []
        var place = 0
        for bound in left {
            while place < right.count, right[place] < bound { place += 1 }
            if place < right.count, right[place] == bound { result.append(bound) }
        }
        return result
    }

    /// The bucket of some of the bounds that takes what a bucket of all bounds holds.
    static func index(of index: Int32, in bounds: [Double], among kept: [Double]) -> Int32 {
        guard index >= 0, Int(index) < bounds.count else { return Int32(kept.count) }
        let upper = bounds[Int(index)]
        return Int32(kept.firstIndex { $0 >= upper } ?? kept.count)
    }
}

/// The bounds of exponential buckets.
enum ExponentialBounds {
    /// The upper bound of the positive bucket of an index; the greatest finite number where it is a power above.
    static func upper(_ index: Int32, _ schema: Int32) -> Double {
        if schema < 0 {
            let exponent = Int(index) << Int(-schema)
            return exponent == 1024 ? .greatestFiniteMagnitude : power(exponent, 1)
        }
        let part = index & ((1 << schema) - 1)
        let exponent = Int(index >> schema)
        if part == 0, exponent == 1024 { return .greatestFiniteMagnitude }
        return power(exponent, part == 0 ? 1 : Mathematics.exp2(Double(part) / Double(1 << schema)))
    }

    private static func power(_ exponent: Int, _ factor: Double) -> Double {
        Double(sign: .plus, exponent: Swift.max(-1100, Swift.min(1100, exponent)), significand: factor)
    }
}
