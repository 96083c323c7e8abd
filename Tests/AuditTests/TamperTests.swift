import Foundation
import MartletAudit
import MartletCore
import MartletFiles
import MartletTestKit
import Testing

/// Ten thousand events in which every kind of change is found and named.
@Suite("Tampering with the audit ledger")
struct TamperTests {
    static let eventCount = 10_000

    /// A ledger of ten thousand events, made once: 39 blocks of 256 and an open one; one commit holds one to nine events.
    static let original: (folder: Folder, key: AuditKey, head: AuditHead) = {
        let folder = Folder()
        let clock = ManualClock(milliseconds: 1_795_262_400_000)
        do {
            let ledger = try folder.open(
                clock: clock,
                {
                    $0.blockEventsMax = 256; $0.isSynced = false
                }
            )
            let key = ledger.key
            var next = 0
            while next < eventCount {
                let count = min(1 + next % 9, eventCount - next)
                try ledger.append((0..<count).map { event(next + $0 + 1) })
                next += count
                clock.advance(by: .milliseconds(10))
            }
            guard let head = try ledger.checkpoint() else { fatalError("there is a checkpoint") }
            ledger.abandon()
            return (folder, key, head)
        } catch {
            fatalError("\(error)")
        }
    }()

    let folder = Folder()

    init() throws {
        try FileManager.default.copyItem(atPath: Self.original.folder.path, toPath: folder.path)
    }

    func verify() throws -> AuditReport {
        try folder.verify(head: Self.original.head, key: Self.original.key)
    }

    /// A block's file with its records taken apart.
    struct Parsed {
        struct Commit {
            var number: UInt64
            var time: UInt64
            var first: UInt64
            var events: [(leaf: [UInt8], bytes: [UInt8])]
            var hash: [UInt8]
        }

        var header: [UInt8]
        var commits: [Commit] = []
        var footer: [UInt8] = []

        init(_ file: [UInt8]) {
            header = Array(file[..<104])
            var place = 104
            while place < file.count {
                let length = Int(Parsed.number(file, place + 4, 4))
                let payload = Array(file[(place + 16)..<(place + 16 + length)])
                let end = place + 16 + length + 32
                if file[place + 3] == UInt8(ascii: "F") {
                    footer = Array(file[place..<end])
                } else {
                    var commit = Commit(
                        number: Parsed.number(payload, 0, 8),
                        time: Parsed.number(payload, 8, 8),
                        first: Parsed.number(payload, 16, 8),
                        events: [],
                        hash: Array(file[(end - 32)..<end])
                    )
                    var at = 28
                    while at < payload.count {
                        let count = Int(Parsed.number(payload, at, 4))
                        commit.events.append(
                            (Array(payload[(at + 4)..<(at + 36)]), Array(payload[(at + 36)..<(at + 36 + count)]))
                        )
                        at += 36 + count
                    }
                    commits.append(commit)
                }
                place = end
            }
        }

        static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
        }

        static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        }

        /// The file, lengths and checksums made to fit what was changed; with `chain`, hashes too.
        func file(rehashing chain: AuditChain? = nil) -> [UInt8] {
            var file = header
            var previous = AuditHash(Array(header[72..<104]).span)
            var leaves: [AuditHash] = []
            var next: UInt64 = Parsed.number(header, 32, 8)
            var events: UInt64 = 0
            for commit in commits {
                let first = chain == nil ? commit.first : next
                var payload = Parsed.little(commit.number, 8) + Parsed.little(commit.time, 8) + Parsed.little(first, 8)
                payload += Parsed.little(UInt64(commit.events.count), 4)
                for (index, event) in commit.events.enumerated() {
                    let leaf = chain.map { $0.leaf(first + UInt64(index), event.bytes.span) }
                    if let leaf { leaves.append(leaf) }
                    payload += Parsed.little(UInt64(event.bytes.count), 4) + (leaf?.bytes ?? event.leaf) + event.bytes
                }
                next = first + UInt64(commit.events.count)
                events += UInt64(commit.events.count)
                let hash = chain.map { $0.commit(previous, payload.span) }
                if let hash { previous = hash }
                file += frame("MAUC", payload, hash?.bytes ?? commit.hash)
            }
            guard let chain, !footer.isEmpty else { return file + footer }
            var closing = Array(footer[16..<(16 + 96)])
            closing.replaceSubrange(8..<16, with: Parsed.little(events, 8))
            closing.replaceSubrange(32..<64, with: previous.bytes)
            closing.replaceSubrange(64..<96, with: chain.root(leaves).bytes)
            return file + frame("MAUF", closing, chain.hashing.sha256(([3] + header + closing).span).bytes)
        }

        private func frame(_ marker: String, _ payload: [UInt8], _ hash: [UInt8]) -> [UInt8] {
            Array(marker.utf8) + Parsed.little(UInt64(payload.count), 4)
                + Parsed.little(UInt64(CRC32C.checksum(payload.span)), 4) + [0, 0, 0, 0] + payload + hash
        }
    }

    func change(_ name: String, rehashing: Bool = false, _ body: (inout Parsed) -> Void) throws {
        var parsed = Parsed(try folder.read("blocks/\(name)"))
        body(&parsed)
        try folder.write("blocks/\(name)", parsed.file(rehashing: rehashing ? AuditChain(Hashes()) : nil))
    }

    var openBlock: String { folder.blocks.first { $0.hasSuffix(".open") } ?? "" }

    @Test func `finds nothing in an untouched ledger`() throws {
        let report = try verify()
        #expect(report.findings.isEmpty)
        #expect(report.events == 10_000)
        #expect(report.authenticated == report.checkpoints)
        #expect(report.checkpoints > 30)
        try change("0000000003.block") { _ in }
        #expect(try verify().isGood)
    }

    @Test(arguments: ["0000000003.block", "open"])
    func `names the event in which a byte was flipped`(name: String) throws {
        let name = name == "open" ? openBlock : name
        var file = try folder.read("blocks/\(name)")
        let parsed = Parsed(file)
        let commit = parsed.commits[4]
        let wanted = commit.first + UInt64(commit.events.count) - 1
        let bytes = try #require(commit.events.last?.bytes)
        let place = try #require(file.indices.first { file[$0...].starts(with: bytes) })
        file[place + 20] ^= 0x04
        try folder.write("blocks/\(name)", file)
        let report = try verify()
        #expect(report.findings.map(\.kind) == [.altered])
        #expect(report.findings.first?.events == wanted...wanted)
        #expect(report.findings.first?.text.contains("event \(wanted)") == true)
        #expect(report.events == 10_000)
    }

    @Test(arguments: ["0000000003.block", "open"])
    func `names the event that was deleted`(name: String) throws {
        let name = name == "open" ? openBlock : name
        var wanted: UInt64 = 0
        try change(name) { block in
            let index = block.commits.firstIndex { $0.events.count > 3 } ?? 0
            wanted = block.commits[index].first + 1
            block.commits[index].events.remove(at: 1)
        }
        let report = try verify()
        #expect(report.findings.contains { $0.kind == .missing && $0.events == wanted...wanted })
        #expect(report.findings.allSatisfy { $0.kind == .missing })
    }

    @Test func `names a commit that was deleted with all its events`() throws {
        var wanted: ClosedRange<UInt64> = 0...0
        try change("0000000005.block") { block in
            let gone = block.commits.remove(at: 7)
            wanted = gone.first...(gone.first + UInt64(gone.events.count) - 1)
        }
        let report = try verify()
        #expect(report.findings.first?.kind == .missing)
        #expect(report.findings.first?.events == wanted)
    }

    @Test(arguments: ["0000000003.block", "open"])
    func `names two events that were swapped`(name: String) throws {
        let name = name == "open" ? openBlock : name
        var wanted: ClosedRange<UInt64> = 0...0
        try change(name) { block in
            let index = block.commits.firstIndex { $0.events.count > 4 } ?? 0
            block.commits[index].events.swapAt(1, 3)
            wanted = (block.commits[index].first + 1)...(block.commits[index].first + 3)
        }
        let report = try verify()
        #expect(report.findings.map(\.kind) == [.swapped])
        #expect(report.findings.first?.events == wanted)
        #expect(report.findings.first?.text.hasSuffix("were swapped") == true)
    }

    @Test func `names two events whose bytes alone were swapped`() throws {
        var wanted: ClosedRange<UInt64> = 0...0
        try change("0000000003.block") { block in
            let index = block.commits.firstIndex { $0.events.count > 4 } ?? 0
            let bytes = block.commits[index].events[1].bytes
            block.commits[index].events[1].bytes = block.commits[index].events[2].bytes
            block.commits[index].events[2].bytes = bytes
            wanted = (block.commits[index].first + 1)...(block.commits[index].first + 2)
        }
        let report = try verify()
        #expect(report.findings.map(\.kind) == [.swapped])
        #expect(report.findings.first?.events == wanted)
    }

    @Test func `names a tail that was cut off`() throws {
        // At the end of a commit, where nothing inside of the file tells.
        try change(openBlock) { $0.commits.removeLast(2) }
        let report = try verify()
        #expect(report.findings.map(\.kind) == [.truncated, .truncated])
        #expect(report.findings.first?.events?.upperBound == 10_000)
        #expect(report.findings.first?.text.contains("its tail is missing") == true)
        #expect(report.lastEvent < 10_000)
    }

    @Test func `names a tail that was cut off a sealed block, and one with all blocks behind it`() throws {
        let file = try folder.read("blocks/0000000010.block")
        try folder.write("blocks/0000000010.block", Array(file.prefix(file.count / 2)))
        #expect(try verify().findings.first?.kind == .truncated)
        #expect(try verify().findings.first?.block == 10)
        try folder.write("blocks/0000000010.block", file)
        for name in folder.blocks.suffix(3) { try folder.remove("blocks/\(name)") }
        let kinds = try verify().findings.map(\.kind)
        #expect(kinds.contains(.truncated))
    }

    @Test func `names a tail that was cut off together with the checkpoints that tell of it`() throws {
        try change(openBlock) { $0.commits.removeLast(1) }
        let lines = try folder.read("checkpoints.jsonl").split(separator: 0x0a)
        try folder.write("checkpoints.jsonl", Array(lines.dropLast(2).joined(separator: [0x0a])) + [0x0a])
        // The key tells that checkpoints are missing; a head kept elsewhere tells what.
        #expect(try folder.verify().findings.map(\.kind) == [.checkpoint])
        #expect(try verify().findings.contains { $0.kind == .truncated })
    }

    @Test func `names a block that was rewritten with all its hashes`() throws {
        try change("0000000012.block", rehashing: true) { block in
            block.commits[3].events[0].bytes = Array(#"{"actor":"nobody"}"#.utf8)
        }
        let report = try verify()
        #expect(report.findings.contains { $0.kind == .rewritten && $0.block == 12 })
        #expect(report.findings.allSatisfy { $0.kind == .rewritten })
    }

    @Test func `names a last block that was rewritten with all its hashes`() throws {
        try change(openBlock, rehashing: true) { $0.commits[0].events[0].bytes = Array("{}".utf8) }
        let report = try verify()
        #expect(!report.isGood)
        #expect(report.findings.allSatisfy { $0.kind == .rewritten })
    }

    @Test func `names a block that is gone`() throws {
        try folder.remove("blocks/0000000007.block")
        #expect(try verify().findings.first?.text == "block 7 is missing")
        #expect(try verify().findings.count == 1)
    }

    @Test func `names checkpoints of another key`() throws {
        var lines = try folder.read("checkpoints.jsonl").split(separator: 0x0a).map {
            String(decoding: $0, as: UTF8.self)
        }
        var head = try #require(AuditHead(line: lines[4]))
        head.mac = head.ledger
        lines[4] = head.line
        try folder.write("checkpoints.jsonl", Array((lines.joined(separator: "\n") + "\n").utf8))
        #expect(try verify().findings.map(\.kind) == [.checkpoint])
        // Without a key nobody can tell.
        #expect(try folder.verify().isGood)
        lines[6] = "{}"
        try folder.write("checkpoints.jsonl", Array((lines.joined(separator: "\n") + "\n").utf8))
        #expect(try folder.verify().findings.count == 2)
        try folder.remove("key")
        #expect(try folder.verify().findings.contains { $0.text == "the key of the ledger is missing" })
    }

    @Test func `tells a head of another ledger`() throws {
        let other = Folder()
        let ledger = try other.open(clock: ManualClock(milliseconds: 1))
        try ledger.append([event(1)])
        let head = try #require(try ledger.checkpoint())
        ledger.abandon()
        #expect(try folder.verify(head: head).findings.map(\.kind) == [.checkpoint])
        #expect(throws: AuditError.self) { try AuditVerifier(other.path + "-none", hashing: Hashes()).verify() }
    }

    @Test func `finds every flipped bit`() throws {
        // Flips a bit of every 97th byte of one small ledger; no byte in it is without meaning.
        let small = Folder()
        let ledger = try small.open(clock: ManualClock(milliseconds: 1_795_262_400_000)) { $0.blockEventsMax = 5 }
        for index in 1...14 { try ledger.append([event(index)]) }
        let head = try #require(try ledger.checkpoint())
        ledger.abandon()
        for name in small.blocks {
            let file = try small.read("blocks/\(name)")
            for place in stride(from: 0, to: file.count, by: 13) {
                var changed = file
                changed[place] ^= 1 << UInt8(place % 8)
                try small.write("blocks/\(name)", changed)
                let report = try small.verify(head: head)
                #expect(!report.isGood, "\(name) byte \(place)")
            }
            try small.write("blocks/\(name)", file)
        }
        #expect(try small.verify(head: head).isGood)
    }
}
