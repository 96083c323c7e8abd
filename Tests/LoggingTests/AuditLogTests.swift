import Foundation
import MartletCore
import MartletLogging
import Testing

@Suite("Audit log")
struct AuditLogTests {
    private let deed = AuditRecord(
        actor: "eva",
        operation: "secret.read",
        resource: "vault/db",
        outcome: .denied,
        reason: "no right\nto read",
        component: "vault",
        details: ["address": "10.0.0.7", "token": "abc"]
    )

    @Test func `each record is one JSON line with the same keys`() throws {
        let folder = try Folder()
        let log = try AuditLog(path: folder.path + "/audit.jsonl", clock: StandingClock())
        #expect(try log.append(deed) == 1)
        #expect(try log.append(AuditRecord(actor: "a", operation: "o", resource: "r", outcome: .success)) == 2)
        let lines = try folder.lines("audit.jsonl")
        #expect(
            lines.first
                == #"{"number":1,"timestamp":"2026-11-21T03:25:20.123456789Z","actor":"eva","operation":"secret.read","#
                + #""resource":"vault/db","outcome":"denied","reason":"no right\nto read","component":"vault","#
                + #""trace_id":null,"details":{"address":"10.0.0.7","token":"<secret>"}}"#
        )
        let keys = try lines.map { try JSONParser.parse(Array($0.utf8)).members?.keys.sorted() }
        #expect(keys.count == 2 && keys[0] == keys[1])
    }

    @Test func `numbers go on after a restart, and a torn line is ended`() throws {
        let folder = try Folder()
        let path = folder.path + "/audit.jsonl"
        try AuditLog(path: path).append(deed)
        try AuditLog(path: path, durability: .system).append(deed)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"number":3,"timest"#.utf8))
        try handle.close()
        let log = try AuditLog(path: path)
        #expect(log.lastNumber == 2)
        #expect(try log.append(deed) == 3)
        let lines = try folder.lines("audit.jsonl")
        #expect(lines.count == 4)
        #expect(try JSONParser.parse(Array(lines[3].utf8))["number"]?.integer(Int.self) == 3)
    }

    @Test func `the caller is told when a record could not be kept`() throws {
        let log = try AuditLog(path: "/dev/full")
        #expect(
            throws: LogSinkError(
                "cannot write the audit log /dev/full: No space left on device; free space, or check its rights"
            )
        ) { try log.append(deed) }
        #expect(log.failures == 1 && log.lastNumber == 0)
        #expect(throws: LogSinkError.self) { try AuditLog(path: "/no/such/folder/audit.jsonl") }
    }

    @Test func `many writers lose nothing`() async throws {
        let folder = try Folder()
        let log = try AuditLog(path: folder.path + "/audit.jsonl", durability: .system)
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<250 { try log.append(deed) } } }
            try await group.waitForAll()
        }
        let numbers = try folder.lines("audit.jsonl").map {
            try JSONParser.parse(Array($0.utf8))["number"]?.integer(Int.self) ?? 0
        }
        #expect(numbers == Array(1...2000))
    }
}
