import Foundation
import MartletCore
import MartletMetrics
import Testing

@Suite("Counter")
struct CounterTests {
    let registry = MetricRegistry()

    private func value(_ name: String) -> MetricValue? {
        registry[name]?.series.first?.value
    }

    @Test func `counts by one and by several`() {
        let counter = Counter("jobs_total", help: "Jobs.", registry: registry)
        counter.increment()
        counter.increment(by: 41)
        counter.increment(by: 0)
        #expect(counter.value == 42)
        #expect(value("jobs_total") == .integer(42))
    }

    @Test func `stays exact beyond what a double can hold`() {
        let counter = Counter("jobs_total", help: "Jobs.", registry: registry)
        counter.increment(by: 1 << 53)
        counter.increment()
        #expect(value("jobs_total") == .integer(9_007_199_254_740_993))
    }

    @Test func `adds fractions, which print as a whole number where they make one`() {
        let counter = Counter("busy_seconds_total", help: "Time.", unit: "seconds", registry: registry)
        counter.increment(by: 0.5)
        #expect(value("busy_seconds_total") == .number(0.5))
        counter.increment(by: 0.5)
        #expect(value("busy_seconds_total") == .integer(1))
    }

    @Test func `refuses negative and endless amounts, and counts the refusals`() {
        let counter = Counter("jobs_total", help: "Jobs.", registry: registry)
        counter.increment(by: 3)
        counter.increment(by: -1)
        counter.increment(by: -0.5)
        counter.increment(by: .nan)
        counter.increment(by: .infinity)
        #expect(counter.value == 3)
        let refused = registry.gather().first { $0.name == "martlet_metric_calls_refused_total" }
        #expect(refused?.series.map(\.value) == [.integer(4)])
    }

    @Test func `is the same counter when declared alike twice`() {
        let first = Counter("jobs_total", help: "Jobs.", registry: registry)
        let second = Counter("jobs_total", help: "Jobs.", registry: registry)
        first.increment()
        second.increment()
        #expect(first.value == 2)
        #expect(registry.gather().count == 1)
    }

    @Test func `loses nothing to threads that come and go while it is read`() async {
        let counter = Counter("events_total", help: "Events.", registry: registry).series
        let fractions = Counter("halves_total", help: "Halves.", registry: registry).series
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    // Real threads, ended one after the other, so that arenas are handed on.
                    for _ in 0..<5 {
                        await withCheckedContinuation { continuation in
                            Thread.detachNewThread {
                                for _ in 0..<20_000 { counter.increment() }
                                for _ in 0..<1_000 { fractions.increment(by: 0.5) }
                                continuation.resume()
                            }
                        }
                    }
                }
            }
            group.addTask { [registry] in
                var last = 0.0
                for _ in 0..<200 {
                    let now = registry["events_total"]?.series.first?.value.number ?? -1
                    #expect(now >= last)
                    last = now
                }
            }
        }
        #expect(value("events_total") == .integer(800_000))
        #expect(value("halves_total") == .integer(20_000))
    }

    @Test func `a registry that is off records and shows nothing`() {
        let counter = Counter("jobs_total", help: "Jobs.", registry: registry)
        let gauge = Gauge("depth", help: "Depth.", registry: registry)
        let histogram = Histogram("size", help: "Size.", registry: registry)
        let other = Counter("other_total", help: "Other.", registry: MetricRegistry())
        registry.declare(counter, gauge, histogram)
        registry.isEnabled = false
        counter.increment()
        counter.increment(by: 0.5)
        gauge.set(to: 5)
        gauge.increment()
        histogram.observe(1)
        other.increment()
        #expect(registry.gather().isEmpty)
        registry.isEnabled = true
        #expect(registry.isEnabled)
        #expect(counter.value == 0)
        #expect(gauge.value == 0)
        #expect(histogram.value.count == 0)
        #expect(other.value == 1)
        counter.increment()
        #expect(counter.value == 1)
    }
}
