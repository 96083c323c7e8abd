import CMartletCells
import MartletCore

/// The observations of one series of a summary: the latest in sketches, one for each fifth of the window.
@usableFromInline
final class SummaryWindow: SeriesObject {
    private static let parts = 5

    private struct State {
        var sketches: [QuantileSketch]
        /// Which fifth of a window, counted from the epoch, each sketch belongs to.
        var fifths: [Int64]
        var sum = 0.0
        var count: UInt64 = 0
    }

    private let settings: SummarySettings
    private let fifthNanoseconds: Int64
    private let context: SeriesContext
    private let state: Locked<State>

    init(_ settings: SummarySettings, _ context: SeriesContext) {
        self.settings = settings
        self.context = context
        let (seconds, attoseconds) = settings.window.components
        let nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let window = nanoseconds.overflow ? .max : nanoseconds.partialValue + attoseconds / 1_000_000_000
        fifthNanoseconds = max(1, window / Int64(SummaryWindow.parts))
        let sketch = QuantileSketch(rankError: settings.rankError)
        state = Locked(
            State(
                sketches: Array(repeating: sketch, count: SummaryWindow.parts),
                fifths: Array(repeating: .min, count: SummaryWindow.parts)
            )
        )
    }

    func observe(_ value: Double) {
        guard martlet_cells_is_on(context.control) else { return }
        guard !value.isNaN else { return martlet_cells_refuse(context.control) }
        let fifth = context.clock.nanosecondsSinceEpoch / fifthNanoseconds
        let part = Int(fifth.magnitude % UInt64(SummaryWindow.parts))
        state.withLock { state in
            if state.fifths[part] != fifth {
                state.fifths[part] = fifth
                state.sketches[part].removeAll()
            }
            state.sketches[part].insert(value)
            state.sum += value
            state.count += 1
        }
    }

    var count: UInt64 { state.withLock(\.count) }

    /// The quantiles of the window that ends at a time, and the sum and count of all observations ever.
    func value(at nanoseconds: Int64) -> MetricValue {
        let now = nanoseconds / fifthNanoseconds
        let (live, sum, count) = state.withLock { state in
            let live = state.fifths.indices.filter { now - Int64(SummaryWindow.parts) < state.fifths[$0] }
            return (live.map { state.sketches[$0] }, state.sum, state.count)
        }
        var values: [(value: Double, weight: Int)] = []
        for sketch in live { sketch.append(to: &values) }
        values.sort { $0.value < $1.value }
        let total = values.reduce(0) { $0 + $1.weight }
        let quantiles = settings.quantiles.sorted().map {
            SummaryValue.Quantile(share: $0, value: SummaryWindow.quantile($0, of: values, total))
        }
        return .summary(SummaryValue(quantiles: quantiles, sum: sum, count: count))
    }

    private static func quantile(_ share: Double, of values: [(value: Double, weight: Int)], _ total: Int) -> Double {
        let rank = max(1, (share * Double(total)).rounded(.up))
        var below = 0
        for (value, weight) in values {
            below += weight
            if Double(below) >= rank { return value }
        }
        return .nan
    }
}
