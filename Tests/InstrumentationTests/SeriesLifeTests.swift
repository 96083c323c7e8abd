import MartletCore
import MartletExposition
import MartletMetrics
import MartletTestKit
import Testing

@Suite("Removal, expiry and limits of series")
struct SeriesLifeTests {
    let clock = ManualClock(milliseconds: 1_000_000)
    let registry: MetricRegistry

    init() {
        registry = MetricRegistry(clock: clock) { _ in }
    }

    private func text() -> String {
        String(decoding: ExpositionRenderer(.text).render(registry), as: UTF8.self)
    }

    @Test func `a removed series is gone, and comes back from 0`() {
        let family = Counter.Family("jobs_total", help: "Jobs.", labels: "queue", registry: registry).resolved
        for queue in ["a", "b", "c"] { family[queue].increment(by: 5) }
        let kept = family["b"]
        _ = text()
        #expect(family.remove("b"))
        #expect(!family.remove("b"))
        #expect(!family.remove("a", "b"))
        kept.increment()
        #expect(
            text()
                == "# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{queue=\"a\"} 5\njobs_total{queue=\"c\"} 5\n"
        )
        family["b"].increment()
        family["a"].increment()
        #expect(
            MetricProbe(registry).differences(from: [
                "jobs_total{queue=\"a\"}": 6, "jobs_total{queue=\"b\"}": 1, "jobs_total{queue=\"c\"}": 5,
            ]) == []
        )
        #expect(family.count == 3)
    }

    @Test func `removing makes room below the limit`() {
        let family = Counter.Family("jobs_total", help: "Jobs.", labels: "a", seriesLimit: 2, registry: registry)
            .resolved
        for value in ["1", "2", "3"] { family[value].increment() }
        #expect(family.remove("1"))
        family["3"].increment(by: 7)
        #expect(
            MetricProbe(registry).differences(from: [
                "jobs_total{a=\"2\"}": 1, "jobs_total{a=\"3\"}": 7, "jobs_total{a=\"other\"}": 1,
            ]) == []
        )
    }

    @Test func `removing many in any order keeps the others`() {
        let family = Gauge.Family("value", help: "Value.", labels: "n", registry: registry).resolved
        var expected: [String: Double] = [:]
        var generator = SplitMix(seed: 5)
        for step in 0..<3000 {
            let name = "\(generator.next() % 200)"
            if generator.next() % 3 == 0 {
                #expect(family.remove(name) == (expected.removeValue(forKey: name) != nil), "seed 5")
            } else {
                family[name].set(to: step)
                expected[name] = Double(step)
            }
        }
        let series = registry["value"]?.series ?? []
        let found = Dictionary(uniqueKeysWithValues: series.map { ($0.labels["n"] ?? "", $0.value.number ?? -1) })
        #expect(found == expected)
    }

    @Test func `a series that does not change expires, one that does stays`() {
        let family = Counter.Family("seen_total", help: "Seen.", labels: "ip", expiry: .seconds(60), registry: registry)
            .resolved
        family["1"].increment(by: 3)
        family["2"].increment(by: 4)
        _ = registry.gather()
        for _ in 0..<7 {
            clock.advance(by: .seconds(20))
            family["2"].increment()
            _ = registry.gather()
        }
        #expect(registry["seen_total"]?.series.map(\.labels) == [["ip": "2"]])
        // Its cell is given on, cleared.
        clock.advance(by: .seconds(20))
        family["3"].increment()
        family["1"].increment(by: 2)
        #expect(
            MetricProbe(registry).differences(from: [
                "seen_total{ip=\"1\"}": 2, "seen_total{ip=\"2\"}": 11, "seen_total{ip=\"3\"}": 1,
            ]) == []
        )
        #expect(text().contains("seen_total{ip=\"3\"} 1\n"))
    }

    @Test func `cells of expired histograms and gauges start anew`() throws {
        let histogram = try registry.register(
            histogram: "size",
            help: "S.",
            labels: ["a"],
            buckets: [1],
            expiry: .seconds(4)
        )
        let gauge = try registry.register(gauge: "depth", help: "D.", labels: ["a"], expiry: .seconds(4))
        let counter = try registry.register(counter: "half_total", help: "H.", labels: ["a"], expiry: .seconds(4))
        for round in 0..<8 {
            histogram["\(round)"].observe(0.5)
            gauge["\(round)"].increment(by: 2)
            counter["\(round)"].increment(by: 0.5)
            for _ in 0..<6 {
                _ = registry.gather()
                clock.advance(by: .seconds(1))
            }
            let probe = MetricProbe(registry)
            histogram["\(round)x"].observe(0.25)
            gauge["\(round)x"].increment()
            counter["\(round)x"].increment(by: 0.25)
            #expect(probe.histogram("size", ["a": "\(round)x"])?.sum == 0.25)
            #expect(probe.histogram("size", ["a": "\(round)x"])?.buckets.map(\.cumulativeCount) == [1, 1])
            #expect(probe.value("depth", ["a": "\(round)x"]) == 1)
            #expect(probe.value("half_total", ["a": "\(round)x"]) == 0.25)
        }
        #expect(registry.seriesCount < 24)
    }

    @Test func `a registry has a limit for all families together`() {
        let small = MetricRegistry(totalSeriesLimit: 5, metricsLimit: 3) { _ in }
        let one = Counter.Family("one_total", help: "One.", labels: "a", registry: small)
        let two = Counter.Family("two_total", help: "Two.", labels: "a", registry: small)
        for number in 0..<4 {
            one["\(number)"].increment()
            two["\(number)"].increment()
        }
        #expect(small.seriesCount == 5)
        let all = small.gather().filter { !$0.name.hasPrefix("martlet") }.flatMap(\.series)
        #expect(all.reduce(0) { $0 + ($1.value.number ?? 0) } == 8)
        Gauge("three", help: "Three.", registry: small).set(to: 1)
        Gauge("four", help: "Four.", registry: small).set(to: 1)
        #expect(small.problems == [.tooManyMetrics(metric: "four", limit: 3)])
    }

    @Test func `survives a million label combinations in bounded memory`() {
        let family = Counter.Family("users_total", help: "Users.", labels: "user", registry: registry).resolved
        let count = 1_000_000
        for number in 0..<count { family["\(number)"].increment() }
        let series = registry["users_total"]?.series ?? []
        #expect(series.count == 10_001)
        #expect(series.reduce(0) { $0 + ($1.value.number ?? 0) } == Double(count))
    }

    @Test(arguments: [
        "say \"hi\"", "two\nlines", "back\\slash", "\u{FFFD}", "\0", "ünïcödé 🐦", String(repeating: "x", count: 4096),
    ])
    func `keeps any label value`(value: String) throws {
        let family = Counter.Family("odd_total", help: "Odd.", labels: "v", registry: registry).resolved
        family[value].increment()
        #expect(registry["odd_total"]?.series.first?.labels["v"] == value)
        var parser = ExpositionParser(Array(text().utf8), format: .text)
        var found: [String] = []
        while let entry = try parser.next() {
            if case .sample(let sample) = entry { found.append(parser.labels(of: sample)["v"] ?? "") }
        }
        #expect(found == [value])
    }

    @Test func `folds a text of a mebibyte`() {
        let family = Counter.Family("odd_total", help: "Odd.", labels: "a", "b", registry: registry).resolved
        family[String(repeating: "x", count: 1 << 20), "b"].increment()
        family["a", String(repeating: "y", count: 1 << 20)].increment()
        family["a", "b"].increment()
        #expect(MetricProbe(registry).value("odd_total", ["a": "other", "b": "other"]) == 2)
    }

    @Test func `writes the same in columns as in series`() {
        var generator = SplitMix(seed: 3)
        let counters = Counter.Family("c_total", help: "C.", unit: .bytes, labels: "b", "a", registry: registry)
        let gauges = Gauge.Family("g", help: "G \\ \n.", labels: "a", registry: registry)
        let histograms = Histogram.Family("h_seconds", help: "H.", labels: "a", buckets: [0.1, 1], registry: registry)
        let summary = Summary("s", help: "S.", registry: registry)
        let plain = Histogram("p", help: "P.", buckets: [5], registry: registry)
        for step in 0..<500 {
            let (one, two) = ("v\(generator.next() % 20)", ["", "\"", "x"][step % 3])
            counters[one, two].increment(by: step % 7)
            counters[one, two].increment(by: step % 50 == 0 ? 0.25 : 1)
            gauges[one].set(to: Double(bitPattern: generator.next()))
            histograms[two].observe(Double(generator.next() % 20) / 10)
            plain.observe(Double(step))
            summary.observe(Double(step))
            gauges["nan"].set(to: .nan)
            gauges["minus"].set(to: -0.0)
            gauges["large"].set(to: 1e15)
        }
        registry.declare(Info("build_info", help: "B.", ["v": "1"]))
        registry.add(collector: MetricsCollector("other"))
        let renderer = ExpositionRenderer(.text)
        let columns = String(decoding: renderer.render(registry), as: UTF8.self)
        let series = String(decoding: renderer.render(registry.gather()), as: UTF8.self)
        #expect(columns == series, "seed 3")
        #expect(registry.gatherBlocks().map(\.name) == registry.gather().map(\.name))
    }
}
