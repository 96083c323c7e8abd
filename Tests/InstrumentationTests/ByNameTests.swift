import MartletCore
import MartletMetrics
import MartletTestKit
import Testing

@Suite("Metrics by name")
struct ByNameTests {
    let registry = MetricRegistry { _ in }
    var probe: MetricProbe { MetricProbe(registry) }

    @Test func `creates metrics at the first call`() {
        #expect(registry.increment("jobs_total"))
        #expect(registry.increment("jobs_total", by: 2))
        #expect(registry.increment("busy_total", by: 0.5))
        #expect(registry.setGauge("depth", to: 42))
        #expect(registry.record("query_duration", 150))
        #expect(registry.recordTimer("workflow_execution_time", milliseconds: 2500, labels: ["workflow_type": "etl"]))
        #expect(
            probe.differences(from: [
                "jobs_total": 3, "busy_total": 0.5, "depth": 42, "query_duration": 1,
                "workflow_execution_time_seconds{workflow_type=\"etl\"}": 1,
            ]) == []
        )
        #expect(probe.histogram("workflow_execution_time_seconds", ["workflow_type": "etl"])?.sum == 2.5)
    }

    @Test func `takes labels in any order`() {
        registry.setGauge("revenue_per_minute", to: 7, labels: ["shop": "a", "currency": "eur"])
        registry.setGauge("revenue_per_minute", to: 8, labels: ["currency": "eur", "shop": "a"])
        registry.setGauge("revenue_per_minute", to: 9, labels: ["currency": "usd", "shop": "a"])
        #expect(registry["revenue_per_minute"]?.series.count == 2)
        #expect(probe.value("revenue_per_minute", ["shop": "a", "currency": "eur"]) == 8)
    }

    @Test func `uses what was declared`() throws {
        let counter = Counter("jobs_total", help: "Jobs.", registry: registry)
        counter.increment()
        registry.increment("jobs_total")
        try registry.createMetric("size", .summary, description: "Sizes.", unit: .bytes)
        registry.record("size", 5)
        try registry.createMetric("wait", .timer, description: "Wait.", labels: ["b", "a"])
        registry.recordTimer("wait", milliseconds: 1, labels: ["a": "1", "b": "2"])
        #expect(counter.value == 2)
        #expect(probe.summary("size")?.count == 1)
        #expect(registry["size"]?.metadata == MetricMetadata(type: .summary, help: "Sizes.", unit: "bytes"))
        #expect(probe.histogram("wait_seconds", ["a": "1", "b": "2"])?.count == 1)
        #expect(throws: MetricRegistryError.self) { try registry.createMetric("size", .counter) }
        #expect(throws: MetricRegistryError.self) { try registry.createMetric("facts", .info) }
    }

    @Test func `a call that can't be is told and counted`() {
        registry.increment("jobs_total")
        #expect(!registry.setGauge("jobs_total", to: 5))
        #expect(!registry.increment("jobs_total", labels: ["a": "1"]))
        #expect(!registry.increment("9 jobs"))
        #expect(!registry.increment("jobs_total", by: -1))
        #expect(!registry.increment("jobs_total", by: .infinity))
        #expect(!registry.record("size", .nan))
        #expect(!registry.recordTimer("time", milliseconds: .nan))
        for _ in 0..<10 { registry.increment("9 jobs") }
        #expect(probe.value("jobs_total") == 1)
        #expect(registry.problems.count == 3)
        #expect(probe.value("martlet_registration_conflicts_total") == 13)
        #expect(probe.value("martlet_metric_calls_refused_total") == 4)
    }

    @Test func `gives handles to keep`() {
        let processed = registry.counter("messages_processed")
        for _ in 0..<1_000_000 { processed.increment() }
        #expect(processed.value == 1_000_000)
        registry.gauge("depth").set(to: 4)
        registry.histogram("size").observe(3)
        #expect(probe.value("depth") == 4)
        #expect(probe.value("size") == 1)
        registry.counter("size").increment()
        registry.gauge("size").set(to: 1)
        registry.histogram("depth").observe(1)
        #expect(registry.problems.count == 3)
        #expect(registry.metric(named: "depth")?.series.count == 1)
        #expect(registry.metric(named: "nothing") == nil)
    }

    @Test func `custom metrics add, replace and collect`() {
        for value in [2.0, 3] {
            registry.recordCustomMetric("c", value, .counter)
            registry.recordCustomMetric("g", value, .gauge)
            registry.recordCustomMetric("h", value, .histogram)
        }
        #expect(probe.differences(from: ["c": 5, "g": 3, "h": 2]) == [])
        #expect(
            probe.differences(from: ["c": 4, "x": 1]) == ["c is 5.0, expected 4.0", "x is not there, expected 1.0"]
        )
        #expect(probe.increase("c") == 0)
    }

    @Test func `records are flat and have their time`() {
        let clock = ManualClock(milliseconds: 1_700_000_000_123)
        let registry = MetricRegistry(clock: clock)
        registry.increment("jobs_total", by: 3, labels: ["kind": "a"])
        #expect(
            registry.metrics() == [
                Metric(
                    name: "jobs_total",
                    type: .counter,
                    value: .integer(3),
                    labels: ["kind": "a"],
                    timestamp: 1_700_000_000_123
                )
            ]
        )
    }
}

@Suite("MetricsCollector")
struct MetricsCollectorTests {
    @Test func `takes all the calls of the sources`() throws {
        let collector = MetricsCollector("custom")
        try collector.createMetric("queries_total", .counter, description: "Queries.")
        collector.recordCounter("queries_total", 1)
        collector.incrementCounter("jobs", 2)
        collector.increment("jobs", by: 1)
        collector.recordGauge("active_connections", 42)
        collector.setGauge("depth", 1)
        collector.setGaugeWithLabels("zone_depth", 2, ["zone": "a"])
        collector.recordHistogram("query_duration", 150)
        collector.recordTimer("workflow_execution_time", 2500, labels: ["workflow_type": "etl"])
        collector.recordCustomMetric("custom", 5, .gauge)
        collector.counter("messages_processed").increment()
        #expect(collector.getMetric("queries_total")?.value == .integer(1))
        #expect(collector.getMetric("active_connections")?.value == .number(42))
        #expect(collector.getMetric("jobs")?.value == .integer(3))
        #expect(collector.getMetrics().count == 9)
        #expect(collector.getAllMetrics().map(\.name) == collector.getMetrics().map(\.name))
        #expect(collector.getMetric("nothing") == nil)
    }

    @Test func `appears in the registry it is added to`() {
        let registry = MetricRegistry()
        let collector = MetricsCollector("validation", maxSeries: 2, namespace: "kailash")
        registry.registerCollector("mine", collector)
        for node in ["a", "b", "c", "d"] { collector.increment("validation_total", labels: ["node": node]) }
        let probe = MetricProbe(registry)
        #expect(registry.getAllCollectors().keys.sorted() == ["mine"])
        #expect(registry.collector(named: "mine")?.name == "mine")
        #expect(probe.value("martlet_collector_up", ["collector": "validation"]) == 1)
        #expect(probe.value("kailash_validation_validation_total", ["node": "a"]) == 1)
        #expect(probe.value("kailash_validation_validation_total", ["node": "other"]) == 2)
        #expect(probe.value("martlet_series_dropped_total", ["collector": "validation_total"]) == 2)
        let parts = registry.gatherByCollector()
        #expect(parts.map(\.collector) == ["", "mine"])
        #expect(parts[1].families.contains { $0.name == "kailash_validation_validation_total" })
        #expect(getMetricsRegistry() === MetricsRegistry.default)
    }
}
