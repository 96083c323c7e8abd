import Foundation
import MartletCore
import MartletFiles
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

@Suite("Appending")
struct AppendTests {
    let directory = TemporaryDirectory()
    private static let minute: Int64 = 60_000

    private func reasons(_ store: TimeSeriesStore, _ batch: [IncomingSample]) throws -> [AppendResult.Reason?] {
        let result = try store.append(batch)
        #expect(result.appended + result.rejections.count == batch.count)
        return batch.indices.map { index in result.rejections.first { $0.index == index }?.reason }
    }

    @Test func `the same sample again is taken silently, another value is a duplicate`() throws {
        let store = try openStore(directory)
        #expect(
            try reasons(
                store,
                [
                    IncomingSample(noon, 1), IncomingSample(noon, 1), IncomingSample(noon, 2),
                    IncomingSample(noon + 1, .nan), IncomingSample(noon + 1, .nan),
                    IncomingSample(noon + 1, StaleMarker.value), IncomingSample(noon, -1),
                ]
            ) == [nil, nil, .duplicate, nil, nil, .duplicate, .duplicate]
        )
        #expect(try store.everything().map(\.timestamps) == [[noon, noon + 1]])
        #expect(store.statistics.rejected == [.duplicate: 3])
    }

    @Test(arguments: [false, true])
    func `late samples within the window are put in order, older ones are refused`(isSealed: Bool) throws {
        let store = try openStore(directory)
        try store.append([IncomingSample(noon - 40 * Self.minute, 1), IncomingSample(noon, 2)])
        if isSealed { try store.sealAll() }
        #expect(
            try reasons(
                store,
                [
                    IncomingSample(noon - 30 * Self.minute, 3), IncomingSample(noon - 30 * Self.minute - 1, 4),
                    IncomingSample(noon - 40 * Self.minute, 1), IncomingSample(noon - 10, 5),
                    IncomingSample(noon - 20, 6), IncomingSample(noon - 10, 7), IncomingSample(noon, 2),
                    IncomingSample(noon, 9),
                ]
            ) == [nil, .outOfOrder, .outOfOrder, nil, nil, .duplicate, nil, .duplicate]
        )
        let times = [-40 * Self.minute, -30 * Self.minute, -20, -10, 0].map { noon + $0 }
        #expect(try store.everything().map(\.timestamps) == [times])
        #expect(try store.everything().map(\.values) == [[1, 3, 6, 5, 2]])
        try store.sealAll()
        #expect(try store.everything().map(\.values) == [[1, 3, 6, 5, 2]])
        try store.close()
        #expect(try openStore(directory).everything().map(\.timestamps) == [times])
    }

    @Test func `many late samples survive a reopening`() throws {
        let store = try openStore(directory)
        try store.append([IncomingSample(noon, 0)])
        var generator = SeededGenerator(seed: 5)
        for offset in (1...500).shuffled(using: &generator) {
            try store.append([IncomingSample(noon - Int64(offset), Double(offset))])
        }
        let expected = (0...500).reversed().map { noon - Int64($0) }
        #expect(try store.everything().map(\.timestamps) == [expected])
        try store.close()
        #expect(try openStore(directory).everything().map(\.timestamps) == [expected])
    }

    @Test func `old samples in order are taken as long as retention keeps them`() throws {
        let store = try openStore(directory)
        let hour = 60 * Self.minute
        #expect(
            try reasons(
                store,
                [
                    IncomingSample(noon - 24 * hour - 1, 1), IncomingSample(noon - 24 * hour, 2),
                    IncomingSample(noon - 20 * hour, 3), IncomingSample(noon + 10 * Self.minute, 4),
                    IncomingSample(noon + 10 * Self.minute + 1, 5),
                ]
            ) == [.tooOld, nil, nil, nil, .tooFarInFuture]
        )
    }

    @Test func `a series that was sealed away goes on where it ended`() throws {
        let store = try openStore(directory)
        try store.append([IncomingSample(noon, 1)])
        try store.sealAll()
        try store.close()
        let reopened = try openStore(directory)
        #expect(reopened.statistics.series == 0)
        #expect(
            try reasons(
                reopened,
                [IncomingSample(noon - 31 * Self.minute, 2), IncomingSample(noon, 1), IncomingSample(noon, 2)]
            )
                == [.outOfOrder, nil, .duplicate]
        )
    }

    @Test func `labels are checked`() throws {
        let store = try openStore(directory)
        func sample(_ labels: [Label]) -> IncomingSample {
            IncomingSample(labels: LabelSet(labels), timestamp: noon, value: 1)
        }
        let name = Label("__name__", "m")
        func many(_ count: Int) -> [Label] { (1..<count).map { Label("l\($0)", "v") } + [name] }
        #expect(
            try reasons(
                store,
                [
                    sample([Label("a", "b")]), sample(many(64)), sample(many(65)),
                    sample([name, Label(String(repeating: "n", count: 1024), "v")]),
                    sample([name, Label(String(repeating: "n", count: 1025), "v")]),
                    sample([name, Label("l", String(repeating: "v", count: 4096))]),
                    sample([name, Label("l", String(repeating: "v", count: 4097))]),
                    sample([name, Label("", "v")]),
                ]
            ) == [.invalidLabels, nil, .invalidLabels, nil, .invalidLabels, nil, .invalidLabels, .invalidLabels]
        )
        let before = try store.everything()
        try store.close()
        #expect(try openStore(directory).everything() == before)
    }

    @Test func `over the limit of series the old ones go on`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock) { $0.seriesMax = 2 }
        #expect(
            try reasons(store, (0..<4).map { IncomingSample(i: $0, noon, 1) }) == [
                nil, nil, .seriesLimit, .seriesLimit,
            ]
        )
        #expect(try reasons(store, (0..<3).map { IncomingSample(i: $0, noon + 1, 1) }) == [nil, nil, .seriesLimit])
        clock.advance(by: .seconds(3601))
        try store.sealAll()
        #expect(try reasons(store, [IncomingSample(i: 3, clock.millisecondsSinceEpoch, 1)]) == [nil])
    }

    @Test func `texts that are written alike but not the same bytes are different series`() throws {
        let store = try openStore(directory)
        for (step, spelling) in ["é", "e\u{301}", "K", "\u{212a}"].enumerated() {
            try store.append([
                IncomingSample(labels: ["__name__": "m", "l": spelling], timestamp: noon + Int64(step), value: 1)
            ])
        }
        #expect(try store.everything().map(\.timestamps.count) == [1, 1, 1, 1])
        #expect(store.statistics.series == 4)
    }

    @Test func `an empty batch is fine`() throws {
        #expect(try openStore(directory).append([]) == AppendResult(appended: 0))
    }

    @Test func `a closed store takes nothing and closing twice is fine`() throws {
        let store = try openStore(directory)
        try store.close()
        try store.close()
        #expect(throws: SeriesError.storageUnavailable("cannot write to \(directory.path): the store is closed")) {
            try store.append([IncomingSample(noon, 1)])
        }
        #expect(throws: SeriesError.self) { try store.sealAll() }
        store.maintain()
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `agrees with a plain model over random stories`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let clock = ManualClock(milliseconds: noon)
        func open() throws -> TimeSeriesStore {
            try openStore(directory, clock: clock) {
                $0.logFileBytesMax = 4096
                $0.segmentDuration = .seconds(600)
                $0.outOfOrderWindow = .seconds(60)
            }
        }
        var store = try open()
        var model: [LabelSet: [Int64: UInt64]] = [:]
        for _ in 0..<400 {
            clock.advance(by: .milliseconds(Int.random(in: 0...20_000, using: &generator)))
            let now = clock.millisecondsSinceEpoch
            var batch: [IncomingSample] = []
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                let offset =
                    Int64.random(in: 0...9, using: &generator) == 0
                    ? Int64.random(in: 0...90_000, using: &generator) : 0
                batch.append(
                    IncomingSample(
                        i: Int.random(in: 0...12, using: &generator),
                        now - offset,
                        [1, 2.5, .nan, StaleMarker.value].randomElement(using: &generator) ?? 0
                    )
                )
            }
            let refused = Set(try store.append(batch).rejections.map(\.index))
            for (index, sample) in batch.enumerated() {
                let known = model[sample.labels] ?? [:]
                let newest = known.keys.max() ?? .min
                var isRefused = known[sample.timestamp].map { $0 != sample.value.bitPattern } ?? false
                if newest != .min, newest - sample.timestamp > 60_000 { isRefused = true }
                #expect(refused.contains(index) == isRefused, "seed \(seed)")
                if !isRefused { model[sample.labels, default: [:]][sample.timestamp] = sample.value.bitPattern }
            }
            switch Int.random(in: 0..<40, using: &generator) {
            case 0: try store.sealAll()
            case 1...4: store.maintain()
            case 5:
                try store.close()
                store = try open()
            case 6:
                store.abandon()
                store = try open()
            default: break
            }
        }
        let found = try store.everything()
        #expect(found.map(\.labels) == model.keys.sorted(), "seed \(seed)")
        for series in found {
            let expected = (model[series.labels] ?? [:]).sorted { $0.key < $1.key }
            #expect(series.timestamps == expected.map(\.key), "seed \(seed)")
            #expect(series.values.map(\.bitPattern) == expected.map(\.value), "seed \(seed)")
        }
    }
}
