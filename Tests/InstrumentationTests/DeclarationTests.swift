import MartletCore
import MartletMetrics
import MartletTestKit
import Testing

private enum Outcome: String, LabelValue { case hit, miss }
private enum Tier: LabelValue { case memory, disk }

/// Every way to declare a metric and to find its series, each with the same rules.
@Suite("Declarations")
struct DeclarationTests {
    private let registry = MetricRegistry { _ in }
    private var probe: MetricProbe { MetricProbe(registry) }

    @Test func `explicit registration of any kind throws where the name is another's, and both places are named`()
        throws
    {
        let line = #line + 1
        let taken = try registry.register(gauge: "taken", help: "T.")
        taken.set(to: 4)
        func refuses(_ metric: borrowing some DeclaredMetric & ~Copyable) -> Bool {
            do {
                try registry.register(metric)
                return false
            } catch {
                return "\(error)".contains("DeclarationTests.swift:\(line)")
            }
        }
        let refusals = [
            refuses(Counter("taken", help: "T.")),
            refuses(Gauge("taken", help: "Other.")),
            refuses(Histogram("taken", help: "T.")),
            refuses(ExponentialHistogram("taken", help: "T.")),
            refuses(Summary("taken", help: "T.")),
            refuses(Info("taken", help: "T.", [:])),
            refuses(StateSet<Outcome>("taken", help: "T.")),
            refuses(Counter.Family("taken", help: "T.", labels: "a")),
            refuses(Counter.By<Outcome>("taken", help: "T.", labels: "a")),
            refuses(Counter.By2<Outcome, Tier>("taken", help: "T.", labels: "a", "b")),
        ]
        #expect(refusals == Array(repeating: true, count: 10))
        let timed = try registry.register(histogram: "work_seconds", help: "W.")
        timed.observe(.milliseconds(500))
        #expect(throws: MetricRegistryError.self) { try registry.register(Timer("work", help: "W.")) }
        #expect(probe.value("taken") == 4)
        #expect(timed.value.sum == 0.5)
    }

    @Test func `explicit registration of any kind gives a handle that counts`() throws {
        let counter = Counter("a_total", help: "A.")
        let gauge = Gauge("b", help: "B.")
        let histogram = Histogram("c", help: "C.", buckets: [1])
        let native = ExponentialHistogram("d", help: "D.")
        let summary = Summary("e", help: "E.")
        let timer = Timer("f", help: "F.")
        let family = Counter.Family("g_total", help: "G.", labels: "x")
        let pairs = Gauge.By2<Outcome, Tier>("h", help: "H.", labels: "outcome", "tier")
        try registry.register(counter)
        try registry.register(gauge)
        try registry.register(histogram)
        try registry.register(native)
        try registry.register(summary)
        try registry.register(timer)
        try registry.register(family)
        try registry.register(pairs)
        counter.increment()
        #expect(gauge.track { gauge.value } == 1)
        histogram.observe(.milliseconds(250))
        native.observe(.milliseconds(250))
        summary.observe(.milliseconds(250))
        timer.record(.milliseconds(250))
        family["y"].increment()
        pairs[.miss, .disk].set(to: 7)
        #expect(registry.names == ["a_total", "b", "c", "d", "e", "f_seconds", "g_total", "h"])
        #expect(probe.value("a_total") == 1)
        #expect(histogram.value.sum == 0.25)
        #expect(native.value.sum == 0.25)
        #expect(summary.value.sum == 0.25)
        #expect(timer.value.sum == 0.25)
        #expect(probe.value("g_total", ["x": "y"]) == 1)
        #expect(probe.value("h", ["outcome": "miss", "tier": "disk"]) == 7)
        #expect(registry["h"]?.series.count == 4)
    }

    @Test func `several handles are declared at once, whatever they are`() {
        let counter = Counter("a_total", help: "A.")
        let family = Histogram.Family("b", help: "B.", labels: "x")
        let pairs = Histogram.By2<Outcome, Tier>("c", help: "C.", labels: "outcome", "tier", buckets: [1, 2])
        let states = StateSet<Tier>("d", help: "D.")
        let typed = Gauge.By<Tier>("e", help: "E.", labels: "tier")
        registry.declare(counter, family, pairs, states)
        registry.declare(counter, family, pairs, states, typed)
        #expect(registry.names == ["a_total", "b", "c", "d", "e"])
        pairs[.hit, .memory].observe(1.5)
        states.set(to: .disk)
        typed[.disk].set(to: 2)
        #expect(
            probe.histogram("c", ["outcome": "hit", "tier": "memory"])?.buckets.map(\.cumulativeCount) == [0, 1, 1]
        )
        #expect(states.states == [.disk])
        #expect(probe.value("e", ["tier": "disk"]) == 2)
    }

    @Test func `texts of the program, of the heap and of any length find the same series`() {
        let one = Counter.Family("one_total", help: "O.", labels: "a", registry: registry)
        let two = Counter.Family("two_total", help: "T.", labels: "a", "b", registry: registry)
        let three = Counter.Family("three_total", help: "T.", labels: "a", "b", "c", registry: registry)
        let short: StaticString = "get"
        let long: StaticString = "a text of the program that is longer than fifteen bytes"
        for fixed in [short, long] {
            let text = fixed.description
            one[fixed].increment()
            one[text].increment()
            one.resolved[fixed].increment()
            one.resolved[text].increment()
            two[fixed, fixed].increment()
            two[text, text].increment()
            two.resolved[fixed, fixed].increment()
            two.resolved[text, text].increment()
            three[fixed, fixed, fixed].increment()
            three[text, text, text].increment()
            three.resolved[fixed, fixed, fixed].increment()
            three.resolved[text, text, text].increment()
            #expect(probe.value("one_total", ["a": text]) == 4)
            #expect(probe.value("two_total", ["a": text, "b": text]) == 4)
            #expect(probe.value("three_total", ["a": text, "b": text, "c": text]) == 4)
        }
        let isRemoved = one.remove("get")
        #expect(isRemoved)
        #expect(registry["one_total"]?.series.count == 1)
        let four = Gauge.Family("four", help: "F.", labels: "a", "b", "c", "d", registry: registry)
        four[labels: ["1", "2", "3", "4"]].set(to: 5)
        #expect(probe.value("four", ["a": "1", "b": "2", "c": "3", "d": "4"]) == 5)
    }

    @Test func `a timer measures what takes time, and hands its series out`() async {
        let timer = Timer("work_ms", help: "W.", registry: registry)
        let series = timer.series
        #expect(timer.measure { 3 } == 3)
        #expect(await timer.measure { () async in 4 } == 4)
        series.record(milliseconds: 1500)
        #expect(registry.names == ["work_seconds"])
        #expect(timer.value.count == 3)
        #expect(series.value.sum >= 1.5)
    }

    @Test func `units are words of the base units`() {
        let units: [MetricUnit] = [.seconds, .bytes, .ratio, .celsius, .volts, .amperes, .joules, .meters, .grams]
        let words = ["seconds", "bytes", "ratio", "celsius", "volts", "amperes", "joules", "meters", "grams"]
        #expect(units.map(\.rawValue) == words)
        let gauge = Gauge("room_celsius", help: "R.", unit: .celsius, registry: registry)
        gauge.set(to: 21)
        #expect(registry["room_celsius"]?.metadata.unit == "celsius")
    }

    @Test func `buckets are the same however they were made`() {
        #expect(HistogramBuckets.linear(from: 1, width: 1, count: 3) == [1, 2, 3])
        #expect(
            Set([
                HistogramBuckets.linear(from: 1, width: 1, count: 3), [1, 2, 3],
                .exponential(from: 1, factor: 2, count: 3),
            ]).count == 2
        )
        #expect(HistogramBuckets.latency != .standard)
    }

    @Test func `a histogram's series estimates quantiles as the histogram does`() {
        let histogram = Histogram("size", help: "S.", buckets: [1, 2], registry: registry)
        for value in [0.5, 1.5, 1.5, 1.5] { histogram.observe(value) }
        #expect(histogram.series.quantile(0.25) == 1)
        #expect(histogram.quantile(0.25) == 1)
    }

    @Test func `a name of a mebibyte or a help text of one is taken or refused, and never breaks a scrape`() throws {
        let name = String(repeating: "n", count: 1 << 20)
        #expect(throws: MetricRegistryError.invalidName(name + "-")) {
            _ = try registry.register(counter: name + "-", help: "N.")
        }
        let counter = try registry.register(counter: "long_help_total", help: String(repeating: "h", count: 1 << 20))
        counter.increment()
        #expect(registry["long_help_total"]?.metadata.help.utf8.count == 1 << 20)
        #expect(probe.value("long_help_total") == 1)
    }

    @Test func `bytes that are no UTF-8 come in as replacement characters`() {
        let broken = String(decoding: [0x66, 0xFF, 0x6F] as [UInt8], as: UTF8.self)
        let family = Counter.Family("odd_total", help: "O.", labels: "a", registry: registry)
        family[broken].increment()
        #expect(probe.value("odd_total", ["a": "f\u{FFFD}o"]) == 1)
    }
}
