import MartletCore
import MartletExposition
import MartletMetrics
import MartletTestKit
import Testing

private enum Outcome: String, LabelValue { case hit, miss }
private enum Tier: LabelValue { case memory, disk, network }
private enum Only: String, LabelValue { case one }
private enum Wrong: String, LabelValue, CaseIterable {
    case a, b
    static var allCases: [Wrong] { [.b, .a] }
}

private let globalCounter = Counter("kinds_global_total", help: "A global.")
private let globalFamily = Counter.Family("kinds_family_total", help: "A global.", labels: "a", "b")

@Suite("Timer, Info, StateSet and families by enumerations")
struct OtherKindsTests {
    let registry = MetricRegistry { _ in }

    private func text() -> String {
        String(decoding: ExpositionRenderer(.text).render(registry), as: UTF8.self)
    }

    @Test func `a timer takes milliseconds and shows seconds`() {
        let timer = Timer("workflow_execution_time", help: "Time.", registry: registry)
        timer.record(milliseconds: 2500)
        timer.record(.milliseconds(125))
        let family = registry["workflow_execution_time_seconds"]
        #expect(family?.kind == .timer)
        #expect(family?.metadata.type == .histogram)
        #expect(family?.metadata.unit == "seconds")
        #expect(timer.value.sum == 2.625)
        #expect(text().contains("# TYPE workflow_execution_time_seconds histogram\n"))
        #expect(!text().contains("timer"))
        #expect(registry.metrics().first?.type == .timer)
    }

    @Test(arguments: ["wait", "wait_ms", "wait_milliseconds", "wait_seconds"])
    func `a timer's name ends in seconds`(name: String) {
        registry.declare(Timer(name, help: "Time.", registry: registry))
        #expect(registry.names == ["wait_seconds"])
    }

    @Test func `a timer measures bodies, however they end`() async {
        struct Failure: Error {}
        let timer = Timer.Family("work", help: "Work.", labels: "kind", registry: registry)["a"]
        #expect(timer.measure { 5 } == 5)
        #expect(throws: Failure.self) { try timer.measure { () throws(Failure) in throw Failure() } }
        let answer = await timer.measure { () async in
            await Task.yield()
            return 7
        }
        #expect(answer == 7)
        #expect(timer.value.count == 3)
        timer.record(milliseconds: 1000)
        #expect(timer.value.sum >= 1)
    }

    @Test func `an info shows its facts once`() throws {
        let info = Info("shop_build_info", help: "What runs.", ["version": "1.4.2"])
        registry.declare(info)
        try registry.register(info)
        #expect(MetricProbe(registry).value("shop_build_info", ["version": "1.4.2"]) == 1)
        #expect(registry["shop_build_info"]?.metadata.type == .info)
        #expect(throws: MetricRegistryError.self) {
            try registry.register(Info("shop_build_info", help: "What runs.", ["version": "2"]))
        }
    }

    @Test func `a state set shows one series a state`() throws {
        let states = StateSet<Tier>("cache_tier", help: "Tiers in use.", registry: registry)
        try registry.register(states)
        #expect(states.states.isEmpty)
        states.set(to: .disk)
        states.set(.network, true)
        #expect(states.states == [.disk, .network])
        states.set(.disk, false)
        let series = registry["cache_tier"]?.series ?? []
        #expect(series.map(\.labels) == [["cache_tier": "memory"], ["cache_tier": "disk"], ["cache_tier": "network"]])
        #expect(series.map(\.value) == [.number(0), .number(0), .number(1)])
        #expect(text().contains("cache_tier{cache_tier=\"network\"} 1\n"))
    }

    @Test func `families by enumerations show all combinations from the start`() {
        let family = Counter.By2<Outcome, Tier>(
            "lookups_total",
            help: "Look-ups.",
            labels: "outcome",
            "tier",
            registry: registry
        )
        registry.declare(family)
        #expect(registry["lookups_total"]?.series.count == 6)
        family[.hit, .network].increment()
        family[.miss, .memory].increment(by: 5)
        let probe = MetricProbe(registry)
        #expect(probe.value("lookups_total", ["outcome": "hit", "tier": "network"]) == 1)
        #expect(probe.value("lookups_total", ["outcome": "miss", "tier": "memory"]) == 5)
        #expect(probe.value("lookups_total", ["outcome": "miss", "tier": "disk"]) == 0)
        let gauge = Gauge.By<Only>("depth", help: "Depth.", labels: "which", registry: registry)
        gauge[.one].set(to: 3)
        #expect(probe.value("depth", ["which": "one"]) == 3)
        let histogram = Histogram.By<Tier>("size", help: "Size.", labels: "tier", buckets: [1, 2], registry: registry)
        for tier in Tier.allCases { histogram[tier].observe(1.5) }
        #expect(probe.histogram("size", ["tier": "network"])?.buckets.map(\.cumulativeCount) == [0, 1, 1])
    }

    @Test func `a family by enumerations is found again by another handle`() throws {
        let first = Counter.By<Outcome>("lookups_total", help: "Look-ups.", labels: "outcome", registry: registry)
        let second = Counter.By<Outcome>("lookups_total", help: "Look-ups.", labels: "outcome", registry: registry)
        try registry.register(first)
        first[.miss].increment()
        second[.miss].increment()
        #expect(first[.miss].value == 2)
    }

    @Test func `a family by enumerations that can't be counts nothing`() {
        let wrong = Counter.By<Wrong>("wrong_total", help: "Wrong.", labels: "a", registry: registry)
        wrong[.a].increment()
        #expect(throws: MetricRegistryError.self) { try registry.register(wrong) }
        let small = MetricRegistry(seriesLimit: 3) { _ in }
        let large = Counter.By2<Outcome, Tier>("large_total", help: "Large.", labels: "a", "b", registry: small)
        large[.hit, .disk].increment()
        #expect(large[.hit, .disk].value == 0)
        #expect(registry.problems.count == 1)
        #expect(small.problems.count == 1)
    }

    @Test func `globals register themselves at their first use`() {
        #expect(!MetricRegistry.default.names.contains("kinds_global_total"))
        globalCounter.increment()
        globalFamily["x", "y"].increment(by: 2)
        #expect(globalCounter.value == 1)
        #expect(MetricRegistry.default.names.contains("kinds_global_total"))
        #expect(globalFamily["x", "y"].value == 2)
    }

    @Test func `declaring shows metrics at 0 before their first use`() {
        let counter = Counter("a_total", help: "A.")
        let gauge = Gauge("b", help: "B.")
        let histogram = Histogram("c", help: "C.")
        let summary = Summary("d", help: "D.")
        let timer = Timer("e", help: "E.")
        let native = ExponentialHistogram("f", help: "F.")
        registry.declare(counter, gauge, histogram, summary, timer, native)
        #expect(registry.names == ["a_total", "b", "c", "d", "e_seconds", "f"])
        #expect(registry.gather().count == 6)
        counter.increment()
        #expect(MetricProbe(registry).value("a_total") == 1)
        #expect(MetricRegistry.default["a_total"] == nil)
    }

    @Test func `constant labels stand on each series`() throws {
        let counter = Counter("a_total", help: "A.", constantLabels: ["zone": "b\"1"], registry: registry)
        counter.increment()
        #expect(MetricProbe(registry).value("a_total", ["zone": "b\"1"]) == 1)
        #expect(text().contains("a_total{zone=\"b\\\"1\"} 1\n"))
        #expect(throws: MetricRegistryError.self) {
            try registry.register(Counter("b_total", help: "B.", constantLabels: ["9": "x"]))
        }
    }
}
