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

extension AuditLogTests {
    @Test func `a security event is logged and recorded, whatever levels are on`() throws {
        let folder = try Folder()
        let audit = try AuditLog(path: folder.path + "/audit.jsonl", clock: StandingClock())
        let sink = MemorySink()
        let pipeline = LogPipeline(sink: sink, levels: LogLevels(LogFilter(.error)), clock: StandingClock())
        let log = StructuredLogger(
            appName: "sandbox",
            version: "1",
            environment: "test",
            pipeline: pipeline,
            audit: audit
        )
        let event = SecurityEvent(
            violationType: "capability_denied",
            actionTaken: "blocked",
            capability: "fs.write",
            resource: "/etc/passwd",
            context: EventContext(traceID: "\(someSpan.traceID)", sandboxID: "sb-7")
        )
        log.logSecurityEvent(event)
        SpanContext.$ofTask.withValue(someSpan) {
            log.logSecurityEvent(SecurityEvent(violationType: "memory_limit", actionTaken: "killed", threshold: 5))
        }
        log.logSecurityEvent(
            SecurityEvent(violationType: "x", actionTaken: "none", context: EventContext(traceID: "not a trace"))
        )
        #expect(sink.all.isEmpty)
        let records = try folder.lines("audit.jsonl").map { try JSONParser.parse(Array($0.utf8)) }
        #expect(records.map { $0["actor"]?.text } == ["sb-7", "sandbox", "sandbox"])
        #expect(records.map { $0["operation"]?.text } == ["capability_denied", "memory_limit", "x"])
        #expect(records.map { $0["resource"]?.text } == ["/etc/passwd", "", ""])
        #expect(records.allSatisfy { $0["outcome"]?.text == "denied" && $0["component"]?.text == "sandbox" })
        #expect(records[0]["reason"]?.text == "blocked")
        #expect(records[0]["trace_id"]?.text == "\(someSpan.traceID)")
        #expect(records[1]["trace_id"]?.text == "\(someSpan.traceID)")
        #expect(records[2]["trace_id"] == .null)
        #expect(records[2]["details"]?["trace"]?.text == "not a trace")
        #expect(records[0]["details"]?["capability"]?.text == "fs.write")
        #expect(records[1]["details"]?["threshold"]?.double == 5)
        #expect(audit.failures == 0)
    }
}
