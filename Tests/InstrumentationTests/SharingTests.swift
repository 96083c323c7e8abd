import Foundation
import MartletCore
import MartletExposition
import MartletMetrics
import MartletTestKit
import Testing

private struct Hanging: MetricCollector {
    let name = "hanging"
    let gate: DispatchSemaphore

    func collect() -> [MetricFamily] {
        gate.wait()
        gate.signal()
        return [MetricFamily("late", metadata: MetricMetadata(type: .gauge), series: [MetricSeries(1)])]
    }
}

private enum Load {
    /// How often a thread counts in each of its lives; a multiple of 64.
    static let steps = ProcessInfo.processInfo.environment["MARTLET_LOAD_STEPS"].flatMap(Int.init) ?? 1_000_000
    static let registry = MetricRegistry()
    static let events = Counter("events_total", help: "Events.", registry: registry)
    static let sizes = Histogram("sizes", help: "Sizes.", buckets: [1, 2, 3], registry: registry)
    static let kinds = Counter.Family("kinds_total", help: "Kinds.", labels: "kind", registry: registry)
}

@Suite("Many threads")
struct SharingTests {
    /// Runs a body in so many threads at once, each of which ends and is replaced so often.
    private func threads(_ count: Int, lives: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    for _ in 0..<lives {
                        await withCheckedContinuation { continuation in
                            Thread.detachNewThread {
                                body(number)
                                continuation.resume()
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func `totals are exact while threads and tasks die and scrapes go on`() async {
        let scraping = Task {
            let renderer = ExpositionRenderer(.text)
            var scrapes = 0
            var last = 0.0
            while !Task.isCancelled {
                _ = renderer.render(Load.registry)
                let now = Load.events.value
                #expect(now >= last)
                last = now
                scrapes += 1
                await Task.yield()
            }
            return scrapes
        }
        // Ten million by each of eight threads, in ten lives; fewer where a sanitizer makes each of them slow.
        let steps = Load.steps
        await threads(8, lives: 10) { number in
            for step in 0..<steps {
                Load.events.increment()
                if step % 16 == 0 { Load.sizes.observe(Double(step % 4)) }
                if step % 64 == 0 { Load.kinds["kind \(number)"].increment() }
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 { group.addTask { for _ in 0..<100 { Load.events.increment() } } }
        }
        scraping.cancel()
        #expect(await scraping.value > 0)
        #expect(Load.events.value == Double(80 * steps + 100_000))
        #expect(Load.sizes.value.count == UInt64(5 * steps))
        let each = MetricValue.integer(UInt64(steps / 64 * 10))
        #expect(Load.registry["kinds_total"]?.series.map(\.value) == Array(repeating: each, count: 8))
    }

    @Test func `families grow under readers`() async {
        let registry = MetricRegistry()
        let family = Counter.Family("paths_total", help: "Paths.", labels: "a", "b", registry: registry).resolved
        await threads(4, lives: 2) { number in
            for step in 0..<20_000 {
                family["\(step % 997)", step % 2 == 0 ? "x" : "yyyyyyyyyyyyyyyyyyyyyyyyy"].increment()
            }
        }
        let total = registry["paths_total"]?.series.reduce(0) { $0 + ($1.value.number ?? 0) }
        #expect(total == 160_000)
        #expect(family.count == 1994)
    }

    @Test func `switching a registry off and on loses nothing of others`() async {
        let (steady, switched) = (MetricRegistry(), MetricRegistry())
        let counter = Counter("steady_total", help: "S.", registry: steady).series
        let other = Counter("switched_total", help: "S.", registry: switched).series
        let switching = Task {
            while !Task.isCancelled {
                switched.isEnabled.toggle()
                await Task.yield()
            }
            switched.isEnabled = true
        }
        await threads(4, lives: 3) { _ in
            for _ in 0..<50_000 {
                counter.increment()
                other.increment()
            }
        }
        switching.cancel()
        await switching.value
        #expect(counter.value == 600_000)
        #expect(other.value <= 600_000)
    }

    @Test func `removal and look-ups go on at once`() async {
        let registry = MetricRegistry()
        let family = Counter.Family("churn_total", help: "Churn.", labels: "a", registry: registry).resolved
        await threads(4, lives: 1) { number in
            for step in 0..<5000 {
                let value = "value number \(step % 50) of thread \(number % 2)"
                family[value].increment()
                if step % 10 == 0 { family.remove(value) }
            }
        }
        #expect(family.count <= 100)
        #expect((registry["churn_total"]?.series ?? []).allSatisfy { ($0.value.number ?? 0) > 0 })
    }

    @Test func `a collector that hangs holds up nobody, and is back when it is done`() async {
        let gate = DispatchSemaphore(value: 0)
        let registry = MetricRegistry(collectorTimeLimit: .milliseconds(50))
        registry.add(collector: Hanging(gate: gate))
        registry.add(collector: MetricsCollector("quick"))
        Counter("a_total", help: "A.", registry: registry).increment()
        for _ in 0..<3 {
            let names = registry.gather().map(\.name)
            #expect(names.contains("a_total") && names.contains("martlet_collector_up") && !names.contains("late"))
        }
        #expect(MetricProbe(registry).value("martlet_collector_timeouts_total", ["collector": "hanging"]) ?? 0 >= 3)
        gate.signal()
        let end = ContinuousClock.now + .seconds(60)
        while MetricProbe(registry).value("late") == nil, ContinuousClock.now < end { await Task.yield() }
        #expect(MetricProbe(registry).value("late") == 1)
    }

    @Test func `scrapes at once share what a collector brings`() async {
        let registry = MetricRegistry()
        registry.add(collector: MetricsCollector("shared"))
        await threads(4, lives: 5) { _ in
            #expect(registry.gather().contains { $0.name == "martlet_collector_up" })
        }
        #expect(MetricProbe(registry).value("martlet_collector_timeouts_total", ["collector": "shared"]) == nil)
    }

    @Test func `sampling is right on average`() {
        let registry = MetricRegistry()
        for share in [0.1, 0.3, 1] {
            let name = "sampled_\(Int(share * 10))"
            let counter = SampledCounter("\(name)_total", help: "Events.", share: share, registry: registry)
            let histogram = SampledHistogram(name, help: "Sizes.", share: share, buckets: [1], registry: registry)
            for _ in 0..<100_000 {
                counter.increment()
                histogram.observe(0.5)
            }
            // Four standard deviations.
            let tolerance = 4 * (100_000 * (1 / share - 1)).squareRoot() + 1
            #expect(abs(counter.value - 100_000) <= tolerance)
            #expect(abs(Double(histogram.value.count) - 100_000) <= tolerance)
            #expect(abs(histogram.value.sum - 50_000) <= tolerance)
        }
        #expect(registry["sampled_1_total"]?.metadata.help == "Events. (estimated: sampled at 0.1, weighted)")
        #expect(EventSampling(share: 0).share == 1)
        #expect(EventSampling(share: 7).share == 1)
    }

    @Test func `batches bring all they took`() {
        let registry = MetricRegistry()
        let histogram = Histogram("size", help: "Size.", buckets: [10, 100], registry: registry)
        func fill() {
            var batch = HistogramBatch(histogram)
            for value in 0..<1000 { batch.observe(Double(value)) }
            #expect(histogram.value.count == 768)
            batch.flush()
            #expect(histogram.value.count == 1000)
            batch.observe(5)
            batch.observe(.nan)
        }
        fill()
        #expect(histogram.value.count == 1001)
        #expect(histogram.value.sum == 499_505)
        #expect(histogram.value.buckets.map(\.cumulativeCount) == [12, 102, 1001])
        histogram.observe(contentsOf: [])
        #expect(MetricProbe(registry).value("martlet_metric_calls_refused_total") == 1)
    }

    @Test func `views show one component or the sum of all`() {
        let registry = MetricRegistry()
        let requests = Counter.Family("requests_total", help: "R.", labels: "component", "code", registry: registry)
        requests["db", "200"].increment(by: 2)
        requests["web", "200"].increment(by: 3)
        requests["web", "500"].increment()
        let sizes = Histogram.Family("size", help: "S.", labels: "component", buckets: [1], registry: registry)
        sizes["db"].observe(0.5)
        sizes["web"].observe(2)
        let waits = Summary.Family("wait", help: "W.", labels: "component", registry: registry)
        waits["db"].observe(1)
        waits["web"].observe(2)
        let web = MetricView(registry, where: "component", is: "web").gather()
        #expect(web.map(\.name) == ["requests_total", "size", "wait"])
        #expect(web[0].series.map(\.value) == [.integer(3), .integer(1)])
        let system = MetricView(registry, without: ["component"]).gather()
        #expect(system[0].series.map(\.labels) == [["code": "200"], ["code": "500"]])
        #expect(system[0].series.map(\.value) == [.integer(5), .integer(1)])
        guard case .histogram(let size) = system[1].series[0].value, case .summary(let wait) = system[2].series[0].value
        else {
            Issue.record("size and wait are of other kinds")
            return
        }
        #expect(size.buckets.map(\.cumulativeCount) == [1, 2])
        #expect(wait.sum == 3 && wait.count == 2 && wait.quantiles.isEmpty)
    }

    @Test func `exemplars stand at their counter and bucket`() {
        let registry = MetricRegistry()
        let trace = TraceReference(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c, span: 0xb7ad_6b71_6920_3331)
        let labels: LabelSet = ["trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331"]
        let counter = Counter("errors_total", help: "E.", registry: registry)
        counter.increment(by: 2, exemplar: trace)
        let histogram = Histogram("size", help: "S.", buckets: [1, 2], registry: registry)
        histogram.observe(1.5, exemplar: trace)
        histogram.observe(0.5, exemplar: ["user": "ä"])
        histogram.observe(.nan, exemplar: trace)
        counter.increment(exemplar: ["too_long": String(repeating: "x", count: 300)])
        #expect(registry["errors_total"]?.series.first?.exemplar?.labels == labels)
        #expect(registry["errors_total"]?.series.first?.exemplar?.value == 2)
        #expect(registry["errors_total"]?.series.first?.exemplar?.timestamp ?? 0 > 1_600_000_000_000)
        let exemplars = histogram.value.buckets.map(\.exemplar?.labels)
        #expect(exemplars == [["user": "ä"], labels, nil])
        #expect(counter.value == 3)
    }

    @Test func `says when counting began`() {
        let clock = ManualClock(milliseconds: 5000)
        let registry = MetricRegistry(clock: clock)
        let family = Counter.Family("a_total", help: "A.", labels: "x", registry: registry)
        let gauge = Gauge("b", help: "B.", registry: registry)
        family["1"].increment()
        gauge.set(to: 1)
        clock.advance(by: .seconds(3))
        family["2"].increment()
        #expect(registry["a_total"]?.series.map(\.created) == [5000, 8000])
        #expect(registry["b"]?.series.map(\.created) == [nil])
    }
}
