import Foundation
import MartletAudit
import MartletCore
import MartletFiles
import MartletTestKit
import StorageDoubles
import Synchronization
import Testing

@Suite("Audit ledger")
struct LedgerTests {
    let folder = Folder()
    let clock = ManualClock(milliseconds: 1_795_262_400_000)

    func events(of ledger: AuditLedger, from first: UInt64 = 1) throws -> [UInt64: [UInt8]] {
        var found: [UInt64: [UInt8]] = [:]
        try ledger.read(from: first) { number, _, bytes in
            found[number] = (0..<bytes.count).map { bytes[$0] }
            return true
        }
        return found
    }

    @Test func `gives events numbers and gives them back over restarts`() throws {
        let ledger = try folder.open(clock: clock)
        #expect(try ledger.append([event(1), event(2)]) == 1)
        #expect(try ledger.append([event(3)]) == 3)
        #expect(try events(of: ledger) == [1: event(1), 2: event(2), 3: event(3)])
        #expect(ledger.statistics.events == 3)
        #expect(ledger.statistics.commits == 2)
        try ledger.close()
        #expect(throws: AuditError.self) { try ledger.append([event(4)]) }
        let again = try folder.open(clock: clock)
        #expect(try again.append([event(4)]) == 4)
        #expect(try events(of: again, from: 3) == [3: event(3), 4: event(4)])
        try again.close()
        let report = try folder.verify()
        #expect(report.isGood, "\(report.findings)")
        #expect(report.events == 4)
        #expect(report.blocks == 2)
        #expect(report.checkpoints == 2)
    }

    @Test func `refuses events that are too large, none at all, and more than can wait`() throws {
        let ledger = try folder.open(clock: clock) {
            $0.eventBytesMax = 100
            $0.pendingBytesMax = 150
        }
        #expect(throws: AuditError.invalid("there is no event to append")) { try ledger.append([]) }
        #expect(throws: AuditError.invalid("an event has 101 bytes, more than the limit of 100")) {
            try ledger.append([[UInt8](repeating: 0x78, count: 101)])
        }
        #expect(throws: AuditError.self) {
            try ledger.append([[UInt8](repeating: 0x78, count: 80), [UInt8](repeating: 0x78, count: 80)])
        }
        #expect(try ledger.append([[UInt8](repeating: 0x78, count: 100)]) == 1)
    }

    @Test func `keeps a second process out`() throws {
        let ledger = try folder.open(clock: clock)
        #expect(throws: AuditError.self) { try folder.open(clock: clock) }
        try ledger.close()
        let again = try folder.open(clock: clock)
        again.abandon()
    }

    @Test func `refuses a directory of another version`() throws {
        try folder.open(clock: clock).close()
        try folder.write("format", Array("martlet audit 9\n".utf8))
        #expect(throws: AuditError.self) { try folder.open(clock: clock) }
        #expect(AuditLedger.isThere(folder.path))
        #expect(!AuditLedger.isThere(folder.path + "-none"))
    }

    @Test func `keeps what was acknowledged when the process ends without a word`() throws {
        for round in 0..<5 {
            let ledger = try folder.open(clock: clock)
            for index in 0..<30 { try ledger.append([event(round * 30 + index)]) }
            ledger.abandon()
        }
        // What a stop inside of a write leaves.
        let open = try #require(folder.blocks.last { $0.hasSuffix(".open") })
        let whole = try folder.read("blocks/\(open)")
        try folder.write("blocks/\(open)", whole + Array("MAUC".utf8) + [200, 0, 0, 0, 1, 2])
        #expect(try folder.verify().notes.contains { $0.contains("never acknowledged") })
        let ledger = try folder.open(clock: clock)
        #expect(try events(of: ledger).count == 150)
        try ledger.close()
        let report = try folder.verify()
        #expect(report.isGood, "\(report.findings)")
        #expect(report.events == 150)
    }

    @Test func `groups what many callers append at once, and numbers each caller's events in a row`() throws {
        let ledger = try folder.open(clock: clock) { $0.blockEventsMax = 1_000 }
        let firsts = Mutex<[UInt64]>([])
        DispatchQueue.concurrentPerform(iterations: 200) { index in
            guard let first = try? ledger.append([event(index), event(index)]) else { return }
            firsts.withLock { $0.append(first) }
        }
        let sorted = firsts.withLock { $0.sorted() }
        let wanted = (0..<200).map { UInt64($0 * 2 + 1) }
        #expect(sorted == wanted)
        let found = try events(of: ledger)
        for first in sorted { #expect(found[first] == found[first + 1]) }
        #expect(ledger.statistics.commits <= 200)
        try ledger.close()
        #expect(try folder.verify().isGood)
    }

    @Test func `seals by age and writes checkpoints at intervals`() throws {
        let heads = Mutex<[AuditHead]>([])
        let ledger = try folder.open(clock: clock, publish: { head in heads.withLock { $0.append(head) } })
        try ledger.append([event(1)])
        ledger.maintain()
        #expect(heads.withLock { $0.map(\.commit) } == [1])
        ledger.maintain()
        #expect(heads.withLock { $0.count } == 1)
        try ledger.append([event(2)])
        clock.advance(by: .seconds(301))
        ledger.maintain()
        #expect(heads.withLock { $0.map(\.events) } == [1, 2])
        #expect(heads.withLock { $0.map(\.epoch) } == [0, 1])
        clock.advance(by: .seconds(86_400))
        ledger.maintain()
        #expect(ledger.head.block == 1)
        #expect(try ledger.checkpoint()?.block == 1)
        ledger.abandon()
        #expect(try folder.verify().isGood)
    }

    @Test func `deletes old blocks save for those held, and the chain still verifies`() throws {
        var ledger = try folder.open(clock: clock) { $0.retention = .seconds(3600) }
        for block in 0..<4 {
            for index in 0..<100 { try ledger.append([event(block * 100 + index)]) }
            clock.advance(by: .seconds(600))
        }
        let now = clock.nanosecondsSinceEpoch
        let second = now - 1_800_000_000_000
        try ledger.add(AuditHold(id: "case-7", start: second, end: second, reason: "trial", actor: "ann", created: now))
        #expect(throws: AuditError.self) {
            try ledger.add(AuditHold(id: "x", start: 2, end: 1, reason: "", actor: "", created: 0))
        }
        clock.advance(by: .seconds(3600))
        ledger.maintain()
        #expect(
            folder.blocks.filter { $0.hasSuffix(".tombstone") } == [
                "0000000001.tombstone", "0000000003.tombstone", "0000000004.tombstone",
            ]
        )
        #expect(ledger.statistics.blocksDeleted == 3)
        #expect(try events(of: ledger).keys.sorted().prefix(2) == [101, 102])
        try ledger.close()
        ledger = try folder.open(clock: clock) { $0.retention = .seconds(3600) }
        #expect(ledger.holds.map(\.id) == ["case-7"])
        #expect(throws: AuditError.notFound("there is no hold \"none\"")) { try ledger.removeHold("none") }
        try ledger.removeHold("case-7")
        ledger.maintain()
        #expect(ledger.statistics.blocksDeleted == 1)
        #expect(throws: AuditError.self) { try ledger.proof(of: 150) }
        try ledger.close()
        let report = try folder.verify()
        #expect(report.isGood, "\(report.findings)")
        #expect(report.tombstones == 4)
        #expect(report.deletedEvents == 400)
        #expect(report.lastEvent == 404)
    }

    @Test func `deletes the oldest blocks beyond the limit of bytes`() throws {
        let ledger = try folder.open(clock: clock) { $0.bytesMax = 50_000 }
        for index in 0..<600 { try ledger.append([event(index)]) }
        ledger.maintain()
        #expect(ledger.statistics.byteCount < 60_000)
        #expect(ledger.statistics.blocksDeleted > 1)
        #expect(ledger.statistics.firstEvent > 100)
        try ledger.close()
        #expect(try folder.verify().isGood)
    }

    @Test func `proves that an event is there, up to a head that was kept elsewhere`() throws {
        let ledger = try folder.open(clock: clock)
        for index in 1...250 { try ledger.append([event(index)]) }
        let proof = try ledger.proof(of: 42)
        #expect(proof.event == event(42))
        let last = try ledger.proof(of: 250)
        #expect(last.following.isEmpty)
        try ledger.append([event(251)])
        try ledger.close()
        let heads = try folder.read("checkpoints.jsonl").split(separator: 0x0a).compactMap {
            AuditHead(line: String(decoding: $0, as: UTF8.self))
        }
        let chain = AuditChain(Hashes())
        let head = try #require(heads.first { $0.block == 2 })
        #expect(proof.fault(chain, head: head) == nil)
        #expect(last.fault(chain, head: head) == "the proof ends at block 3, the head tells of block 2")
        var writer = JSONWriter()
        proof.write(to: &writer)
        var copy = try #require(AuditProof(try JSONParser.parse(writer.bytes)))
        #expect(copy.fault(chain, head: head) == nil)
        copy.event[0] ^= 1
        #expect(copy.fault(chain, head: nil) == "the event does not lead to the root of block 1")
        copy = proof
        copy.number = 101
        #expect(copy.fault(chain, head: nil) != nil)
        copy = proof
        copy.following[0].events += 1
        #expect(copy.fault(chain, head: head) == "block 2 has another hash than the head tells")
        #expect(throws: AuditError.notFound("there is no event 999")) { try folder.open(clock: clock).proof(of: 999) }
    }

    @Test func `builds trees of any size by which every leaf is proved`() {
        let chain = AuditChain(Hashes())
        for count in 1...20 {
            let leaves = (0..<count).map { chain.leaf(UInt64($0), [UInt8($0)].span) }
            let root = chain.root(leaves)
            for index in 0..<count {
                let path = chain.path(leaves, to: index)
                #expect(chain.root(of: leaves[index], at: index, of: count, along: path) == root)
                #expect(chain.root(of: leaves[index], at: index, of: count, along: path + [root]) == nil)
                if count > 1 { #expect(chain.root(of: leaves[index], at: index, of: count, along: []) != root) }
            }
        }
        #expect(chain.root([]).description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func `refuses events while the disk is full and goes on without a gap when it is not`() throws {
        let disk = SimulatedFileSystem()
        var configuration = AuditConfiguration(directory: "/audit")
        configuration.blockEventsMax = 10
        let ledger = try AuditLedger(configuration, hashing: Hashes(), clock: clock, fileSystem: disk)
        var acknowledged = 0
        for index in 0..<60 {
            disk.failAlways(with: (20..<35).contains(index) ? .full : nil)
            if (try? ledger.append([event(index)])) != nil { acknowledged += 1 }
            if index == 30 { #expect(ledger.statistics.failure != nil) }
        }
        #expect(acknowledged == 45)
        #expect(ledger.statistics.events == 45)
        #expect(ledger.statistics.failures == 15)
        try ledger.close()
        let report = try AuditVerifier("/audit", hashing: Hashes(), fileSystem: disk).verify()
        #expect(report.isGood, "\(report.findings)")
        #expect(report.events == 45)
    }

    /// Stops the machine between any two operations on files, then looks at what is left.
    @Test(arguments: 0..<120)
    func `loses nothing acknowledged when the power is cut anywhere`(seed: UInt64) throws {
        var numbers = SeededNumbers(state: seed)
        let disk = SimulatedFileSystem()
        var configuration = AuditConfiguration(directory: "/audit")
        configuration.blockEventsMax = 4
        configuration.retention = .seconds(60)
        var acknowledged: [UInt64: [UInt8]] = [:]
        for round in 0..<4 {
            guard let ledger = try? AuditLedger(configuration, hashing: Hashes(), clock: clock, fileSystem: disk) else {
                disk.cutPower(&numbers)
                continue
            }
            disk.fail(after: Int.random(in: 1...80, using: &numbers), with: .stop)
            for index in 0..<12 {
                if let number = try? ledger.append([event(round * 100 + index)]) {
                    acknowledged[number] = event(round * 100 + index)
                }
                clock.advance(by: .seconds(5))
                if index % 5 == 4 { ledger.maintain() }
            }
            ledger.abandon()
            disk.cutPower(&numbers)
        }
        let ledger = try AuditLedger(configuration, hashing: Hashes(), clock: clock, fileSystem: disk)
        let found = try events(of: ledger)
        let first = ledger.statistics.firstEvent
        for (number, event) in acknowledged
        where number >= first && found.keys.contains(number) || number > (found.keys.max() ?? 0) {
            #expect(found[number] == event, "seed \(seed): event \(number)")
        }
        try ledger.close()
        let report = try AuditVerifier("/audit", hashing: Hashes(), fileSystem: disk).verify()
        #expect(report.isGood, "seed \(seed): \(report.findings)")
        #expect(report.events + report.deletedEvents == report.lastEvent)
    }

    @Test func `writes its own events with always the same keys`() throws {
        let bytes = AuditEvent(actor: "a", operation: "o", resource: "r", outcome: "success", details: [("k", "v")])
            .json(time: 1_795_262_400_000_000_000)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"timestamp":"2026-11-21T12:00:00.000000000Z","actor":"a","operation":"o","resource":"r","outcome":"success","#
                + #""reason":"","component":"","trace_id":null,"details":{"k":"v"}}"#
        )
    }
}
