import MartletCore
import MartletMetrics
import MartletPacks
import MartletTestKit
import Testing

@Suite("PerformanceMetrics")
struct PerformanceMetricsTests {
    private let clock = ManualClock(milliseconds: 1_700_000_000_000)

    private func value(_ metrics: PerformanceMetrics, _ name: String, _ labels: LabelSet = [:]) -> Double? {
        let series = metrics.collect().first { $0.name == name }?.series.first { $0.labels == labels }
        if case .histogram(let value)? = series?.value { return value.sum }
        return series?.value.number
    }

    @Test func `an operation moves latency and error rate`() throws {
        let metrics = PerformanceMetrics(clock: clock)
        metrics.record("etl", milliseconds: 125.5, isSuccess: true)
        metrics.record("etl", milliseconds: 74.5, isSuccess: true)
        metrics.record("etl", milliseconds: 200, isSuccess: true)
        metrics.record("load", milliseconds: 100, isSuccess: false)
        #expect(value(metrics, "error_rate") == 25)
        #expect(value(metrics, "error_ratio", ["operation": "load"]) == 1)
        #expect(value(metrics, "error_ratio", ["operation": "etl"]) == 0)
        #expect(value(metrics, "response_time_seconds", ["operation": "load"]) == 0.1)
        #expect(value(metrics, "operation_duration_seconds", ["operation": "etl"]) == 0.4)
        #expect(value(metrics, "avg_response_time") == 125)
        #expect(value(metrics, "operations_total", ["operation": "etl", "result": "success"]) == 3)
        #expect(value(metrics, "operations_total", ["operation": "load", "result": "failure"]) == 1)
        let family = try #require(metrics.collect().first { $0.name == "response_time" })
        #expect(family.metadata == MetricMetadata(type: .summary, help: "Response time", unit: "milliseconds"))
        guard case .summary(let summary)? = family.series.first?.value else { throw Missing() }
        #expect(summary.count == 3)
        #expect(summary.sum == 400)
        #expect(summary.quantiles.map(\.share) == [0.5, 0.95, 0.99])
        #expect(abs(summary.quantiles[0].value - 125.5) < 1)
    }

    private struct Missing: Error {}

    @Test func `system figures are told as they were given`() {
        let metrics = PerformanceMetrics(clock: clock)
        #expect(value(metrics, "memory_usage") == nil)
        metrics.updateSystem(memoryMegabytes: 512, processorPercent: 75, requestsPerSecond: 150)
        #expect(value(metrics, "memory_usage") == 512)
        #expect(value(metrics, "cpu_usage") == 75)
        #expect(value(metrics, "throughput") == 150)
    }

    @Test func `p95 of 1 to 100 ms is 95 within 1`() throws {
        let metrics = PerformanceMetrics(clock: clock)
        #expect(metrics.p95ResponseTime(over: .seconds(3600)) == nil)
        for milliseconds in (1...100).shuffled() {
            metrics.record("x", milliseconds: Double(milliseconds), isSuccess: true)
            clock.advance(by: .seconds(30))
        }
        let p95 = try #require(metrics.p95ResponseTime(over: .seconds(3600)))
        #expect(abs(p95 - 95) <= 1, "\(p95)")
        #expect(metrics.averageResponseTime(over: .seconds(3600)) == 50.5)
        #expect(metrics.errorRatio(over: .seconds(3600)) == 0)
    }

    @Test func `each family of the pack moves with operations that really run`() async throws {
        struct Refused: Error {}
        let metrics = PerformanceMetrics(window: .seconds(60), slowThreshold: .milliseconds(5))
        let process = ProcessCollector()
        var work = PackWork()
        work.look(metrics.collect())
        var held: [[UInt8]] = []
        for round in 0..<3 {
            await metrics.measure("quick") { work.look(metrics.collect()) }
            await metrics.measure("slow") { burn(0.02) }
            for _ in 0..<round {
                try? await metrics.measure("refused") { () async throws(Refused) in throw Refused() }
            }
            held.append([UInt8](repeating: 1, count: 8 << 20))
            // What the process really uses, as its collector has it.
            let families = try process.collect()
            func figure(_ name: String) -> Double { families.first { $0.name == name }.map(PackWork.sum) ?? 0 }
            metrics.updateSystem(
                memoryMegabytes: figure("process_resident_memory_bytes") / 1e6,
                processorPercent: figure("process_cpu_seconds_total") * 100,
                requestsPerSecond: Double(held.count)
            )
            work.look(metrics.collect())
        }
        withExtendedLifetime(held) {}
        #expect(Set(PackDefinition.operations.families.map(\.name)).subtracting(work.moved) == [])
    }

    @Test func `what is older than the window is forgotten`() {
        let metrics = PerformanceMetrics(window: .seconds(60), clock: clock)
        metrics.record("x", milliseconds: 5000, isSuccess: false)
        clock.advance(by: .seconds(120))
        #expect(metrics.p95ResponseTime(over: .seconds(60)) == nil)
        #expect(metrics.averageResponseTime(over: .seconds(60)) == nil)
        #expect(metrics.errorRatio(over: .seconds(60)) == nil)
        #expect(metrics.errorRatio(over: .seconds(600)) == 1)
        #expect(value(metrics, "error_rate") == nil)
        #expect(value(metrics, "throughput") == 0)
        #expect(value(metrics, "operations_total", ["operation": "x", "result": "failure"]) == 1)
    }

    @Test func `operations over the threshold are slow`() {
        let metrics = PerformanceMetrics(clock: clock)
        metrics.record("x", milliseconds: 1500, isSuccess: true)
        metrics.record("x", milliseconds: 1000, isSuccess: true)
        metrics.record("x", milliseconds: 999, isSuccess: true)
        #expect(value(metrics, "slow_operations", ["operation": "x"]) == 1)
        #expect(value(metrics, "slow_operations_total", ["operation": "x"]) == 1)
    }

    @Test func `throughput follows the operations, 150 a second for 150 a second`() {
        let metrics = PerformanceMetrics(window: .seconds(60), clock: clock)
        for _ in 0..<(150 * 60) {
            metrics.record("x", milliseconds: 1, isSuccess: true)
            clock.advance(by: .nanoseconds(1_000_000_000 / 150))
        }
        let throughput = value(metrics, "throughput") ?? 0
        #expect(abs(throughput - 150) < 7.5, "\(throughput)")
    }

    @Test func `measuring counts the running operations and those that throw`() async {
        struct Failure: Error {}
        let metrics = PerformanceMetrics(clock: clock)
        await metrics.measure("x") { #expect(value(metrics, "operation_active", ["operation": "x"]) == 1) }
        _ = try? await metrics.measure("x") { () throws(Failure) in throw Failure() }
        #expect(value(metrics, "operation_active", ["operation": "x"]) == 0)
        #expect(value(metrics, "operations_total", ["operation": "x", "result": "success"]) == 1)
        #expect(value(metrics, "operations_total", ["operation": "x", "result": "failure"]) == 1)
    }

    @Test func `numbers that are none are refused, and too many operations are one`() {
        let metrics = PerformanceMetrics(clock: clock)
        for bad in [-1, .nan, .infinity] as [Double] { metrics.record("x", milliseconds: bad, isSuccess: true) }
        #expect(metrics.collect().isEmpty || value(metrics, "operation_active", ["operation": "x"]) == nil)
        for number in 0..<1100 { metrics.record("op\(number)", milliseconds: 1, isSuccess: true) }
        #expect(value(metrics, "operations_total", ["operation": "other", "result": "success"]) == 100)
    }

    @Test(arguments: MetricNaming.allCases)
    func `naming says which families there are`(naming: MetricNaming) {
        let metrics = PerformanceMetrics(naming: naming, clock: clock)
        metrics.record("x", milliseconds: 1, isSuccess: true)
        let names = Set(metrics.collect().map(\.name))
        #expect(names.contains("slow_operations") == (naming != .canonical))
        #expect(names.contains("slow_operations_total") == (naming != .source))
        #expect(names.contains("response_time") == (naming != .canonical))
        #expect(names.contains("response_time_seconds") == (naming != .source))
        for name in names { #expect(PackDefinition.operations[name] != nil, "\(name)") }
    }

    @Test func `the shared metrics are one object, and go into a registry`() {
        #expect(getPerformanceMetrics() === PerformanceMetrics.shared)
        let registry = MetricRegistry()
        registry.add(collector: PerformanceMetrics.shared)
        PerformanceMetrics.shared.record("x", milliseconds: 3, isSuccess: true)
        #expect(registry.gather().contains { $0.name == "operation_duration_seconds" })
    }
}
