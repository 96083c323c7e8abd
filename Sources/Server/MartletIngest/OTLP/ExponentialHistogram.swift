import MartletOTLP
import MartletSeries

extension NativeHistogram {
    /// The half-width of the zero bucket where a histogram does not say.
    private static let defaultZeroThreshold = 1e-128

    /// The finest resolution that native histograms have.
    private static let schemaMax: Int32 = 8

    /// The native histogram of an exponential one; `nil` where its resolution is coarser than native ones have.
    ///
    /// Finer ones lose resolution. OpenTelemetry's bucket *i* is the native one of index *i* + 1.
    convenience init?(_ point: ExponentialHistogramPoint, hint: ResetHint = .unknown) {
        guard point.scale >= -4 else { return nil }
        let shift = max(0, point.scale - Self.schemaMax)
        let positive = SparseBuckets(point.positive, shift: shift)
        let negative = SparseBuckets(point.negative, shift: shift)
        self.init(
            resetHint: hint,
            schema: min(point.scale, Self.schemaMax),
            zeroThreshold: point.zeroThreshold > 0 ? point.zeroThreshold : Self.defaultZeroThreshold,
            zeroCount: Double(point.zeroCount),
            count: Double(point.count),
            sum: point.sum ?? 0,
            positiveSpans: positive.layout.spans,
            positiveBuckets: positive.layout.counts,
            negativeSpans: negative.layout.spans,
            negativeBuckets: negative.layout.counts
        )
    }

    /// The native histogram with custom buckets of one with explicit bounds.
    convenience init(custom point: HistogramPoint, hint: ResetHint = .unknown) {
        var buckets = SparseBuckets()
        for (index, count) in point.bucketCounts.enumerated() where count > 0 {
            buckets.add(Int32(index), Double(count))
        }
        self.init(
            resetHint: hint,
            schema: Self.customSchema,
            count: Double(point.count),
            sum: point.sum ?? 0,
            positiveSpans: buckets.layout.spans,
            positiveBuckets: buckets.layout.counts,
            customBounds: point.explicitBounds.last == .infinity
                ? point.explicitBounds.dropLast() : point.explicitBounds
        )
    }

    /// This histogram with another one's observations too; `nil` where custom bounds differ.
    ///
    /// The coarser resolution and the wider zero bucket of both are kept.
    func adding(_ other: NativeHistogram) -> NativeHistogram? {
        let isCustom = schema == Self.customSchema
        guard isCustom == (other.schema == Self.customSchema), !isCustom || customBounds == other.customBounds else {
            return nil
        }
        let schema = min(schema, other.schema)
        var (positive, negative) = (SparseBuckets(), SparseBuckets())
        for histogram in [self, other] {
            let shift = isCustom ? 0 : histogram.schema - schema
            positive.add(histogram.positiveSpans, histogram.positiveBuckets, shift: shift)
            negative.add(histogram.negativeSpans, histogram.negativeBuckets, shift: shift)
        }
        var threshold = max(zeroThreshold, other.zeroThreshold)
        var inZero = zeroCount + other.zeroCount
        if zeroThreshold != other.zeroThreshold, !isCustom {
            // A bucket that the zero bucket cuts belongs to it whole.
            for buckets in [positive, negative] { threshold = buckets.widened(threshold, schema) }
            inZero +=
                positive.removeBuckets(within: threshold, schema) + negative.removeBuckets(within: threshold, schema)
        }
        return NativeHistogram(
            resetHint: resetHint,
            schema: schema,
            zeroThreshold: threshold,
            zeroCount: inZero,
            count: count + other.count,
            sum: sum + other.sum,
            positiveSpans: positive.layout.spans,
            positiveBuckets: positive.layout.counts,
            negativeSpans: negative.layout.spans,
            negativeBuckets: negative.layout.counts,
            customBounds: customBounds
        )
    }
}
