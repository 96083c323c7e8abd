public import MartletCore
public import MartletMetrics
import Synchronization

/// The process-wide performance metrics, under the name that other languages' libraries use.
public func getPerformanceMetrics() -> PerformanceMetrics { .shared }

/// How the operations of a service fare: response times, error rate, throughput, slow operations.
///
/// ```swift
/// let performance = PerformanceMetrics()
/// registry.add(collector: performance)
/// performance.record("checkout", milliseconds: 125.5, isSuccess: true)
/// ```
///
/// It is a collector: what it knows appears in the registry that it was added to. Times come in milliseconds and go out in
/// seconds, but for the families that older dashboards know by milliseconds and percent; ``naming`` says which of both are
/// exported. Operations beyond ``operationsMax`` are recorded together as `other`.
public final class PerformanceMetrics: MetricCollector {
    /// At most so many operations are told apart.
    public static let operationsMax = 1000

    private static let buckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private struct Operation {
        var successes: UInt64 = 0
        var failures: UInt64 = 0
        var slow: UInt64 = 0
        var active = 0
        var sumSeconds = 0.0
        var counts = [UInt64](repeating: 0, count: PerformanceMetrics.buckets.count + 1)
        var recent = WindowedDistribution()

        var count: UInt64 { successes + failures }

        var histogram: HistogramValue {
            var running: UInt64 = 0
            let list = zip(PerformanceMetrics.buckets + [.infinity], counts).map { bound, count in
                running += count
                return HistogramValue.Bucket(upperBound: bound, cumulativeCount: running)
            }
            return HistogramValue(buckets: list, sum: sumSeconds, count: running)
        }
    }

    private struct State {
        var operations: [String: Operation] = [:]
        var memoryMegabytes: Double?
        var processorPercent: Double?
        var requestsPerSecond: Double?
    }

    /// The metrics of this process, for those who want no object of their own; add it to a registry once.
    public static let shared = PerformanceMetrics()

    /// Under which names metrics are exported.
    public let naming: MetricNaming

    /// Over how much time rates and quantiles are exported; at most an hour.
    public let window: Duration

    /// How long an operation may take before it counts as slow.
    public let slowThreshold: Duration

    private let clock: any WallClock
    private let state = Mutex(State())

    /// Creates the metrics.
    ///
    /// - Parameters:
    ///   - naming: Under which names metrics are exported.
    ///   - window: Over how much time rates and quantiles are exported; at most an hour.
    ///   - slowThreshold: How long an operation may take before it counts as slow.
    ///   - clock: The time of day, by which the window moves.
    public init(
        naming: MetricNaming = .both,
        window: Duration = .seconds(300),
        slowThreshold: Duration = .seconds(1),
        clock: any WallClock = SystemWallClock()
    ) {
        self.naming = naming
        self.window = window
        self.slowThreshold = slowThreshold
        self.clock = clock
    }

    /// The collector's name, `performance`.
    public var name: String { "performance" }

    // MARK: Recording

    /// Records an operation that is over.
    ///
    /// - Parameters:
    ///   - operation: Which one; one of few names.
    ///   - milliseconds: How long it took; less than 0 or not a number is refused, so that nothing changes.
    ///   - isSuccess: Whether it did what it was for.
    public func record(_ operation: String, milliseconds: Double, isSuccess: Bool) {
        guard milliseconds >= 0, milliseconds.isFinite else { return }
        let time = clock.secondsSinceEpoch
        let slowMilliseconds = slowThreshold / .milliseconds(1)
        update(operation) { entry in
            let seconds = milliseconds / 1000
            if isSuccess { entry.successes += 1 } else { entry.failures += 1 }
            if milliseconds > slowMilliseconds { entry.slow += 1 }
            entry.sumSeconds += seconds
            let bucket = PerformanceMetrics.buckets.firstIndex { seconds <= $0 } ?? PerformanceMetrics.buckets.count
            entry.counts[bucket] += 1
            entry.recent.add(milliseconds, isFailure: !isSuccess, at: time)
        }
    }

    /// Measures an operation; one that throws is a failure.
    ///
    /// - Parameters:
    ///   - operation: Which one; one of few names.
    ///   - body: What it does; it runs where the caller does.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    nonisolated(nonsending) public func measure<Result, Failure: Error>(
        _ operation: String,
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        update(operation) { $0.active += 1 }
        let start = ContinuousClock.now
        defer { update(operation) { $0.active -= 1 } }
        do {
            let result = try await body()
            record(operation, milliseconds: (ContinuousClock.now - start) / .milliseconds(1), isSuccess: true)
            return result
        } catch {
            record(operation, milliseconds: (ContinuousClock.now - start) / .milliseconds(1), isSuccess: false)
            throw error
        }
    }

    /// Tells what the system uses, as somebody else has measured it.
    ///
    /// - Parameters:
    ///   - memoryMegabytes: Memory in use.
    ///   - processorPercent: Share of the processors in percent.
    ///   - requestsPerSecond: Requests served a second; told instead of what the recorded operations say.
    public func updateSystem(memoryMegabytes: Double, processorPercent: Double, requestsPerSecond: Double) {
        state.withLock { state in
            state.memoryMegabytes = memoryMegabytes
            state.processorPercent = processorPercent
            state.requestsPerSecond = requestsPerSecond
        }
    }

    private func update(_ operation: String, _ change: (inout Operation) -> Void) {
        state.withLock { state in
            let isKnown = state.operations[operation] != nil
            let name = isKnown || state.operations.count < PerformanceMetrics.operationsMax ? operation : "other"
            change(&state.operations[name, default: Operation()])
        }
    }

    // MARK: Asking

    /// The time below which 95 of 100 operations stayed, in milliseconds; `nil` where there were none.
    public func p95ResponseTime(over window: Duration) -> Double? { summary(window).quantile(0.95) }

    /// The mean time of the operations, in milliseconds; `nil` where there were none.
    public func averageResponseTime(over window: Duration) -> Double? {
        let summary = summary(window)
        return summary.count == 0 ? nil : summary.sum / Double(summary.count)
    }

    /// The share of operations that failed, from 0 through 1; `nil` where there were none.
    public func errorRatio(over window: Duration) -> Double? {
        let summary = summary(window)
        return summary.count == 0 ? nil : Double(summary.failures) / Double(summary.count)
    }

    private func summary(_ window: Duration) -> WindowedDistribution.Summary {
        let time = clock.secondsSinceEpoch
        let seconds = window / .seconds(1)
        return state.withLock { state in
            var summary = WindowedDistribution.Summary()
            for operation in state.operations.values {
                operation.recent.add(to: &summary, seconds: seconds, before: time)
            }
            return summary
        }
    }

    // MARK: Collecting

    /// The families as they are now.
    public func collect() -> [MetricFamily] {
        let time = clock.secondsSinceEpoch
        let seconds = window / .seconds(1)
        let state = state.withLock { $0 }
        let operations = state.operations.sorted { $0.key < $1.key }
        var list = FamilyList(.operations)
        func labels(_ name: String) -> LabelSet { ["operation": name] }
        if naming.hasCanonical {
            let histograms = operations.map {
                MetricSeries(labels: labels($0.key), value: .histogram($0.value.histogram))
            }
            list.add("response_time_seconds", histograms)
            list.add("operation_duration_seconds", histograms)
            list.add(
                "slow_operations_total",
                operations.map { MetricSeries([Label("operation", $0.key)], $0.value.slow) }
            )
            list.add(
                "error_ratio",
                operations.compactMap { name, operation in
                    var summary = WindowedDistribution.Summary()
                    operation.recent.add(to: &summary, seconds: seconds, before: time)
                    guard summary.count > 0 else { return nil }
                    return MetricSeries(labels: labels(name), Double(summary.failures) / Double(summary.count))
                }
            )
        }
        list.add(
            "operations_total",
            operations.flatMap { name, operation in
                [("success", operation.successes), ("failure", operation.failures)].map { result, count in
                    MetricSeries([Label("operation", name), Label("result", result)], count)
                }
            }
        )
        list.add("operation_active", operations.map { MetricSeries(labels: labels($0.key), Double($0.value.active)) })
        if naming.hasSource { addSource(&list, state, seconds: seconds, time: time) }
        return list.families
    }

    private func addSource(_ list: inout FamilyList, _ state: State, seconds: Double, time: Double) {
        let operations = state.operations.sorted { $0.key < $1.key }
        var all = WindowedDistribution.Summary()
        var summaries: [MetricSeries] = []
        for (name, operation) in operations {
            operation.recent.add(to: &all, seconds: seconds, before: time)
            var own = WindowedDistribution.Summary()
            operation.recent.add(to: &own, seconds: seconds, before: time)
            let quantiles = [0.5, 0.95, 0.99].map {
                SummaryValue.Quantile(share: $0, value: own.quantile($0) ?? .nan)
            }
            let value = SummaryValue(quantiles: quantiles, sum: operation.sumSeconds * 1000, count: operation.count)
            summaries.append(MetricSeries(labels: ["operation": name], value: .summary(value)))
        }
        list.add("response_time", summaries)
        list.add("slow_operations", operations.map { MetricSeries([Label("operation", $0.key)], $0.value.slow) })
        if all.count > 0 {
            list.add("avg_response_time", all.sum / Double(all.count))
            list.add("error_rate", 100 * Double(all.failures) / Double(all.count))
        }
        let measured = operations.isEmpty ? nil : Double(all.count) / seconds
        list.add("throughput", state.requestsPerSecond ?? measured)
        list.add("memory_usage", state.memoryMegabytes)
        list.add("cpu_usage", state.processorPercent)
    }
}
