import CMartletCells
import MartletCore

/// The buckets of one series of an exponential histogram.
@usableFromInline
final class ExponentialCore: SeriesObject {
    private struct State {
        var schema: Int32
        var positive: ExponentialCounts
        var negative: ExponentialCounts
        var zeroCount: UInt64 = 0
        var sum = 0.0
        var count: UInt64 = 0
    }

    private let zeroThreshold: Double
    private let context: SeriesContext
    private let state: Locked<State>

    init(schema: Int32, bucketsMax: Int, zeroThreshold: Double, _ context: SeriesContext) {
        self.zeroThreshold = zeroThreshold
        self.context = context
        let empty = ExponentialCounts(capacity: bucketsMax)
        state = Locked(State(schema: schema, positive: empty, negative: empty))
    }

    func observe(_ value: Double) {
        guard martlet_cells_is_on(context.control) else { return }
        guard !value.isNaN else { return martlet_cells_refuse(context.control) }
        state.withLock { state in
            state.count += 1
            state.sum += value
            if value.magnitude <= zeroThreshold {
                state.zeroCount += 1
                return
            }
            // An infinite value goes to the outermost bucket there is.
            let magnitude = min(value.magnitude, .greatestFiniteMagnitude)
            var index = ExponentialCounts.index(of: magnitude, schema: state.schema)
            while !(value > 0 ? state.positive.fits(index) : state.negative.fits(index)), state.schema > -4 {
                state.schema -= 1
                state.positive.halve()
                state.negative.halve()
                index = ExponentialCounts.index(of: magnitude, schema: state.schema)
            }
            if value > 0 { state.positive.add(index, 1) } else { state.negative.add(index, 1) }
        }
    }

    var count: UInt64 { state.withLock(\.count) }

    func value(at nanoseconds: Int64) -> MetricValue {
        let state = state.withLock { $0 }
        let (positive, negative) = (state.positive.spans, state.negative.spans)
        let native = NativeHistogramValue(
            schema: state.schema,
            zeroThreshold: zeroThreshold,
            zeroCount: Double(state.zeroCount),
            positiveSpans: positive.spans,
            positiveCounts: positive.counts,
            negativeSpans: negative.spans,
            negativeCounts: negative.counts
        )
        let bucket = HistogramValue.Bucket(upperBound: .infinity, cumulativeCount: state.count)
        return .histogram(HistogramValue(buckets: [bucket], sum: state.sum, count: state.count, native: native))
    }
}
