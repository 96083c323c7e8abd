import Foundation
import MartletCore
import MartletFiles
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

@Suite("Ports of the store")
struct PortTests {
    let directory = TemporaryDirectory()

    /// A buffer with the label bytes of some series, and where each is.
    private func buffer(_ sets: [LabelSet]) -> (bytes: [UInt8], ranges: [Range<Int>]) {
        var bytes: [UInt8] = [0xff]
        let ranges = sets.map { set in
            let start = bytes.count
            bytes += LabelBytes.encode(set)
            return start..<bytes.count
        }
        return (bytes, ranges)
    }

    @Test func `columns of known series are predicted, in any order and after a rebuild`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        let sets = (0..<50).map { LabelSet([Label("__name__", "m"), Label("i", "\($0)")]) }
        let (bytes, ranges) = buffer(sets)
        var session = WriteSession(origin: "a")
        var generator = SeededGenerator(seed: 2)
        var batch = SampleBatch()
        for step in 0..<40 {
            batch.removeAll()
            let order = step % 3 == 2 ? Array(0..<50).shuffled(using: &generator) : Array(0..<50)
            for series in order {
                batch.beginSeries(labels: ranges[series])
                batch.add(timestamp: clock.millisecondsSinceEpoch, value: Double(series * 1000 + step))
            }
            let result = try store.append(batch, labels: bytes.span, session: &session)
            #expect(result == AppendResult(appended: 50))
            if step == 20 {
                clock.advance(by: .seconds(4000))
                try store.append((0..<2000).map { IncomingSample("x", i: $0, clock.millisecondsSinceEpoch, 1) })
                clock.advance(by: .seconds(4000))
                try store.sealAll()
                try store.append([IncomingSample("x", clock.millisecondsSinceEpoch, 1)])
                try store.sealAll()
            }
            clock.advance(by: .seconds(1))
        }
        for series in try store.select([LabelMatcher("__name__", .equal, "m")], in: .min ... .max) {
            let index = try #require(series.labels["i"].flatMap { Double($0) })
            #expect(series.values == (0..<40).map { index * 1000 + Double($0) })
        }
    }

    @Test func `label bytes in another order or form are the same series, and bad ones are refused`() throws {
        let store = try openStore(directory)
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        func add(_ labels: [(String, String)]) {
            let start = bytes.count
            for (name, value) in labels { LabelBytes.append(name: name, value: value, to: &bytes) }
            ranges.append(start..<bytes.count)
        }
        add([("__name__", "m"), ("a", "1"), ("b", "2")])
        add([("b", "2"), ("a", "1"), ("__name__", "m")])
        add([("__name__", "m"), ("a", "1"), ("b", "2"), ("c", "")])
        add([("a", "1")])
        add([("__name__", "m"), ("a", "1"), ("a", "2")])
        bytes += [0x0a, 0x7f, 0x0a]
        ranges.append((bytes.count - 3)..<bytes.count)
        ranges.append(bytes.count..<(bytes.count + 10))
        var batch = SampleBatch()
        for (index, range) in ranges.enumerated() {
            batch.beginSeries(labels: range)
            batch.add(timestamp: noon + Int64(index), value: 1)
        }
        var session = WriteSession(origin: "a")
        let result = try store.append(batch, labels: bytes.span, session: &session)
        #expect(result.appended == 3)
        #expect(result.rejections.map(\.index) == [3, 4, 5, 6])
        #expect(result.rejections.allSatisfy { $0.reason == .invalidLabels })
        #expect(try store.everything().map(\.labels.description) == [#"m{a="1", b="2"}"#])
        #expect(batch.labels(of: batch.entry(ofSample: 1), in: bytes.span)?.description == #"m{a="1", b="2"}"#)
    }

    @Test func `targets and metrics have limits of their own`() throws {
        let store = try openStore(directory) {
            $0.seriesOfOriginMax = 3
            $0.seriesOfMetricMax = 4
        }
        func send(_ origin: String, _ metric: String, _ indices: Range<Int>) throws -> [AppendResult.Reason] {
            let (bytes, ranges) = buffer(
                indices.map { LabelSet([Label("__name__", metric), Label("i", "\(origin)\($0)")]) }
            )
            var batch = SampleBatch()
            for range in ranges {
                batch.beginSeries(labels: range)
                batch.add(timestamp: noon, value: 1)
            }
            var session = WriteSession(origin: origin)
            return try store.append(batch, labels: bytes.span, session: &session).rejections.map(\.reason)
        }
        #expect(try send("a", "m", 0..<4) == [.targetSeriesLimit])
        #expect(try send("b", "m", 0..<2) == [.metricSeriesLimit])
        #expect(try send("b", "n", 0..<2) == [])
        #expect(try send("a", "m", 0..<3) == [])
        #expect(store.statistics.rejected == [.targetSeriesLimit: 1, .metricSeriesLimit: 1])
        let noted = store.head.withLock { $0.offenders.entries }
        #expect(noted["series of a target or sender"]?.names == ["a"])
        #expect(noted["series of a metric"]?.names == ["m"])
        store.maintain()
        #expect(store.head.withLock { $0.offenders.isEmpty })
    }

    @Test func `native histograms are stored, sealed, logged and read back`() throws {
        let store = try openStore(directory)
        let labels: LabelSet = ["__name__": "h"]
        let histogram = CodecTests.histogram
        try store.append([
            IncomingSample(labels: labels, timestamp: noon, histogram: histogram),
            IncomingSample(labels: labels, timestamp: noon + 1, value: 3),
            IncomingSample(labels: labels, timestamp: noon + 2, histogram: histogram),
        ])
        let again = try store.append([
            IncomingSample(labels: labels, timestamp: noon, histogram: histogram),
            IncomingSample(labels: labels, timestamp: noon, value: 18.4),
        ])
        #expect(again.rejections == [.init(index: 1, reason: .duplicate)])
        let expected = [
            Series(
                labels: labels,
                timestamps: [noon, noon + 1, noon + 2],
                values: [18.4, 3, 18.4],
                histograms: [histogram, nil, histogram]
            )
        ]
        #expect(try store.everything() == expected)
        store.abandon()
        let reopened = try openStore(directory)
        #expect(try reopened.everything() == expected)
        try reopened.sealAll()
        #expect(try reopened.everything() == expected)
        #expect(try reopened.select([], in: (noon + 1)...(noon + 2)).first?.histograms == [nil, histogram])
        let latest = try reopened.latest([], in: noon...(noon + 9), limit: SelectionLimit())
        #expect(latest.map(\.histogram) == [histogram])
    }

    @Test func `the newest samples and counts come without columns, and agree with them`() throws {
        let store = try openStore(directory) { $0.headSamplesMax = 40 }
        var generator = SeededGenerator(seed: 8)
        for step in 0..<60 {
            try store.append(
                (0..<8).compactMap { index in
                    guard Int.random(in: 0..<3, using: &generator) > 0 else { return nil }
                    let value = Int.random(in: 0..<9, using: &generator) == 0 ? StaleMarker.value : Double(step)
                    return IncomingSample(index % 2 == 0 ? "even" : "odd", i: index, noon + Int64(step), value)
                }
            )
        }
        #expect(store.statistics.segments > 2)
        for _ in 0..<50 {
            let low = noon + Int64.random(in: -5...60, using: &generator)
            let range = low...(low + Int64.random(in: 0...30, using: &generator))
            let points = try store.latest([], in: range, limit: SelectionLimit())
            let expected = try store.select([], in: range)
            #expect(points.map(\.labels) == expected.map(\.labels))
            #expect(points.map(\.timestamp) == expected.map { $0.timestamps.last })
            #expect(points.map(\.value.bitPattern) == expected.map { $0.values.last?.bitPattern })
            let counts = try store.counts([], in: range, by: .by(["__name__"]), limit: SelectionLimit())
            let names = points.filter { !$0.isStale }.compactMap(\.labels.metricName)
            #expect(counts.map(\.count) == Set(names).sorted().map { name in names.count { $0 == name } })
            let without = try store.counts([], in: range, by: .without(["i"]), limit: SelectionLimit())
            #expect(without.map(\.count) == (names.isEmpty ? [] : [names.count]))
        }
        #expect(throws: SeriesError.self) { try store.latest([], in: noon...(.max), limit: SelectionLimit(series: 3)) }
    }

    @Test func `windows tell what rate needs`() throws {
        let store = try openStore(directory)
        let values: [Double] = [1, 5, 2, 4, StaleMarker.value, 9]
        try store.append(values.enumerated().map { IncomingSample(noon + Int64($0.offset) * 10, $0.element) })
        let windows = WindowSequence(firstEnd: noon + 20, step: 30, count: 3, span: 25)
        let found = try store.windows([], windows, limit: SelectionLimit())
        let summaries = try #require(found.first?.summaries)
        #expect(summaries.map(\.count) == [3, 2, 0])
        #expect(summaries[0].firstValue == 1 && summaries[0].lastValue == 2)
        #expect(summaries[0].resets == 1 && summaries[0].resetSum == 5)
        #expect(summaries[1].firstTime == noon + 30 && summaries[1].lastTime == noon + 50)
    }

    @Test func `deleted samples are gone at once and after a restart, and may be written again`() throws {
        let store = try openStore(directory)
        try store.append((0..<10).map { IncomingSample(i: $0 % 2, noon + Int64($0), Double($0)) })
        let first = [LabelMatcher("i", .equal, "0")]
        #expect(try store.deleteSeries(matching: [first], in: (noon + 3)...(noon + 6)) == 1)
        func times(_ store: TimeSeriesStore) throws -> [[Int64]] {
            try store.everything().map { $0.timestamps.map { $0 - noon } }
        }
        #expect(try times(store) == [[0, 2, 8], [1, 3, 5, 7, 9]])
        #expect(try store.deleteSeries(matching: [first], in: .min ... .max) == 1)
        #expect(try times(store) == [[1, 3, 5, 7, 9]])
        #expect(try store.deleteSeries(matching: [first], in: .min ... .max) == 0)
        try store.append([IncomingSample(i: 0, noon + 8, 99)])
        #expect(try times(store) == [[8], [1, 3, 5, 7, 9]])
        store.abandon()
        #expect(try times(openStore(directory)) == [[8], [1, 3, 5, 7, 9]])
    }

    @Test func `a snapshot is a whole store that shares files and may be opened beside it`() throws {
        let store = try openStore(directory)
        try store.append((0..<10).map { IncomingSample(i: $0 % 2, noon + Int64($0), Double($0)) })
        let copy = TemporaryDirectory()
        try store.snapshot(to: copy.path)
        #expect(throws: SeriesError.self) { try store.snapshot(to: copy.path) }
        try store.append([IncomingSample(i: 7, noon, 1)])
        #expect(try TimeSeriesStore.verify(directory: copy.path).segmentSamples == 10)
        let restored = try openStore(copy)
        #expect(try restored.everything() == store.everything().filter { $0.labels["i"] != "7" })
        let links = try FileManager.default.attributesOfItem(atPath: #require(copy.files(in: "segments").first))
        #expect(links[.referenceCount] as? Int == 2)
    }

    @Test func `cardinality counts what is written to`() throws {
        let store = try openStore(directory)
        try store.append((0..<10).map { IncomingSample($0 < 7 ? "many" : "few", i: $0, noon + Int64($0), 1) })
        let counts = store.cardinality(top: 2)
        #expect(counts.series == 10)
        #expect(counts.chunks == 10)
        #expect(counts.labelPairs == 12)
        #expect(counts.minTime == noon && counts.maxTime == noon + 9)
        #expect(counts.seriesByMetricName == [.init(name: "many", value: 7), .init(name: "few", value: 3)])
        #expect(counts.valuesByLabelName == [.init(name: "i", value: 10), .init(name: "__name__", value: 2)])
        #expect(counts.seriesByLabelPair.first == .init(name: "__name__=many", value: 7))
        #expect(counts.bytesByLabelName.first == Cardinality.Entry(name: "__name__", value: 117))
    }

    @Test func `exemplars are kept up to a number, and found by series and time`() throws {
        let store = try openStore(directory) { $0.exemplarsMax = 3 }
        let labels: LabelSet = ["__name__": "m", "i": "1"]
        func exemplar(_ step: Int) -> ExemplarSample {
            ExemplarSample(labels: ["trace_id": "t\(step)"], value: Double(step), timestamp: noon + Int64(step))
        }
        #expect(store.append(exemplars: [SeriesExemplars(labels: labels, exemplars: (0..<5).map(exemplar))]) == 5)
        #expect(store.append(exemplars: [SeriesExemplars(labels: labels, exemplars: [exemplar(4), exemplar(1)])]) == 0)
        let long = ExemplarSample(
            labels: ["trace_id": String(repeating: "x", count: 128)],
            value: 1,
            timestamp: noon + 9
        )
        #expect(store.append(exemplars: [SeriesExemplars(labels: labels, exemplars: [long])]) == 0)
        let selector = [LabelMatcher("i", .equal, "1")]
        #expect(
            store.exemplars(matching: [selector], in: (noon + 3)...(noon + 9))
                == [SeriesExemplars(labels: labels, exemplars: [exemplar(3), exemplar(4)])]
        )
        #expect(store.exemplars(matching: [[LabelMatcher("i", .equal, "2")]], in: .min ... .max) == [])
        #expect(store.statistics.exemplars == 3)
    }

    @Test func `exemplars outlive the process, a sealing and a torn end of the log`() throws {
        let labels: LabelSet = ["__name__": "m", "i": "1"]
        let exemplars = (0..<40).map { step in
            ExemplarSample(labels: ["trace_id": "t\(step)"], value: Double(step) / 3, timestamp: noon + Int64(step))
        }
        let all = [SeriesExemplars(labels: labels, exemplars: exemplars)]
        func kept(_ store: TimeSeriesStore) -> [SeriesExemplars] {
            store.exemplars(matching: [[LabelMatcher("i", .equal, "1")]], in: .min ... .max)
        }
        var store = try openStore(directory)
        store.append(exemplars: all)
        store.abandon()
        store = try openStore(directory)
        #expect(kept(store) == all)
        // The log is cut here; the exemplars are in what follows.
        try store.append([IncomingSample(noon, 1)])
        try store.sealAll()
        #expect(try directory.files(in: "wal").count == 1)
        store.abandon()
        let log = try #require(try directory.files(in: "wal").last)
        let file = try #require(FileHandle(forWritingAtPath: log))
        try file.seekToEnd()
        try file.write(contentsOf: Data([0x4d, 0x52, 0x45, 0x43, 9]))
        try file.close()
        store = try openStore(directory)
        #expect(kept(store) == all)
        #expect(store.statistics.exemplars == 40)
        try store.close()
        #expect(kept(try openStore(directory)) == all)
    }

    @Test func `descriptions of metrics come newest first, and no more than there is room for`() throws {
        let store = try openStore(directory) { $0.metadataMax = 2 }
        let counter = MetricMetadata(type: .counter, help: "a", unit: "")
        let gauge = MetricMetadata(type: .gauge, help: "b", unit: "")
        store.note(metadata: ["m": counter])
        store.note(metadata: ["m": gauge])
        store.note(metadata: ["n": counter])
        store.note(metadata: ["o": counter])
        #expect(store.metadata(of: "m", limit: 9) == ["m": [gauge, counter]])
        #expect(store.metadata(of: nil, limit: 9).keys.sorted() == ["m", "n"])
        #expect(store.metadata(of: nil, limit: 1) == ["m": [gauge, counter]])
        #expect(store.metadata(of: "o", limit: 9) == [:])
        #expect(store.statistics.metadataDropped == 1)
    }
}
