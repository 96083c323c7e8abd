import MartletRemoteWrite
import MartletSeries

/// Why a native histogram is not taken.
enum HistogramProblem: Error, CustomStringConvertible {
    case schema(Int32)
    case spans(buckets: Int, inSpans: UInt64)
    case negativeOffset
    case negativeCount(Double)
    case count(Double, inBuckets: Double)
    case customBounds
    case zeroThreshold(Double)

    var description: String {
        switch self {
        case .schema(let schema): "invalid histogram: schema \(schema) is none of -4 to 8 and -53"
        case .spans(let buckets, let inSpans): "invalid histogram: \(buckets) buckets where the spans have \(inSpans)"
        case .negativeOffset: "invalid histogram: a span begins before the end of the one before it"
        case .negativeCount(let count): "invalid histogram: a bucket has the count \(count)"
        case .count(let count, let inBuckets):
            "invalid histogram: the buckets hold \(inBuckets) observations of \(count)"
        case .customBounds: "invalid histogram: custom bounds do not ascend, or do not fit the buckets"
        case .zeroThreshold(let value): "invalid histogram: the zero threshold is \(value)"
        }
    }
}

extension NativeHistogram {
    /// The histogram of a request, checked as Prometheus checks it.
    convenience init(_ histogram: WriteHistogram) throws(HistogramProblem) {
        let schema = histogram.schema
        let isCustom = schema == NativeHistogram.customSchema
        guard isCustom || (-4...8).contains(schema) else { throw .schema(schema) }
        guard histogram.zeroThreshold >= 0, histogram.zeroThreshold.isFinite else {
            throw .zeroThreshold(histogram.zeroThreshold)
        }
        let positive = try Self.counts(histogram.positive)
        let negative = try Self.counts(histogram.negative)
        let zeroCount = histogram.zeroCount.number
        guard zeroCount >= 0 else { throw .negativeCount(zeroCount) }
        let count = histogram.count.number
        let isStale = StaleMarker.isStale(histogram.sum)
        if case .integer = histogram.count, !isStale {
            let total = positive.reduce(0, +) + negative.reduce(0, +) + zeroCount
            // Observations that are not a number are in no bucket.
            guard histogram.sum.isNaN ? total <= count : total == count else {
                throw .count(count, inBuckets: total)
            }
        }
        guard count >= 0 || isStale else { throw .negativeCount(count) }
        if isCustom { try Self.check(custom: histogram) }
        self.init(
            resetHint: ResetHint(rawValue: UInt8(histogram.resetHint.rawValue)) ?? .unknown,
            schema: schema,
            zeroThreshold: histogram.zeroThreshold,
            zeroCount: zeroCount,
            count: count,
            sum: histogram.sum,
            positiveSpans: histogram.positive.spans.map { Span(offset: $0.offset, length: $0.length) },
            positiveBuckets: positive,
            negativeSpans: histogram.negative.spans.map { Span(offset: $0.offset, length: $0.length) },
            negativeBuckets: negative,
            customBounds: isCustom ? histogram.customBounds : []
        )
    }

    /// The counts of one sign, no longer as differences.
    private static func counts(_ buckets: WriteHistogram.Buckets) throws(HistogramProblem) -> [Double] {
        var counts = buckets.counts
        if !buckets.deltas.isEmpty {
            var count: Int64 = 0
            counts = []
            for delta in buckets.deltas {
                count &+= delta
                counts.append(Double(count))
            }
        }
        let inSpans = buckets.spans.reduce(UInt64(0)) { $0 + UInt64($1.length) }
        guard inSpans == UInt64(counts.count) else { throw .spans(buckets: counts.count, inSpans: inSpans) }
        for span in buckets.spans.dropFirst() where span.offset < 0 { throw .negativeOffset }
        for count in counts where !(count >= 0) { throw .negativeCount(count) }
        return counts
    }

    private static func check(custom histogram: WriteHistogram) throws(HistogramProblem) {
        let bounds = histogram.customBounds
        guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }), bounds.last != .infinity,
            !bounds.contains(where: \.isNaN)
        else { throw .customBounds }
        guard histogram.negative == WriteHistogram.Buckets(), histogram.zeroCount.number == 0,
            histogram.zeroThreshold == 0
        else { throw .customBounds }
        var end: Int64 = 0
        for span in histogram.positive.spans { end += Int64(span.offset) + Int64(span.length) }
        guard end <= Int64(bounds.count) + 1, (histogram.positive.spans.first?.offset ?? 0) >= 0 else {
            throw .customBounds
        }
    }
}
