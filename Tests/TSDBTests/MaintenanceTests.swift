import Foundation
import MartletCore
import MartletFiles
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletTSDB

@Suite("Maintenance and opening")
struct MaintenanceTests {
    let directory = TemporaryDirectory()
    private static let hour: Int64 = 3_600_000

    @Test func `raw samples of 23 hours ago are there, those of 25 hours ago are gone`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock) { $0.rollups = [] }
        for step in 0..<26 {
            try store.append([IncomingSample(clock.millisecondsSinceEpoch, Double(step))])
            store.maintain()
            if step < 25 { clock.advance(by: .seconds(3600)) }
        }
        let now = noon + 25 * Self.hour
        #expect(try store.everything().map { $0.timestamps.first } == [now - 24 * Self.hour])
        #expect(try store.everything().first?.timestamps.contains(now - 23 * Self.hour) == true)
        clock.advance(by: .seconds(8 * 3600))
        store.maintain()
        #expect(store.statistics.segmentsExpired > 0)
        #expect(try directory.files(in: "segments").count == store.statistics.segments)
    }

    @Test func `what is settled is sealed, and its log files go`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock) { $0.logFileBytesMax = 100 }
        for step in 0..<10 {
            try store.append([IncomingSample(noon + Int64(step), 1)])
        }
        store.maintain()
        #expect(store.statistics.segments == 0)
        let logFiles = try directory.files(in: "wal").count
        clock.set(milliseconds: noon + 2 * Self.hour)
        store.maintain()
        try store.append([IncomingSample(i: 1, clock.millisecondsSinceEpoch, 1)])
        #expect(store.statistics.segments == 1)
        #expect(store.statistics.segmentSamples == 10)
        #expect(store.statistics.headSamples == 1)
        #expect(store.statistics.series == 1)
        #expect(try directory.files(in: "wal").count < logFiles)
        store.abandon()
        let reopened = try openStore(directory, clock: clock)
        #expect(reopened.statistics.headSamples == 1)
        #expect(try reopened.everything().map(\.timestamps.count) == [10, 1])
    }

    @Test func `series that old samples are sent of stay until none come`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock) { $0.seriesIdleMax = .seconds(600) }
        for step in 0..<3 {
            let timestamp = noon - 5 * Self.hour + Int64(step)
            try store.append([IncomingSample(timestamp, 1), IncomingSample(i: 1, timestamp, 1)])
            try store.seal()
            #expect(store.statistics.series == 2)
            clock.advance(by: .seconds(60))
        }
        try store.append([IncomingSample(noon - 4 * Self.hour, 1)])
        try store.seal()
        #expect(store.statistics.series == 1)
        #expect(try store.everything().map(\.timestamps.count) == [4, 3])
    }

    @Test func `small segments are merged, and nothing changes`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock) { $0.rollups = [] }
        for step in 0..<400 {
            clock.set(milliseconds: noon + Int64(step) * 120_000)
            try store.append((0..<3).map { IncomingSample(i: $0, clock.millisecondsSinceEpoch, Double(step * $0)) })
            store.maintain()
        }
        let before = try store.everything()
        #expect(before.map(\.timestamps.count) == [400, 400, 400])
        #expect(store.statistics.merges > 0)
        #expect(store.statistics.segments < 6)
        try store.sealAll()
        #expect(try store.everything() == before)
        store.abandon()
        #expect(try openStore(directory, clock: clock).everything() == before)
    }

    @Test func `a long import is one segment`() throws {
        let store = try openStore(directory) { $0.retention = .seconds(400 * 86_400) }
        for day in 0..<300 { try store.append([IncomingSample(noon - Int64(300 - day) * 24 * Self.hour, Double(day))]) }
        let before = try store.everything()
        try store.sealAll()
        #expect(store.statistics.segments == 1)
        #expect(try store.everything() == before)
    }

    @Test func `more samples in memory than allowed are sealed early`() throws {
        let store = try openStore(directory) { $0.headSamplesMax = 100 }
        for step in 0..<301 { try store.append([IncomingSample(noon + Int64(step), 1)]) }
        #expect(store.statistics.headSamples == 1)
        #expect(store.statistics.segments == 3)
        #expect(try store.everything().map(\.timestamps.count) == [301])
    }

    @Test func `the oldest segments go when there is no room`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock) {
            $0.bytesMax = 1000
            $0.retention = .seconds(40 * 3600)
            $0.headSamplesMax = 1
            $0.rollups = []
        }
        for step in 0..<4 {
            if step > 0 { clock.advance(by: .seconds(11 * 3600)) }
            try store.append([IncomingSample(clock.millisecondsSinceEpoch, Double(step))])
        }
        #expect(store.statistics.diskBytes > 1000)
        store.maintain()
        let statistics = store.statistics
        #expect(statistics.diskBytes <= 1000)
        #expect(statistics.segmentsEvicted > 0)
        #expect(statistics.segments > 0)
        #expect(try store.everything().first?.timestamps.last == clock.millisecondsSinceEpoch)
        #expect(try directory.files(in: "segments").count == statistics.segments)
    }

    @Test func `dropping the oldest keeps most of what fits`() throws {
        let clock = ManualClock(milliseconds: noon)
        let bytesMax = 400_000
        let store = try openStore(directory, clock: clock) {
            $0.bytesMax = bytesMax
            $0.headSamplesMax = 2000
            $0.logFileBytesMax = 10_000
            $0.rollups = []
        }
        var generator = SeededGenerator(seed: 5)
        var least = Int.max
        for step in 0..<1200 {
            let now = noon + Int64(step) * 10_000
            clock.set(milliseconds: now)
            try store.append((0..<100).map { IncomingSample(i: $0, now, Double.random(in: 0..<1, using: &generator)) })
            guard step % 20 == 0 else { continue }
            store.maintain()
            #expect(store.statistics.diskBytes <= bytesMax)
            if store.statistics.segmentsEvicted > 0 { least = min(least, store.statistics.diskBytes) }
        }
        #expect(store.statistics.segmentsEvicted > 0)
        #expect(least > bytesMax / 2, "\(least)")
    }

    @Test func `an hour of a thousand series takes the documented bytes a sample, in memory and on disk`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        var generator = SeededGenerator(seed: 12)
        var counters = [Double](repeating: 0, count: 1000)
        for step in 0..<360 {
            let now = noon + Int64(step) * 10_000
            clock.set(milliseconds: now)
            try store.append(
                counters.indices.map { series in
                    if series % 2 == 0 { counters[series] += Double(Int.random(in: 0..<200, using: &generator)) }
                    let gauge = Double(Int.random(in: 0..<1000, using: &generator)) / 10
                    return IncomingSample(i: series, now, series % 2 == 0 ? counters[series] : gauge)
                }
            )
        }
        let statistics = store.statistics
        #expect(statistics.headSamples == 360_000)
        // Eight bytes a sample, its time once a scrape, and some 300 bytes a series and its labels.
        #expect(statistics.headBytes < 360_000 * 8 + 1000 * 600 + 3 << 20)
        try store.sealAll()
        #expect(store.statistics.segmentSamples == 360_000)
        #expect(Double(store.statistics.segmentBytes) / 360_000 < 1.6)
        #expect(store.statistics.logBytes < 1000)
    }

    @Test func `series that are gone give their memory back and the log stays right`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        try store.append((0..<1500).map { IncomingSample(i: $0, noon, Double($0)) })
        for round in 1...3 {
            clock.set(milliseconds: noon + Int64(round) * Self.hour + 1)
            try store.append([IncomingSample(i: 2000, clock.millisecondsSinceEpoch, Double(round))])
            try store.sealAll()
        }
        #expect(store.statistics.series == 1)
        #expect(store.head.withLock { $0.slots.count } == 1)
        let now = clock.millisecondsSinceEpoch
        try store.append([IncomingSample(i: 1400, now, 7), IncomingSample(i: 2000, now + 1, 8)])
        store.abandon()
        let reopened = try openStore(directory, clock: clock)
        func values(_ i: String) throws -> [[Double]] {
            try reopened.select([LabelMatcher("i", .equal, i)], in: noon...(now + 1)).map(\.values)
        }
        #expect(try values("1400") == [[1400, 7]])
        #expect(try values("2000") == [[1, 2, 3, 8]])
        #expect(try reopened.everything().count == 1501)
    }

    @Test func `a second store on the directory is refused and told by whom`() throws {
        let store = try openStore(directory)
        let error = #expect(throws: StoreError.self) { try openStore(directory) }
        #expect(error == .locked(directory: directory.path, process: getpid()))
        #expect(
            error?.description
                == "cannot open \(directory.path): process \(getpid()) is using it; "
                + "stop that process or choose another directory"
        )
        try store.close()
        try openStore(directory).close()
    }

    @Test func `only the owner may read the files`() throws {
        let store = try openStore(directory)
        try store.append([IncomingSample(noon, 1)])
        try store.sealAll()
        func mode(_ path: String) throws -> Int {
            try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
        }
        for folder in ["", "/wal", "/segments"] { #expect(try mode(directory.path + folder) == 0o700) }
        let files = try directory.files(in: "wal") + directory.files(in: "segments")
        #expect(files.count == 2)
        for file in files + [directory.path + "/lock", directory.path + "/format"] { #expect(try mode(file) == 0o600) }
    }

    @Test func `another format is refused and left alone`() throws {
        try openStore(directory).close()
        try Data("martlet time series 9\n".utf8).write(to: URL(fileURLWithPath: directory.path + "/format"))
        let error = #expect(throws: StoreError.self) { try openStore(directory) }
        #expect(
            error?.description
                == "cannot open \(directory.path): its format is \"martlet time series 9\", expected martlet time series 2; "
                + "open it with the version that wrote it or choose another directory"
        )
    }

    @Test func `a directory that cannot be made is told with what to do`() throws {
        let error = #expect(throws: StoreError.self) {
            _ = try TimeSeriesStore(TimeSeriesStore.Configuration(directory: "/dev/null/x"))
        }
        #expect(
            error?.description
                == "cannot create directory /dev/null/x: not a directory; move away what is in its place"
        )
    }

    @Test func `a symbolic link in place of a file is not followed`() throws {
        try openStore(directory).close()
        let lock = directory.path + "/lock"
        try FileManager.default.removeItem(atPath: lock)
        try FileManager.default.createSymbolicLink(atPath: lock, withDestinationPath: "/tmp/martlet-elsewhere")
        #expect(throws: StoreError.self) { try openStore(directory) }
        #expect(!FileManager.default.fileExists(atPath: "/tmp/martlet-elsewhere"))
    }

    @Test func `settings that make no sense are refused`() {
        func message(_ change: (inout TimeSeriesStore.Configuration) -> Void) -> String? {
            #expect(throws: StoreError.self) { try openStore(directory, change) }?.description
        }
        #expect(message { $0.retention = .zero } == "retention is 0.0 seconds; it needs to be over zero")
        #expect(message { $0.bytesMax = 0 } == "bytesMax is 0; it needs to be over zero")
        #expect(message { $0.seriesMax = 0 } == "seriesMax is 0; it needs to be over zero")
        #expect(message { $0.directory = "" } == "the data directory has no name; set one")
        #expect(
            message { $0.durability = .interval(milliseconds: 0) }
                == "the sync interval is 0 ms; it needs to be over zero"
        )
    }

    @Test func `appending, reading and maintaining at once lose nothing`() async throws {
        let store = try openStore(directory, durability: .interval(milliseconds: 2)) {
            $0.logFileBytesMax = 20_000
            $0.headSamplesMax = 2000
            $0.outOfOrderWindow = .seconds(1)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for step in 0..<300 {
                        let batch = (0..<10).map {
                            IncomingSample(i: 10 * writer + $0, noon + Int64(step), Double(step))
                        }
                        let result = try store.append(batch)
                        #expect(result.appended == 10)
                    }
                }
            }
            group.addTask { for _ in 0..<30 { store.maintain() } }
            group.addTask {
                for _ in 0..<60 {
                    for series in try store.everything() {
                        #expect(series.timestamps == series.values.map { noon + Int64($0) })
                        #expect(series.timestamps.first == noon)
                        #expect(series.timestamps.count == Int((series.timestamps.last ?? 0) - noon) + 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        store.abandon()
        let reopened = try openStore(directory)
        #expect(try reopened.everything().map(\.timestamps.count) == Array(repeating: 300, count: 40))
    }
}
