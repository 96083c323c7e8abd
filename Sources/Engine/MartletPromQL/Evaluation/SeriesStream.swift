import MartletCore
import MartletSeries

/// How the column of an expression is made of one series' samples alone, so that series can be taken one by one.
struct SeriesStream {
    enum Kernel {
        /// The newest sample no older than the lookback.
        case newest
        /// `rate`, `increase` and `delta`.
        case increase(isCounter: Bool, divisor: Double)
        /// `irate` and `idelta`.
        case change(isRate: Bool)
        /// `sum_over_time` and `avg_over_time`.
        case total(isMean: Bool)
        /// `min_over_time` and `max_over_time`.
        case extreme(isMaximum: Bool)
        case count, present, last
    }

    var kernel: Kernel
    var matchers: [LabelMatcher]

    /// The first and the last time of samples that count.
    var range: ClosedRange<Int64>

    /// The windows of the steps; those of a selector are as long as the lookback.
    var ends: WindowEnds

    /// Whether the metrics' names go.
    var dropsNames: Bool

    /// The selector's place in the query.
    var argument: Expression

    /// The metric's name where the selector wants one, so that label sets still differ without it.
    var metric: String? {
        matchers.first { $0.name == Label.metricName && $0.operation == .equal && !$0.value.isEmpty }?.value
    }

    /// Fills in the values of all steps; says whether there are any.
    ///
    /// - Precondition: The samples are numbers, and the result's elements absent.
    func fill(_ series: Series, into result: inout [Double]) -> Bool {
        if case .newest = kernel {
            return SlidingWindows.newest(series.timestamps, series.values, ends, into: &result)
        }
        guard series.values.contains(where: StaleMarker.isStale) else {
            return fill(series.timestamps, series.values, into: &result)
        }
        let live = series.values.indices.filter { !StaleMarker.isStale(series.values[$0]) }
        return fill(live.map { series.timestamps[$0] }, live.map { series.values[$0] }, into: &result)
    }

    private func fill(_ times: [Int64], _ values: [Double], into result: inout [Double]) -> Bool {
        switch kernel {
        case .newest: return SlidingWindows.newest(times, values, ends, into: &result)
        case .increase(let isCounter, let divisor):
            guard times.count >= 2 else { return false }
            SlidingWindows.increases(times, values, ends, isCounter: isCounter, divisor: divisor, into: &result)
            return result.contains { !Column.isAbsent($0) }
        case .change(let isRate): return SlidingWindows.changes(times, values, ends, isRate: isRate, into: &result)
        case .total(let isMean): SlidingWindows.sums(times, values, ends, isMean: isMean, into: &result)
        case .extreme(let isMaximum):
            SlidingWindows.extremes(times, values, ends, isMaximum: isMaximum, into: &result)
        case .count: SlidingWindows.counts(times, ends, into: &result) { Double($0) }
        case .present: SlidingWindows.counts(times, ends, into: &result) { _ in 1 }
        case .last: return SlidingWindows.newest(times, values, ends, into: &result)
        }
        return !times.isEmpty
    }
}

extension SlidingWindows {
    /// The newest sample of each window, none where it is a stale marker; says whether there is any.
    static func newest(
        _ times: [Int64],
        _ values: [Double],
        _ ends: WindowEnds,
        into result: inout [Double]
    ) -> Bool {
        let times = times.span
        let values = values.span
        var output = result.mutableSpan
        var next = 0
        var end = ends.first
        var hasAny = false
        for step in 0..<ends.count {
            while next < times.count, times[next] <= end { next += 1 }
            if next > 0, times[next - 1] > end - ends.span {
                // A stale marker is what says that there is no value.
                output[step] = values[next - 1]
                hasAny = hasAny || !Column.isAbsent(values[next - 1])
            }
            end &+= ends.interval
        }
        return hasAny
    }

    /// `irate` and `idelta`.
    static func changes(
        _ times: [Int64],
        _ values: [Double],
        _ ends: WindowEnds,
        isRate: Bool,
        into result: inout [Double]
    ) -> Bool {
        var output = result.mutableSpan
        var hasAny = false
        ends.forEach(times) { step, lower, upper, _ in
            guard upper - lower >= 2 else { return }
            hasAny = true
            let distance = times[upper - 1] - times[upper - 2]
            output[step] = Window.change(from: values[upper - 2], to: values[upper - 1], distance, isRate: isRate)
        }
        return hasAny
    }

    /// A number made of how many samples there are in each window.
    static func counts(
        _ times: [Int64],
        _ ends: WindowEnds,
        into result: inout [Double],
        _ number: (Int) -> Double
    ) {
        var output = result.mutableSpan
        ends.forEach(times) { step, lower, upper, _ in output[step] = number(upper - lower) }
    }
}
