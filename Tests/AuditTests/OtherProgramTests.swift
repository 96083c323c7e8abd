import Foundation
import MartletAudit
import MartletCore
import MartletTestKit
import Testing

@Suite("The format of the audit ledger")
struct OtherProgramTests {
    /// Runs the verifier that knows docs/formats/audit-chain.md alone.
    func run(_ folder: Folder, _ key: AuditKey) throws -> (status: Int32, text: String) {
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Peers/verify_audit.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", program, folder.path, key.line]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test func `can be verified by another program, also after retention, restarts and a change`() throws {
        let folder = Folder()
        let clock = ManualClock(milliseconds: 1_795_262_400_000)
        let key: AuditKey
        do {
            let ledger = try folder.open(clock: clock) { $0.retention = .seconds(300) }
            key = ledger.key
            for index in 0..<350 {
                try ledger.append((0...(index % 3)).map { event(index * 3 + $0) })
                clock.advance(by: .seconds(2))
                if index % 100 == 99 { ledger.maintain() }
            }
            ledger.abandon()
        }
        let again = try folder.open(clock: clock)
        try again.append([event(1)])
        try again.close()
        #expect(folder.blocks.contains { $0.hasSuffix(".tombstone") })
        let (status, text) = try run(folder, key)
        #expect(status == 0, "\(text)")
        #expect(text.hasSuffix(" 0 problems\n"))
        let name = try #require(folder.blocks.last { $0.hasSuffix(".block") })
        var bytes = try folder.read("blocks/\(name)")
        bytes[200] ^= 1
        try folder.write("blocks/\(name)", bytes)
        #expect(try run(folder, key).status == 1)
    }

    /// The example of docs/formats/audit-chain.md.
    @Test func `is what the documentation shows`() throws {
        let chain = AuditChain(Hashes())
        let zero = AuditHash.zero
        let beginning = chain.beginning(zero)
        let leaf = chain.leaf(1, Array("{}".utf8).span)
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/formats/audit-chain.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        #expect(text.contains("| beginning | `\(beginning)` |"))
        #expect(text.contains("| leaf, and so the root | `\(leaf)` |"))
        let clock = ManualClock(milliseconds: 0)
        clock.advance(by: .nanoseconds(1))
        let folder = Folder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try folder.write("identity", Array("\(zero)\n".utf8))
        let ledger = try folder.open(clock: clock)
        try ledger.append([Array("{}".utf8)])
        try ledger.close()
        #expect(text.contains("| commit 1 | `\(ledger.head.commitHash)` |"))
        #expect(text.contains("| block 1 | `\(ledger.head.blockHash)` |"))
    }
}
