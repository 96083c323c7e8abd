import Foundation
import MartletMetrics
import Testing

@Suite("Gauge")
struct GaugeTests {
    let registry = MetricRegistry()

    @Test func `is set, goes up and goes down`() {
        let gauge = Gauge("depth", help: "Depth.", registry: registry)
        gauge.set(to: 5)
        gauge.increment()
        gauge.decrement()
        gauge.decrement()
        #expect(gauge.value == 4)
        gauge.set(to: -0.5)
        gauge.increment(by: 0.25)
        gauge.decrement(by: 1)
        #expect(gauge.value == -1.25)
        #expect(registry["depth"]?.series == [MetricSeries(-1.25)])
    }

    @Test func `tracks calls that are running, however they end`() async {
        struct Failure: Error {}
        let gauge = Gauge("running", help: "Running.", registry: registry).series
        let inside = gauge.track { gauge.value }
        #expect(inside == 1)
        #expect(throws: Failure.self) { try gauge.track { () throws(Failure) in throw Failure() } }
        let later = await gauge.track { () async in
            await Task.yield()
            return gauge.value
        }
        #expect(later == 1)
        #expect(gauge.value == 0)
    }

    @Test func `loses no step of several threads`() async {
        let gauge = Gauge("balance", help: "Balance.", registry: registry).series
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<5000 {
                        if task % 2 == 0 { gauge.increment(by: 3) } else { gauge.decrement() }
                    }
                }
            }
        }
        #expect(gauge.value == 40_000)
    }

    @Test func `has a series for each combination of label values`() {
        let family = Gauge.Family("queue_length", help: "Length.", labels: "queue", "zone", registry: registry)
        family["in", "a"].set(to: 1)
        family["out", "a"].set(to: 2)
        #expect(family["in", "a"].value == 1)
        #expect(registry["queue_length"]?.series.count == 2)
    }
}
