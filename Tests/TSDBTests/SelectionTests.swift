import MartletCore
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

@Suite("Selections of the store")
struct SelectionTests {
    let directory = TemporaryDirectory()

    /// Answers from `select` alone, as sources do that know no better.
    private struct Plain: SeriesSource {
        let store: TimeSeriesStore

        func select(
            _ matchers: [LabelMatcher],
            in range: ClosedRange<Int64>,
            limit: SelectionLimit
        ) throws(SeriesError) -> [Series] { try store.select(matchers, in: range, limit: limit) }

        func labelSets(
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [LabelSet] { [] }

        func labelNames(
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [String] { [] }

        func labelValues(
            of name: String,
            matching selectors: [[LabelMatcher]],
            in range: ClosedRange<Int64>,
            limit: Int
        ) throws(SeriesError) -> [String] { [] }
    }

    /// A store with series of all kinds, part of them in segments and part in memory, and what was put into it.
    private func filled(
        _ generator: inout SeededGenerator
    ) throws -> (store: TimeSeriesStore, written: [LabelSet: [(time: Int64, value: Double)]]) {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        var written: [LabelSet: [(time: Int64, value: Double)]] = [:]
        let sets = (0..<60).map { index -> LabelSet in
            index % 7 == 0
                ? ["__name__": "b", "Zone": "\(index % 2)", "i": "\(index)"]
                : ["__name__": index % 2 == 0 ? "a" : "c", "dc": "\(index % 3)", "i": "\(index)"]
        }
        for step in 0..<300 {
            var batch: [IncomingSample] = []
            for (index, labels) in sets.enumerated() where step % 50 > index % 50 || index % 4 == 0 {
                let time = clock.millisecondsSinceEpoch + (index % 5 == 0 ? Int64(index) : 0)
                let value: Double =
                    switch (index % 6, Int.random(in: 0..<25, using: &generator)) {
                    case (_, 0): StaleMarker.value
                    case (0, _): 7
                    case (1, _): Double(step * index)
                    case (2, _): Double.random(in: 0..<1, using: &generator)
                    case (3, _): Double(step % 40)
                    default: Double(Int.random(in: 0..<100_000, using: &generator)) / 100
                    }
                batch.append(IncomingSample(labels: labels, timestamp: time, value: value))
                written[labels, default: []].append((time, value))
            }
            try store.append(batch)
            if step == 100 || step == 170 { try store.sealAll() }
            clock.advance(by: .seconds(15))
        }
        return (store, written)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `every range of a series comes out as it was written`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (store, written) = try filled(&generator)
        for _ in 0..<60 {
            let from = noon + Int64.random(in: -60_000..<4_500_000, using: &generator)
            let range = from...(from + Int64.random(in: 0..<3_000_000, using: &generator))
            let found = try store.select([], in: range)
            #expect(found.map(\.labels) == found.map(\.labels).sorted())
            let wanted = written.mapValues { $0.filter { range.contains($0.time) } }.filter { !$0.value.isEmpty }
            #expect(found.count == wanted.count)
            for series in found {
                let samples = try #require(wanted[series.labels])
                #expect(series.timestamps == samples.map(\.time))
                #expect(series.values.map(\.bitPattern) == samples.map(\.value.bitPattern))
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `counts and summaries are those worked out from whole columns`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (store, _) = try filled(&generator)
        let plain = Plain(store: store)
        let groupings: [SeriesGrouping] = [
            .by([]), .by(["__name__"]), .by(["dc", "__name__"]), .without(["i"]), .by(["i", "Zone"]), .without([]),
        ]
        for (round, grouping) in (groupings + groupings).enumerated() {
            let end = noon + Int64.random(in: 0..<4_600_000, using: &generator)
            let windows = WindowSequence(
                firstEnd: end - 900_000,
                step: 300_000,
                count: round % 3 == 0 ? 1 : 7,
                span: Int64.random(in: 1..<400_000, using: &generator)
            )
            let matchers = round % 2 == 0 ? [] : [LabelMatcher("__name__", .notEqual, "c")]
            let (limit, range) = (SelectionLimit(), (end - 300_000)...end)
            #expect(
                try store.counts(matchers, windows, by: grouping, limit: limit)
                    == plain.counts(matchers, windows, by: grouping, limit: limit)
            )
            #expect(
                try store.counts(matchers, in: range, by: grouping, limit: limit)
                    == plain.counts(matchers, in: range, by: grouping, limit: limit)
            )
            let latest = try store.latest(matchers, in: range, limit: limit)
            let expected = try plain.latest(matchers, in: range, limit: limit)
            #expect(latest.map(\.labels) == expected.map(\.labels))
            #expect(latest.map(\.timestamp) == expected.map(\.timestamp))
            #expect(latest.map(\.value.bitPattern) == expected.map(\.value.bitPattern))
            #expect(
                try store.windows(matchers, windows, limit: limit).filter { $0.summaries.contains { $0.count > 0 } }
                    == plain.windows(matchers, windows, limit: limit).filter { $0.summaries.contains { $0.count > 0 } }
            )
        }
    }

    @Test func `series are handed over one by one, apart or by group, until told to stop`() throws {
        var generator = SeededGenerator(seed: 4)
        let (store, _) = try filled(&generator)
        let range = (noon + 1_000_000)...(noon + 3_000_000)
        let all = try store.select([], in: range)
        for source in [store, Plain(store: store)] as [any SeriesSource] {
            var samples: [Int: [[Double]]] = [:]
            let apart = try source.forEachSeries([], in: range, by: nil, limit: .init()) { place, series in
                #expect(series.labels.isEmpty)
                samples[place, default: []].append(series.values)
                return true
            }
            #expect(samples.keys.sorted().map { apart[$0] } == all.map(\.labels))
            #expect(samples.values.allSatisfy { $0.count == 1 })
            #expect(
                samples.keys.sorted().map { samples[$0]?.first?.map(\.bitPattern) }
                    == all.map { $0.values.map(\.bitPattern) }
            )

            var sizes: [Int: Int] = [:]
            let groups = try source.forEachSeries([], in: range, by: .by(["dc"]), limit: .init()) { place, series in
                sizes[place, default: 0] += series.values.count
                return true
            }
            #expect(groups == [[:], ["dc": "0"], ["dc": "1"], ["dc": "2"]])
            for (place, group) in groups.enumerated() {
                let wanted = all.filter { $0.labels.keeping(["dc"]) == group }.reduce(0) { $0 + $1.values.count }
                #expect(sizes[place] == wanted)
            }

            var calls = 0
            _ = try source.forEachSeries([], in: range, by: nil, limit: .init()) { _, _ in
                calls += 1
                return calls < 5
            }
            #expect(calls == 5)
        }
        #expect(throws: SeriesError.self) {
            _ = try store.forEachSeries([], in: range, by: nil, limit: .init(samples: 100)) { _, _ in true }
        }
        #expect(throws: SeriesError.self) {
            _ = try store.counts([], in: range, by: .by([]), limit: .init(series: 10))
        }
    }

    @Test func `the end of a run is read without its beginning`() throws {
        var generator = SeededGenerator(seed: 5)
        let codec = ChunkCodec()
        for round in 0..<200 {
            let count = Int.random(in: 1...600, using: &generator)
            var sum = 0
            let values = (0..<count).map { place -> Double in
                sum += Int.random(in: 0..<1 << Int.random(in: 0...12, using: &generator), using: &generator)
                return switch round % 9 {
                case 0: Double(sum)
                case 1: Double(-sum) / 8
                case 2: Double(place * place)
                case 3: .random(in: 0..<1, using: &generator)
                case 4: 3.25
                case 5: Double(.random(in: 0..<1000, using: &generator) * 4096)
                case 6: Double(.random(in: 0..<60, using: &generator) * 25) / 100
                case 7: Double(sum * 1024)
                default: Double(sum + place * 100_000)
                }
            }
            let writer = ByteWriter()
            codec.encode(values.span, to: writer)
            let from = Int.random(in: 0..<count, using: &generator)
            var (at, read) = (0, [Double]())
            let isWhole = codec.decode(writer.array.span, &at, count: count, from: from, into: &read)
            #expect(isWhole)
            #expect(read == Array(values[from...]))
            let last = ChunkCodec.last(writer.array.span, at: 0)
            #expect(last == values.last)
            let isWithout = ChunkCodec.isWithoutStaleMarkers(writer.array.span, at: 0)
            #expect(isWithout)
            let marked = ByteWriter()
            codec.encode((values + [StaleMarker.value]).span, to: marked)
            let isMarkedWithout = ChunkCodec.isWithoutStaleMarkers(marked.array.span, at: 0)
            #expect(!isMarkedWithout)
        }
    }
}
