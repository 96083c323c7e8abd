import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

/// Tiers of roll-ups as queries see them: the store and the query engine together, on a simulated clock.
@Suite("Queries of tiers")
struct TierTests {
    let directory = TemporaryDirectory()
    private let engine = QueryEngine(patterns: RE2Patterns())
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 3_600_000
    private static let day: Int64 = 24 * hour

    /// The only number of a query at one time, and what was said of it; nil for none.
    private func answer(
        _ query: String,
        _ store: TimeSeriesStore,
        at time: Int64
    ) throws -> (value: Double?, infos: [String]) {
        let result = try engine.instant(query, at: time, from: store)
        guard case .vector(let elements) = result.value else { return (nil, result.infos) }
        #expect(elements.count <= 1)
        return (elements.first?.value, result.infos)
    }

    /// 34 days of a counter that grows by 60 and a gauge that goes from 0 through 5, every ten minutes.
    private func monthOld() throws -> (store: TimeSeriesStore, now: Int64) {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        for step in 1...(34 * 24 * 6) {
            let now = noon + Int64(step) * 10 * Self.minute
            clock.set(milliseconds: now)
            try store.append([
                IncomingSample(labels: ["__name__": "requests_total"], timestamp: now, value: Double(step * 60)),
                IncomingSample(labels: ["__name__": "temperature"], timestamp: now, value: Double(step % 6)),
            ])
            if step % 36 == 0 { store.maintain() }
        }
        store.maintain()
        return (store, clock.millisecondsSinceEpoch)
    }

    @Test func `each tier answers for as long as it is kept, and short windows cover one step`() throws {
        let (store, now) = try monthOld()
        // 23 hours old: raw. 6 days: hourly. 29 days: daily.
        for (age, step, hint) in [
            (23 * Self.hour, nil, nil), (6 * Self.day, Self.hour, "1h"), (29 * Self.day, Self.day, "1d"),
        ] as [(Int64, Int64?, String?)] {
            let time = now - age
            #expect(store.coarsestStep(in: (time - Self.minute)...time) == step)
            let span = step ?? Self.hour
            let samples = Double(span / (10 * Self.minute))
            for (query, wanted) in [
                ("avg_over_time(temperature[1h])", 2.5), ("min_over_time(temperature[1h])", 0),
                ("max_over_time(temperature[1h])", 5), ("sum_over_time(temperature[1h])", 2.5 * samples),
                ("count_over_time(temperature[1h])", samples), ("present_over_time(temperature[1h])", 1),
                ("last_over_time(temperature[1h])", 0), ("temperature", 0), ("delta(temperature[1h])", 0),
                ("sum(rate(requests_total[1h]))", 0.1), ("rate(requests_total[5m])", 0.1),
                ("sum(increase(requests_total[1h])) / \(samples)", 60), ("count(temperature)", 1),
                ("irate(requests_total[30m])", 0.1), ("deriv(requests_total[1h])", 0.1),
            ] where step != nil || (query != "delta(temperature[1h])" && query != "rate(requests_total[5m])") {
                let found = try answer(query, store, at: time)
                let value = try #require(found.value, "\(query) \(age)")
                #expect(abs(value - wanted) < 1e-9 * max(1, wanted), "\(query) \(age) \(value)")
                let isShort = step.map { $0 > Self.hour || query.contains("m]") || !query.contains("[") } ?? false
                #expect(
                    found.infos.contains { $0.contains("roll-ups have a step of \(hint ?? "?")") } == isShort,
                    "\(query) \(age) \(found.infos)"
                )
            }
        }
        // What is older than a tier keeps is gone.
        #expect(try answer("temperature", store, at: now - 32 * Self.day).value == nil)
        #expect(try answer("sum_over_time(temperature[1h])", store, at: now - 32 * Self.day).value == nil)
        // Windows as long as the step have no annotation.
        #expect(try answer("rate(requests_total[2d])", store, at: now - 29 * Self.day).infos == [])
    }

    @Test func `windows across tiers put aggregates and raw samples together`() throws {
        let (store, now) = try monthOld()
        for (query, wanted, error) in [
            ("avg_over_time(temperature[4d])", 2.5, 0.01), ("rate(requests_total[4d])", 0.1, 1e-9),
            ("increase(requests_total[20d])", 20 * 144 * 60, 1), ("max_over_time(temperature[20d])", 5, 0),
            ("min_over_time(temperature[20d])", 0, 0), ("count_over_time(temperature[4d])", 4 * 144, 6),
            ("sum_over_time(temperature[4d])", 4 * 144 * 2.5, 15), ("changes(temperature[2h])", 11, 0),
        ] as [(String, Double, Double)] {
            let value = try #require(try answer(query, store, at: now).value, "\(query)")
            #expect(abs(value - wanted) <= error, "\(query) \(value)")
        }
    }

    @Test func `a range over all tiers has no gaps and the same rate everywhere`() throws {
        let (store, now) = try monthOld()
        for query in ["rate(requests_total[1h])", "sum(rate(requests_total[30m]))", "sum(temperature * 0 + 0.1)"] {
            let start = now - 29 * Self.day
            let result = try engine.range(query, from: start, through: now, step: 7 * Self.hour, from: store)
            guard case .matrix(let series) = result.value else {
                Issue.record("\(query) is no matrix")
                continue
            }
            #expect(series.count == 1)
            #expect(series.first?.values.count == 29 * 24 / 7 + 1)
            #expect(series.first?.values.allSatisfy { abs($0 - 0.1) < 1e-9 } == true, "\(query)")
            #expect(result.infos.count == (query.contains("1h") ? 1 : 2), "\(result.infos)")
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the p95 of an hour from the hourly tier is within five per cent of raw`(seed: UInt64) throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        var generator = SeededGenerator(seed: seed)
        let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, .infinity]
        var counts = [Double](repeating: 0, count: bounds.count)
        for step in 1...(26 * 60) {
            let now = noon + Int64(step) * Self.minute
            clock.set(milliseconds: now)
            let slow = step % 600 < 60 ? 4.0 : 1.0
            for _ in 0..<50 {
                // Lengths like those of requests: most short, some long.
                let observed = 0.04 * slow / (1.001 - Double.random(in: 0..<1, using: &generator))
                for (place, bound) in bounds.enumerated() where observed <= bound { counts[place] += 1 }
            }
            // The process starts anew now and then.
            if step % 437 == 0 { counts = counts.map { _ in 0 } }
            try store.append(
                zip(bounds, counts).map { bound, count in
                    IncomingSample(
                        labels: ["__name__": "d_bucket", "le": bound.isFinite ? "\(bound)" : "+Inf"],
                        timestamp: now,
                        value: count
                    )
                }
            )
            if step % 60 == 0 { store.maintain() }
        }
        let query = "histogram_quantile(0.95, sum by (le) (increase(d_bucket[1h])))"
        let times = (3...14).map { noon + Int64($0) * Self.hour }
        let raw = try times.map { try answer(query, store, at: $0) }
        clock.advance(by: .seconds(16 * 3600))
        store.maintain()
        for (time, raw) in zip(times, raw) {
            #expect(store.coarsestStep(in: (time - Self.hour + 1)...time) == Self.hour)
            let found = try answer(query, store, at: time)
            let (before, after) = (try #require(raw.value), try #require(found.value))
            #expect(abs(after / before - 1) < 0.05, "\(before) \(after)")
            #expect(found.infos == [])
        }
    }
}
