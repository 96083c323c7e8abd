@testable import MartletAlerting
import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import Testing

/// Holds the evaluator inside of services against the query engine.
@Suite("Conditions without a server")
struct EvaluatorParityTests {
    struct Source: SeriesSource {
        let series: [Series]

        func select(
            _ matchers: [LabelMatcher],
            in range: ClosedRange<Int64>,
            limit: SelectionLimit
        ) throws(SeriesError) -> [Series] {
            series.compactMap { series in
                guard matchers.allSatisfy({ $0.matches(series.labels) }) else { return nil }
                let places = series.timestamps.indices.filter { range.contains(series.timestamps[$0]) }
                guard !places.isEmpty else { return nil }
                return Series(
                    labels: series.labels,
                    timestamps: places.map { series.timestamps[$0] },
                    values: places.map { series.values[$0] }
                )
            }
        }

        func labelSets(matching: [[LabelMatcher]], in range: ClosedRange<Int64>, limit: Int) throws(SeriesError)
            -> [LabelSet]
        { [] }
        func labelNames(matching: [[LabelMatcher]], in range: ClosedRange<Int64>, limit: Int) throws(SeriesError)
            -> [String]
        { [] }
        func labelValues(of name: String, matching: [[LabelMatcher]], in range: ClosedRange<Int64>, limit: Int)
            throws(SeriesError) -> [String]
        { [] }
    }

    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 16) ^ (state << 32)
        }
    }

    static let conditions: [Condition] = {
        let a = SeriesSelector("a_total")
        let b = SeriesSelector("b_total")
        let gauge = SeriesSelector("depth")
        let window = Duration.seconds(120)
        var conditions: [Condition] = Measure.Over.allCases.map {
            .compare(.over($0, a, window: window), .greaterThan, 0.1)
        }
        conditions += ComparisonOperator.allCases.map { .compare(.latest(gauge), $0, 5) }
        conditions += [
            .compare(.share(of: a, in: b, window: window), .greaterThan, 0.2),
            .compare(.fold(.maximum, .latest(gauge)), .greaterThan, 1),
            .compare(.usage(gauge, of: SeriesSelector("limit")), .greaterThan, 0.1),
            .compare(.arithmetic(.number(1), .minus, .latest(gauge)), .lessThan, 0),
            .compare(.arithmetic(.latest(gauge), .times, .number(2)), .greaterThan, 3),
            .compare(.either(.latest(gauge), .latest(SeriesSelector("limit"))), .greaterThan, 2),
            .compare(.latest(SeriesSelector("depth", labels: ["part": "1"])), .greaterThan, 0),
            .compare(.quantile(0.9, metric: "wait_seconds", window: window), .greaterThan, 0),
            .absent(SeriesSelector("nothing", labels: ["part": "1"]), window: window), .absent(gauge, window: window),
        ]
        return conditions
    }()

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `gives what PromQL gives for the same samples`(seed: UInt64) throws {
        var random = Random(state: seed)
        var history = SampleHistory(seriesMax: 1000, samplesMax: 1000)
        history.keep(Self.conditions)
        var stored: [LabelSet: Series] = [:]
        var counts: [LabelSet: Double] = [:]
        var time: Int64 = 1_800_000_000_000
        for _ in 0..<60 {
            var samples: [(labels: LabelSet, value: Double)] = []
            for part in 0..<3 where Int.random(in: 0..<10, using: &random) > 0 {
                for name in ["a_total", "b_total"] {
                    let labels: LabelSet = ["__name__": name, "part": "\(part)"]
                    let isReset = Int.random(in: 0..<20, using: &random) == 0
                    counts[labels] =
                        isReset ? 0 : counts[labels, default: 0] + Double(Int.random(in: 0..<9, using: &random))
                    samples.append((labels, counts[labels] ?? 0))
                }
                samples.append(
                    (["__name__": "depth", "part": "\(part)"], Double(Int.random(in: 0..<10, using: &random)))
                )
                samples.append(
                    (["__name__": "limit", "part": "\(part)"], Double(Int.random(in: 0..<3, using: &random)))
                )
            }
            var total = 0.0
            for bound in ["0.1", "1", "+Inf"] {
                let labels: LabelSet = ["__name__": "wait_seconds_bucket", "le": bound]
                total += Double(Int.random(in: 0..<5, using: &random))
                counts[labels, default: 0] += total
                samples.append((labels, counts[labels] ?? 0))
            }
            history.take(samples, at: time)
            for (labels, value) in samples {
                var series = stored[labels] ?? Series(labels: labels)
                series.timestamps.append(time)
                series.values.append(value)
                stored[labels] = series
            }
            time += Int64.random(in: 8000..<12_000, using: &random)
        }
        let engine = QueryEngine(patterns: RE2Patterns())
        let source = Source(series: Array(stored.values))
        for condition in Self.conditions {
            for at in [time - 20_000, time, time + 61_000] {
                let own = ConditionEvaluator(history, at: at).elements(of: condition)
                let text = Self.text(own.map { ($0.labels, $0.value) })
                let result = try engine.instant(condition.description, at: at, from: source)
                var theirs: [(LabelSet, Double)] = []
                switch result.value {
                case .vector(let samples): theirs = samples.map { ($0.labels, $0.value) }
                case .scalar(let sample): theirs = [(.empty, sample.value)]
                default: Issue.record("unexpected kind of result")
                }
                #expect(text == Self.text(theirs), "seed \(seed): \(condition) at \(at)")
            }
        }
    }

    private static func text(_ samples: [(LabelSet, Double)]) -> [String] {
        samples.map { labels, value in
            "\(labels) \(FloatText.shortest((value * 1e6).rounded() / 1e6))"
        }.sorted()
    }

    @Test func `keeps only what conditions look at and within its bounds`() {
        var history = SampleHistory(seriesMax: 2, samplesMax: 3)
        let condition = Condition.compare(.latest(SeriesSelector("kept")), .greaterThan, 0)
        history.keep([condition])
        for time in 0..<10 {
            history.take(
                (0..<3).map { (["__name__": "kept", "n": "\($0)"], 1) } + [(["__name__": "other"], 1)],
                at: Int64(time) * 1000
            )
        }
        #expect(history.seriesCount == 2)
        #expect(history.dropped == 10)
        #expect(history.points(SeriesSelector("kept"), window: 100_000, at: 9000).allSatisfy { $0.points.count <= 4 })
        #expect(history.points(SeriesSelector("other"), window: 100_000, at: 9000).isEmpty)
        history.take([], at: 1_000_000)
        #expect(history.seriesCount == 0)
        history.keep([])
        #expect(history.windows.isEmpty)
    }
}
