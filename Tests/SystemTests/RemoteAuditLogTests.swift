import MartletCore
import MartletExport
import MartletHTTPServer
import MartletLogging
import Synchronization
import Testing

@Suite("Audit records to a server")
struct RemoteAuditLogTests {
    @Test func `gives the server's number or the server's reason`() async throws {
        let bodies = Mutex<[String]>([])
        let server = try HTTPServer(.init(host: "127.0.0.1", port: 0)) { request in
            let count = bodies.withLock { bodies in
                bodies.append(String(decoding: request.body, as: UTF8.self))
                return bodies.count
            }
            if count == 1 { return .json(Array(#"{"status":"success","data":{"first":7,"last":8}}"#.utf8)) }
            return .text(#"{"status":"error","error":"the disk is full"}"#, status: 503)
        }
        let log = try RemoteAuditLog(url: "http://127.0.0.1:\(server.port)/")
        let record = AuditRecord(
            actor: "ann",
            operation: "secret.read",
            resource: "key/7",
            outcome: .denied,
            details: ["password": "hunter2"]
        )
        #expect(try await log.append([record, record]) == 7)
        let lines = bodies.withLock { $0[0] }.split(separator: "\n")
        #expect(lines.count == 2)
        let value = try JSONParser.parse(Array(lines[0].utf8))
        #expect(
            Set((value.members ?? [:]).keys) == [
                "timestamp", "actor", "operation", "resource", "outcome", "reason", "component", "trace_id", "details",
            ]
        )
        #expect(value["outcome"]?.text == "denied")
        #expect(value["details"]?["password"]?.text != "hunter2")
        await #expect(
            throws: LogSinkError(
                "the audit log at http://127.0.0.1:\(server.port)/api/v1/audit answered 503: the disk is full"
            )
        ) {
            try await log.append(record)
        }
        server.stop(drain: .zero)
        await #expect(throws: LogSinkError.self) { try await log.append(record) }
    }

    @Test func `a queue sends again until the server takes its records, in their order, and drops what is too much`()
        async throws
    {
        let bodies = Mutex<[String]>([])
        let refusals = Mutex(2)
        let server = try HTTPServer(.init(host: "127.0.0.1", port: 0)) { request in
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            if isRefused { return .text(#"{"status":"error","error":"the disk is full"}"#, status: 503) }
            bodies.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
            return .json(Array(#"{"status":"success","data":{"first":1,"last":1}}"#.utf8))
        }
        let log = try RemoteAuditLog(url: "http://127.0.0.1:\(server.port)")
        let queue = AuditQueue(log, capacity: 4, retryInterval: .milliseconds(20))
        func record(_ name: String) -> AuditRecord {
            AuditRecord(actor: "tree", operation: "supervision.restart", resource: name, outcome: .success)
        }
        for number in 0..<4 { queue.write(record("\(number)")) }
        let deadline = ContinuousClock.now + .seconds(60)
        while queue.written < 4, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(queue.written >= 4)
        #expect(queue.failures == 2 && queue.dropped == 0 && queue.count == 0)
        let sent = bodies.withLock { $0 }.joined(separator: "\n").split(separator: "\n")
        #expect(try sent.map { try JSONParser.parse(Array($0.utf8))["resource"]?.text } == ["0", "1", "2", "3"])
        server.stop(drain: .zero)
        for number in 4..<9 { queue.write(record("\(number)")) }
        await queue.stop(within: .milliseconds(50))
        #expect(queue.dropped == 5 && queue.count == 0)
        queue.write(record("late"))
        #expect(queue.dropped == 6 && queue.written == 4)
    }
}
