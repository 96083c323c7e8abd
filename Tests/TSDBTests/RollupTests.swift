import Foundation
import MartletCore
import MartletFiles
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

@Suite("Roll-ups")
struct RollupTests {
    let directory = TemporaryDirectory()
    private static let hour: Int64 = 3_600_000
    private static let minute: Int64 = 60_000

    private func append(_ store: TimeSeriesStore, _ name: String, _ time: Int64, _ value: Double) throws {
        try store.append([IncomingSample(labels: ["__name__": name], timestamp: time, value: value)])
    }

    private func select(_ store: TimeSeriesStore, _ name: String, _ range: ClosedRange<Int64>) throws -> Series? {
        try store.select([LabelMatcher("__name__", .equal, name)], in: range).first
    }

    @Test func `raw, hourly and daily tiers are kept as long as they should be`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        for step in 0..<(34 * 24) {
            let now = noon + Int64(step) * Self.hour
            clock.set(milliseconds: now)
            try append(store, "temperature", now, Double(step % 24))
            if step % 6 == 5 { store.maintain() }
        }
        store.maintain()
        let now = clock.millisecondsSinceEpoch
        let day = 24 * Self.hour
        let all = try #require(try select(store, "temperature", .min ... .max))
        func count(_ from: Int64, _ to: Int64) -> Int { all.timestamps.count { $0 > now - from && $0 <= now - to } }
        #expect(count(day, 0) == 24)
        #expect(count(6 * day, day) == 5 * 24)
        #expect(count(29 * day, 8 * day) == 21)
        #expect(count(.max, 31 * day) == 0)
        #expect(store.coarsestStep(in: (now - 23 * Self.hour)...now) == nil)
        #expect(store.coarsestStep(in: (now - 6 * day)...now) == Self.hour)
        #expect(store.coarsestStep(in: (now - 20 * day)...now) == day)
        let daily = try store.rollups(
            [LabelMatcher("__name__", .equal, "temperature")],
            in: (now - 20 * day)...(now - 10 * day),
            limit: SelectionLimit()
        )
        #expect(daily.map(\.step) == [day])
        #expect(daily.first?.counts.allSatisfy { $0 == 24 } == true)
        #expect(daily.first?.minima.allSatisfy { $0 == 0 } == true)
        #expect(daily.first?.maxima.allSatisfy { $0 == 23 } == true)
        #expect(daily.first?.sums.allSatisfy { $0 == 276 } == true)
        let before = try store.everything()
        try store.close()
        #expect(try openStore(directory, clock: clock).everything() == before)
    }

    @Test func `what a counter gained survives its resets`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        var generator = SeededGenerator(seed: 4)
        var (value, gained) = (0.0, 0.0)
        for step in 0..<(30 * 60) {
            let now = noon + Int64(step) * Self.minute
            clock.set(milliseconds: now)
            if Int.random(in: 0..<200, using: &generator) == 0 {
                value = 0
            } else if step > 0 {
                let more = Double(Int.random(in: 1...9, using: &generator))
                value += more
                if step > 0, step <= 6 * 60 { gained += more }
            }
            try append(store, "requests_total", now, value)
            if step % 60 == 0 { store.maintain() }
        }
        clock.advance(by: .seconds(20 * 3600))
        store.maintain()
        let now = clock.millisecondsSinceEpoch
        #expect(store.coarsestStep(in: noon...(noon + 6 * Self.hour)) == Self.hour)
        let series = try #require(try select(store, "requests_total", noon...(noon + 6 * Self.hour)))
        var increase = 0.0
        for (before, after) in zip(series.values, series.values.dropFirst()) {
            increase += after < before ? after : after - before
        }
        #expect(increase == gained)
        #expect(now > noon)
    }

    @Test func `a quantile of an hour from rolled-up buckets is that of raw ones`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        let bounds = ["0.1", "0.5", "1", "+Inf"]
        var counts = [0.0, 0, 0, 0]
        var generator = SeededGenerator(seed: 9)
        for step in 0...(26 * 60) {
            let now = noon + Int64(step) * Self.minute
            clock.set(milliseconds: now)
            for _ in 0..<20 {
                let observed = Double.random(in: 0...1.1, using: &generator)
                for (place, bound) in [0.1, 0.5, 1, .infinity].enumerated() where observed <= bound {
                    counts[place] += 1
                }
            }
            try store.append(
                zip(bounds, counts).map { bound, count in
                    IncomingSample(labels: ["__name__": "d_bucket", "le": bound], timestamp: now, value: count)
                }
            )
            if step % 30 == 0 { store.maintain() }
        }
        func share(_ from: Int64, _ to: Int64) throws -> [Double] {
            try store.select([LabelMatcher("__name__", .equal, "d_bucket")], in: from...to).map { series in
                (series.values.last ?? 0) - (series.values.first ?? 0)
            }
        }
        let raw = try share(noon + 4 * Self.hour, noon + 5 * Self.hour)
        clock.advance(by: .seconds(10 * 3600))
        store.maintain()
        let rolled = try share(noon + 4 * Self.hour, noon + 5 * Self.hour)
        #expect(store.coarsestStep(in: (noon + 4 * Self.hour)...(noon + 5 * Self.hour)) == Self.hour)
        #expect(rolled == raw)
        #expect(raw.allSatisfy { $0 > 0 })
    }

    @Test func `native histograms are thinned to the last of each hour`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        for step in 0..<(8 * 4) {
            let now = noon + Int64(step) * 15 * Self.minute
            clock.set(milliseconds: now)
            let histogram = NativeHistogram(schema: 0, count: Double(step), sum: Double(step))
            try store.append([IncomingSample(labels: ["__name__": "h"], timestamp: now, histogram: histogram)])
        }
        clock.advance(by: .seconds(26 * 3600))
        store.maintain()
        let series = try #require(try select(store, "h", noon...(noon + 4 * Self.hour)))
        #expect(series.histograms.map { $0?.count } == [0, 4, 8, 12, 16])
    }

    @Test func `deleted samples are gone from roll-ups too`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        for step in 0..<8 {
            clock.set(milliseconds: noon + Int64(step) * Self.hour)
            try append(store, "a", clock.millisecondsSinceEpoch, 1)
            try append(store, "b", clock.millisecondsSinceEpoch, 2)
        }
        clock.advance(by: .seconds(26 * 3600))
        store.maintain()
        try store.deleteSeries(matching: [[LabelMatcher("__name__", .equal, "a")]], in: .min ... .max)
        #expect(try store.everything().map(\.labels.description) == ["b"])
    }

    @Test(arguments: [3_600_000, -3 * 3_600_000, 40 * 86_400_000] as [Int64])
    func `a clock that jumps and comes back deletes nothing`(jump: Int64) throws {
        let clock = ManualClock(milliseconds: noon)
        let steady = ManualClock(milliseconds: 0)
        var configuration = TimeSeriesStore.Configuration(directory: directory.path, durability: .os)
        configuration.seriesIdleMax = .seconds(3600)
        let store = try TimeSeriesStore(
            configuration,
            clock: clock,
            logger: .silent,
            fileSystem: POSIXFileSystem(),
            steadyClock: { steady.millisecondsSinceEpoch }
        )
        func advance(_ seconds: Int) {
            clock.advance(by: .seconds(seconds))
            steady.advance(by: .seconds(seconds))
        }
        for step in 0..<100 {
            try append(store, "m", clock.millisecondsSinceEpoch, Double(step))
            advance(600)
            store.maintain()
        }
        let before = try #require(try select(store, "m", .min ... .max))
        clock.advance(by: .milliseconds(jump))
        for _ in 0..<6 {
            advance(600)
            try? append(store, "n", clock.millisecondsSinceEpoch, 1)
            store.maintain()
        }
        #expect(store.statistics.isClockDoubtful == (jump > 0))
        clock.advance(by: .milliseconds(-jump))
        advance(600)
        store.maintain()
        #expect(try select(store, "m", .min ... .max) == before)
        #expect(store.statistics.segmentsExpired == 0)
    }
}
