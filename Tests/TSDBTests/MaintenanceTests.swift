import Foundation
import MartletCore
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
        let store = try openStore(directory, clock: clock)
        for step in 0..<26 {
            try store.append([IncomingSample(clock.millisecondsSinceEpoch, Double(step))])
            store.maintain()
            if step < 25 { clock.advance(by: .seconds(3600)) }
        }
        let now = noon + 25 * Self.hour
        #expect(try store.everything().map { $0.timestamps.first } == [now - 24 * Self.hour])
        #expect(try store.everything().first?.timestamps.contains(now - 23 * Self.hour) == true)
        clock.advance(by: .seconds(3 * 3600))
        store.maintain()
        #expect(store.statistics.segmentsExpired > 0)
        #expect(try directory.files(in: "segments").count == store.statistics.segments)
        let oldest = try #require(store.statistics.oldestTime)
        #expect(oldest > now + 3 * Self.hour - 27 * Self.hour)
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
        clock.set(milliseconds: noon + 2 * Self.hour + 1_800_000 + 1)
        try store.append([IncomingSample(i: 1, clock.millisecondsSinceEpoch, 1)])
        store.maintain()
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

    @Test func `a chunk that reaches over the seal keeps its newer part`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try openStore(directory, clock: clock)
        for step in 0..<100 {
            clock.set(milliseconds: noon + Int64(step) * 120_000)
            try store.append([IncomingSample(clock.millisecondsSinceEpoch, Double(step))])
        }
        let before = try store.everything()
        store.maintain()
        #expect(store.statistics.segmentSamples == 60)
        #expect(store.statistics.headSamples == 40)
        #expect(try store.everything() == before)
        store.abandon()
        #expect(try openStore(directory, clock: clock).everything() == before)
    }

    @Test func `a long import is sealed into few segments`() throws {
        let store = try openStore(directory) { $0.retention = .seconds(400 * 86_400) }
        for day in 0..<300 { try store.append([IncomingSample(noon - Int64(300 - day) * 24 * Self.hour, Double(day))]) }
        let before = try store.everything()
        try store.sealAll()
        #expect((2...17).contains(store.statistics.segments))
        #expect(try store.everything() == before)
    }

    @Test func `more samples in memory than allowed are sealed early`() throws {
        let store = try openStore(directory) { $0.headSamplesMax = 100 }
        for step in 0..<101 { try store.append([IncomingSample(noon - Self.hour + Int64(step), 1)]) }
        store.maintain()
        #expect(store.statistics.headSamples == 0)
        for step in 0..<201 { try store.append([IncomingSample(noon + Int64(step), 1)]) }
        store.maintain()
        #expect(store.statistics.headSamples == 0)
        #expect(try store.everything().map(\.timestamps.count) == [302])
    }

    @Test func `the oldest segments go when there is no room`() throws {
        let store = try openStore(directory) { $0.bytesMax = 2000 }
        for step in 0..<20 {
            try store.append([IncomingSample(noon + Int64(step), Double(step))])
            try store.sealAll()
        }
        store.maintain()
        let statistics = store.statistics
        #expect(statistics.diskBytes <= 2000)
        #expect(statistics.segmentsEvicted > 0)
        #expect(statistics.segments > 0)
        #expect(try store.everything().first?.timestamps.last == noon + 19)
        #expect(try directory.files(in: "segments").count == statistics.segments)
    }

    @Test func `series that are gone give their memory back and the log stays right`() throws {
        let store = try openStore(directory)
        try store.append((0..<1500).map { IncomingSample(i: $0, noon, Double($0)) })
        try store.sealAll()
        try store.append([IncomingSample(i: 1400, noon + 1, 7), IncomingSample(i: 2000, noon + 1, 8)])
        #expect(store.head.withLock { $0.series.count } == 2)
        store.abandon()
        let reopened = try openStore(directory)
        #expect(
            try reopened.select([LabelMatcher("i", .equal, "1400")], in: noon...(noon + 1)).map(\.values) == [
                [1400, 7]
            ]
        )
        #expect(try reopened.select([LabelMatcher("i", .equal, "2000")], in: noon...(noon + 1)).map(\.values) == [[8]])
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
                == "cannot open \(directory.path): its format is \"martlet time series 9\", expected martlet time series 1; "
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
