import Foundation
import MartletCore
import MartletFiles
import MartletLogging
import MartletTestKit
import StorageDoubles
import Testing

@testable import MartletEvents

/// The time at which tests begin: 2026-01-01T00:00:00Z in milliseconds.
private let noon: Int64 = 1_767_225_600_000

private func open(
    _ files: any FileSystem,
    clock: ManualClock = ManualClock(milliseconds: noon),
    directory: String = "/data",
    _ change: (inout EventConfiguration) -> Void = { _ in }
) throws -> EventStore<NoteKind> {
    var configuration = EventConfiguration(directory: directory)
    configuration.durability = .each
    configuration.retryInterval = .zero
    change(&configuration)
    return try EventStore(configuration, kind: NoteKind(), clock: clock, fileSystem: files)
}

@Suite("Event store")
struct EventStoreTests {
    @Test func `what was acknowledged is there after a kill, from log and block`() throws {
        let files = SimulatedFileSystem()
        var store = try open(files)
        for number in 0..<10 { try store.add(Int64(number)) }
        try store.sealAll()
        for number in 10..<15 { try store.add(Int64(number)) }
        #expect(try store.numbers() == Array(0..<15))
        store.abandon()
        files.killProcess()
        store = try open(files)
        #expect(try store.numbers() == Array(0..<15))
        #expect(store.statistics.blocks == 1)
        #expect(store.statistics.activeEvents == 5)
        #expect(store.statistics.damagedRecords == 0)
    }

    @Test func `memory is sealed when it holds as much as it should`() throws {
        let store = try open(SimulatedFileSystem()) { $0.activeEventsMax = 10 }
        for number in 0..<35 { try store.add(Int64(number)) }
        #expect(store.statistics.blocks == 3)
        #expect(store.statistics.activeEvents == 5)
        #expect(try store.numbers() == Array(0..<35))
    }

    @Test func `memory is sealed when it is old`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try open(SimulatedFileSystem(), clock: clock) { $0.activeAgeMax = .seconds(60) }
        try store.add(1)
        store.maintain()
        #expect(store.statistics.blocks == 0)
        clock.advance(by: .seconds(61))
        store.maintain()
        #expect(store.statistics.blocks == 1)
    }

    @Test func `blocks go when they are too old, and the oldest when there are too many bytes`() throws {
        let clock = ManualClock(milliseconds: noon)
        let store = try open(SimulatedFileSystem(), clock: clock) { $0.retention = .seconds(3600) }
        try store.add(1, at: (noon - 3_000_000) * 1_000_000)
        try store.sealAll()
        try store.add(2, at: noon * 1_000_000)
        try store.sealAll()
        store.maintain()
        #expect(try store.numbers() == [1, 2])
        clock.advance(by: .seconds(700))
        store.maintain()
        #expect(try store.numbers() == [2])
        #expect(store.statistics.expiredBlocks == 1)

        // A clock that is years ahead keeps no block.
        try store.add(3, at: (noon + 400 * 86_400_000) * 1_000_000)
        try store.sealAll()
        clock.advance(by: .seconds(3700))
        store.maintain()
        #expect(try store.numbers() == [])

        let small = try open(SimulatedFileSystem()) { $0.bytesMax = 300 }
        for number in 0..<4 {
            try small.add(Int64(number), at: noon * 1_000_000 + Int64(number))
            try small.sealAll()
        }
        small.maintain()
        #expect(try small.numbers() == [3], "a block has \(small.statistics.blockBytes) bytes")
        #expect(small.statistics.evictedBlocks == 3)
    }

    @Test func `a full disk refuses writes, reading goes on, and it heals by itself`() throws {
        let files = SimulatedFileSystem()
        let store = try open(files)
        try store.add(1)
        files.failAlways(with: .full)
        #expect(throws: EventError.self) { try store.add(2) }
        #expect(throws: EventError.self) { try store.add(3) }
        #expect(try store.numbers().contains(1))
        #expect(store.statistics.failure?.contains("free space") == true)
        files.failAlways(with: nil)
        try store.add(4)
        #expect(store.statistics.failure == nil)
        store.abandon()
        files.killProcess()
        #expect(try open(files).numbers().filter { $0 != 2 } == [1, 4])
    }

    @Test func `a block that cannot be written whole leaves its events, and is written once it can`() throws {
        let files = SimulatedFileSystem()
        let store = try open(files) { $0.durability = .os }
        // Numbers that nothing makes small, so that each column goes to the file by itself.
        var generator = SeededGenerator(seed: 3)
        let numbers = (0..<9000).map { _ in Int64.random(in: .min ... .max, using: &generator) }.sorted()
        for number in numbers { try store.add(number) }
        var failures = 0
        for step in 0..<40 {
            files.fail(after: step, with: .full)
            do throws(EventError) {
                try store.sealAll()
                break
            } catch {
                failures += 1
            }
            #expect(try store.numbers() == numbers)
        }
        #expect(failures >= 6, "what is written, synced, renamed and mapped can fail, step by step")
        files.fail(after: .max / 2, with: .full)
        try store.sealAll()
        #expect(store.statistics.blocks == 1)
        #expect(try store.numbers() == numbers)
        store.abandon()
        files.killProcess()
        #expect(try open(files).numbers() == numbers)
    }

    @Test func `a block that is damaged is named, and the others answer`() throws {
        let files = SimulatedFileSystem()
        let store = try open(files)
        for number in 0..<3 {
            try store.add(Int64(number))
            try store.sealAll()
        }
        try store.close()
        var generator = SeededGenerator(seed: 5)
        #expect(files.flipBit("0000000002.block", &generator))
        let again = try open(files)
        do {
            let numbers = try again.numbers()
            #expect(numbers == [0, 2] && again.opened.damagedBlocks == ["/data/blocks/0000000002.block"])
        } catch {
            #expect("\(error)".contains("/data/blocks/0000000002.block"))
        }
    }

    @Test func `an old block is written anew, once, and what it has stays where it was`() throws {
        let files = SimulatedFileSystem()
        let clock = ManualClock(milliseconds: noon)
        let store = try open(files, clock: clock) { $0.coldAge = .seconds(60) }
        for number in 0..<3 {
            try store.add(Int64(number))
            try store.sealAll()
        }
        store.maintain()
        #expect(store.statistics.compactions == 0)
        clock.advance(by: .seconds(61))
        let bytes = store.statistics.blockBytes
        for _ in 0..<5 { store.maintain() }
        #expect(store.statistics.compactions == 3)
        #expect(store.statistics.compactionBytesRead == bytes)
        #expect(store.statistics.compactionBytesWritten == store.statistics.blockBytes)
        #expect(store.statistics.compactionSeconds > 0)
        #expect(store.statistics.compactionFailures == 0)
        #expect(store.statistics.blocks == 3)
        #expect(try store.numbers() == [0, 1, 2])
        #expect(
            try files.list("/data/blocks").sorted() == ["0000000004.block", "0000000005.block", "0000000006.block"]
        )
        try store.add(3)
        store.abandon()
        files.killProcess()
        let again = try open(files, clock: clock)
        #expect(try again.numbers() == [0, 1, 2, 3])
        try again.compactAll()
        #expect(again.statistics.compactions == 0)
    }

    @Test func `small blocks beside each other become one, unless retention would keep them for longer`() throws {
        let files = SimulatedFileSystem()
        let clock = ManualClock(milliseconds: noon)
        let store = try open(files, clock: clock) { $0.activeEventsMax = 40 }
        for number in 0..<9 {
            for event in 0..<5 { try store.add(Int64(number * 5 + event), at: (noon + Int64(number)) * 1_000_000) }
            try store.sealAll()
        }
        try store.compactAll()
        #expect(store.statistics.blocks == 2, "eight of five are forty, and one is left")
        #expect(try store.numbers() == Array(0..<45))
        try store.add(45)
        store.abandon()
        files.killProcess()
        #expect(try open(files, clock: clock).numbers() == Array(0..<46))

        let far = try open(SimulatedFileSystem(), clock: clock) { $0.retention = .seconds(1600) }
        for number in 0..<8 {
            try far.add(Int64(number), at: (noon - Int64(8 - number) * 101_000) * 1_000_000)
            try far.sealAll()
        }
        try far.compactAll()
        #expect(far.statistics.blocks == 8)
    }

    @Test(arguments: [1, 5])
    func `a stop between any two steps of writing blocks anew loses nothing and brings nothing twice`(
        blocks: Int
    ) throws {
        var isWhole = false
        for step in 0..<60 where !isWhole {
            for isCut in [false, true] {
                let files = SimulatedFileSystem()
                let store = try open(files)
                for _ in 1..<blocks {
                    try store.add(0)
                    try store.sealAll()
                }
                try store.add(1)
                try store.sealAll()
                try store.add(2)
                files.fail(after: step, with: .stop)
                try? store.compactAll()
                isWhole = !files.isStopped
                store.abandon()
                var generator = SeededGenerator(seed: UInt64(step))
                if isCut { files.cutPower(&generator) } else { files.killProcess() }
                let again = try open(files)
                let expected = [Int64](repeating: 0, count: blocks - 1) + [1, 2]
                #expect(try again.numbers() == expected, "stopped at step \(step)")
                #expect(again.statistics.blocks == 1 || again.statistics.blocks == blocks)
            }
        }
        #expect(isWhole, "the last step was never reached")
    }

    @Test func `a damaged block is not written anew, and a later version is told apart from damage`() throws {
        let files = SimulatedFileSystem()
        let store = try open(files)
        try store.add(1)
        try store.sealAll()
        try store.close()
        let path = "/data/blocks/0000000001.block"
        let whole = try files.map(path).withBytes { $0.array }
        func rewrite(_ place: Int, _ bits: UInt8) throws {
            var bytes = whole
            bytes[place] ^= bits
            let file = try files.create(path)
            try file.write(bytes.span)
            try file.sync()
            try file.close()
        }
        try files.remove(path)
        try rewrite(40, 4)
        // The kind of these tests reads its columns when it opens a block.
        #expect(try open(files).statistics.damagedBlocks == 1)
        try files.remove(path)
        try rewrite(8, 6)
        let error = #expect(throws: EventError.self) { try BlockFile(try files.map(path), path: path) }
        #expect(error?.description.contains("its version is 7, this program reads 1 to 6") == true)
    }

    @Test func `a second process is refused and told who works there`() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/martlet-events-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = try open(POSIXFileSystem(), directory: directory)
        try first.add(1)
        let error = #expect(throws: EventError.self) { try open(POSIXFileSystem(), directory: directory) }
        #expect(error?.description.contains("process \(getpid())") == true)
        try first.close()
        #expect(try open(POSIXFileSystem(), directory: directory).numbers() == [1])
    }

    @Test func `a directory of another kind is refused`() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/martlet-events-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try "martlet logs 9\n".write(toFile: directory + "/format", atomically: false, encoding: .utf8)
        let error = #expect(throws: EventError.self) { try open(POSIXFileSystem(), directory: directory) }
        #expect(error?.description.contains("martlet logs 9") == true)
    }

    @Test func `many threads append at once and nothing is lost`() async throws {
        let files = SimulatedFileSystem()
        let store = try open(files) { $0.activeEventsMax = 100 }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask { for number in 0..<200 { try? store.add(Int64(task * 200 + number)) } }
            }
        }
        #expect(try store.numbers() == Array(0..<800))
        store.abandon()
        files.killProcess()
        #expect(try open(files).numbers() == Array(0..<800))
    }
}

/// Random stories of a store on a file system that fails, tears, reorders and forgets.
///
/// `MARTLET_SIMULATION_SEED` replays one.
@Suite("Event store, simulated")
struct EventSimulationTests {
    static let seeds: ClosedRange<UInt64> = {
        let text = ProcessInfo.processInfo.environment["MARTLET_SIMULATION_SEED"]
        return text.flatMap { UInt64($0) }.map { $0...$0 } ?? 1...1000
    }()

    @Test func `whatever fails, no acknowledged event is lost, none comes twice, and the store starts`() throws {
        for seed in Self.seeds {
            if let failure = try story(seed) {
                Issue.record("seed \(seed): \(failure); replay with MARTLET_SIMULATION_SEED=\(seed)")
                return
            }
        }
    }

    private func story(_ seed: UInt64) throws -> String? {
        var generator = SeededGenerator(seed: seed)
        let files = SimulatedFileSystem()
        let isEach = seed % 4 > 0
        let change: (inout EventConfiguration) -> Void = {
            $0.durability = isEach ? .each : .os
            $0.activeEventsMax = [3, 10, 100][Int(seed % 3)]
            $0.logFileBytesMax = [100, 400, 1 << 20][Int(seed / 3 % 3)]
        }
        var store = try open(files, change)
        var (sent, acknowledged): (Set<Int64>, Set<Int64>) = ([], [])
        var next: Int64 = 0
        let isTold = ProcessInfo.processInfo.environment["MARTLET_SIMULATION_SEED"] != nil
        func tell(_ what: @autoclosure () throws -> String) rethrows { if isTold { print(try what()) } }
        for _ in 0..<Int.random(in: 10...60, using: &generator) {
            if Int.random(in: 0..<6, using: &generator) == 0 {
                let fault: SimulatedFileSystem.Fault =
                    [.full, .failing, .stop][Int.random(in: 0..<3, using: &generator)]
                let count = Int.random(in: 0..<6, using: &generator)
                tell("fault \(fault) after \(count)")
                files.fail(after: count, with: fault)
            }
            switch Int.random(in: 0..<9, using: &generator) {
            case 8:
                do {
                    try store.compactAll()
                    tell("compact")
                } catch { tell("compact: \(error)") }
            case 0:
                store.maintain()
                tell("maintain")
            case 1:
                do {
                    try store.sealAll()
                    tell("seal")
                } catch { tell("seal: \(error)") }
            default:
                sent.insert(next)
                do {
                    try store.add(next)
                    acknowledged.insert(next)
                    tell("add \(next)")
                } catch { tell("add \(next): \(error)") }
                next += 1
            }
            let isCut = Int.random(in: 0..<20, using: &generator) == 0
            guard files.isStopped || isCut else { continue }
            tell("stop")
            store.abandon()
            if isEach, Bool.random(using: &generator) { files.cutPower(&generator) } else { files.killProcess() }
            store = try open(files, change)
            try tell(
                "numbers \(try store.numbers()), files \(try files.list("/data/wal") + files.list("/data/blocks"))"
            )
            if let problem = try check(store, sent, acknowledged) { return problem }
        }
        return try check(store, sent, acknowledged)
    }

    private func check(
        _ store: EventStore<NoteKind>,
        _ sent: Set<Int64>,
        _ acknowledged: Set<Int64>
    ) throws -> String? {
        let numbers = try store.numbers()
        if Set(numbers).count != numbers.count { return "an event is there twice: \(numbers)" }
        if !acknowledged.isSubset(of: numbers) { return "lost \(acknowledged.subtracting(numbers).sorted())" }
        if !Set(numbers).isSubset(of: sent) { return "invented \(Set(numbers).subtracting(sent).sorted())" }
        if store.statistics.damagedRecords > 0 { return "a stop was taken for damage" }
        return nil
    }
}
