import MartletCore
import MartletMetrics
import MartletTestKit
import Testing

@Suite("Summary")
struct SummaryTests {
    let clock = ManualClock(milliseconds: 1_000_000_000)
    let registry: MetricRegistry

    init() {
        registry = MetricRegistry(clock: clock) { _ in }
    }

    private func value(_ name: String) -> SummaryValue? {
        MetricProbe(registry).summary(name)
    }

    private func quantile(_ share: Double, _ name: String = "size") -> Double? {
        value(name)?.quantiles.first { $0.share == share }?.value
    }

    @Test func `tells exact quantiles of few values`() {
        let summary = Summary("size", help: "Size.", registry: registry)
        for number in 1...100 { summary.observe(Double(number)) }
        #expect(quantile(0.5) == 50)
        #expect(quantile(0.95) == 95)
        #expect(quantile(0.99) == 99)
        #expect(value("size")?.sum == 5050)
        #expect(value("size")?.count == 100)
    }

    @Test(arguments: [0.01, 0.05])
    func `keeps the stated error of the rank, whatever the order`(rankError: Double) {
        let shares = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 1]
        let count = 200_000
        var generator = SplitMix(seed: 7)
        let shuffled = (0..<count).map { Double($0) }.shuffled(using: &generator)
        let orders: [(String, [Double])] = [
            ("up", (0..<count).map { Double($0) }), ("down", (0..<count).reversed().map { Double($0) }),
            ("shuffled", shuffled),
        ]
        for (name, values) in orders {
            let summary = Summary(
                "size_\(name)",
                help: "Size.",
                settings: SummarySettings(quantiles: shares, rankError: rankError),
                registry: registry
            )
            for value in values { summary.observe(value) }
            for share in shares {
                let found = quantile(share, "size_\(name)") ?? .nan
                #expect(abs(found / Double(count) - share) <= rankError + 1e-5, "\(name) \(share) seed 7")
            }
        }
    }

    @Test func `forgets what is older than the window`() {
        let settings = SummarySettings(quantiles: [1], window: .seconds(50))
        let summary = Summary("size", help: "Size.", settings: settings, registry: registry)
        summary.observe(100)
        clock.advance(by: .seconds(30))
        summary.observe(7)
        #expect(quantile(1) == 100)
        clock.advance(by: .seconds(25))
        #expect(quantile(1) == 7)
        clock.advance(by: .seconds(60))
        #expect(quantile(1)?.isNaN == true)
        summary.observe(3)
        #expect(quantile(1) == 3)
        #expect(value("size")?.count == 3)
        #expect(value("size")?.sum == 110)
    }

    @Test func `refuses what is no number`() {
        let summary = Summary("size", help: "Size.", registry: registry)
        summary.observe(.nan)
        summary.observe(.infinity)
        #expect(value("size")?.count == 1)
        #expect(MetricProbe(registry).value("martlet_metric_calls_refused_total") == 1)
    }

    @Test func `has a series for each combination of label values`() {
        let family = Summary.Family("wait_seconds", help: "Wait.", unit: .seconds, labels: "queue", registry: registry)
        family["in"].observe(1)
        family["in"].observe(.milliseconds(3000))
        family["out"].observe(2)
        #expect(MetricProbe(registry).summary("wait_seconds", ["queue": "in"])?.sum == 4)
        #expect(family["out"].value(at: clock.millisecondsSinceEpoch).count == 1)
        #expect(family.count == 2)
    }

    @Test(arguments: [
        SummarySettings(quantiles: [1.5]), SummarySettings(quantiles: [0.5, 0.5]), SummarySettings(rankError: 0),
        SummarySettings(window: .milliseconds(10)), SummarySettings(quantiles: (0..<40).map { Double($0) / 40 }),
    ])
    func `refuses settings that cannot be`(settings: SummarySettings) {
        let summary = Summary("size", help: "Size.", settings: settings, registry: registry)
        #expect(throws: MetricRegistryError.self) { try registry.register(summary) }
        summary.observe(1)
        #expect(registry.problems.count == 1)
        #expect(value("size") == nil)
    }

    @Test func `shows nothing while its registry is off`() {
        let summary = Summary("size", help: "Size.", registry: registry)
        registry.declare(summary)
        registry.isEnabled = false
        summary.observe(1)
        registry.isEnabled = true
        #expect(value("size")?.count == 0)
        #expect(summary.value.count == 0)
    }
}
