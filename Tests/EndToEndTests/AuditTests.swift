import Foundation
import MartletExport
import MartletHealth
import MartletLogging
import MartletPacks
import Synchronization
import Testing

/// Which events were acknowledged: the ledger's number of each.
private final class Acknowledged: Sendable {
    let numbers = Mutex<[Int: Int]>([:])
}

/// Audit events through the real server, which is killed, and through the command.
@Suite("Audit", .fewAtOnce)
struct AuditTests {
    private static let configuration = """
        audit:
          durability: each
          block_events: 256
          checkpoints: {interval: 1s, file: heads.jsonl}
        """

    private func event(_ number: Int, actor: String = "ann", outcome: String = "success") -> String {
        #"{"timestamp":"2026-11-21T12:00:00Z","actor":"\#(actor)","operation":"secret.read","resource":"key/\#(number)","outcome":"\#(outcome)","reason":"","component":"vault","trace_id":null,"details":{}}"#
    }

    private func post(_ server: ServerUnderTest, _ lines: [String]) async throws -> (first: Int, last: Int) {
        let response = try await server.send("POST", "/api/v1/audit", body: Array(lines.joined(separator: "\n").utf8))
        guard response.status == 200 else { throw Problem(String(decoding: response.body, as: UTF8.self)) }
        let data = try JSON(String(decoding: response.body, as: UTF8.self))["data"]
        return (Int(data["first"].number), Int(data["last"].number))
    }

    private func martlet(_ words: String...) async throws -> (status: Int32, output: String, error: String) {
        try await Tools.run(Tools.martlet, words)
    }

    @Test func `what was written to look like another row, or to move the screen, does neither`() async throws {
        let server = try await ServerUnderTest()
        let actor = "ann\\u001b[2J\\n7  2026-11-21T12:00:00Z  root  audit.purge\\u202e"
        _ = try await post(server, [event(1, actor: actor), event(2, actor: "日本")])
        for words in [["audit"], ["audit", "report"]] {
            let table = try await Tools.run(Tools.martlet, words + ["--url", server.url])
            let rows = table.output.split(separator: "\n").map(String.init)
            #expect(rows.count == 3, "\(table.output)")
            #expect(
                rows.contains { $0.contains(#"ann\u{1b}[2J\n7  2026-11-21T12:00:00Z  root  audit.purge\u{202e}  "#) }
            )
            let forbidden = table.output.unicodeScalars.filter { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202e}" }
            #expect(forbidden.isEmpty, "\(forbidden)")
            // Characters of two columns leave the columns behind them where they are: 64 for the actor above, 4 here.
            let wide = try #require(rows.first { $0.contains("日本") })
            #expect(wide.contains("日本" + String(repeating: " ", count: 62) + "secret.read"), "\(table.output)")
        }
        let exact = try await martlet("audit", "export", "-o", "jsonl", "--url", server.url)
        #expect(exact.output.contains(#"ann\u001b[2J\n7  2026"#), "\(exact.output)")
    }

    @Test func `ten thousand events verify over restarts, and each kind of change is named`() async throws {
        let folder = try Folder()
        let data = folder.url.appending(path: "data").path
        var server = try await ServerUnderTest(in: folder, configuration: Self.configuration)
        _ = try await post(server, [event(1)])
        let key = try await martlet("audit", "key", "--data-dir", data).output
        for batch in 0..<100 {
            let count = batch == 99 ? 99 : 100
            _ = try await post(server, (0..<count).map { event(batch * 100 + $0 + 2) })
            if batch == 50 {
                #expect(server.process.end() == 0)
                server = try await ServerUnderTest(in: folder, configuration: Self.configuration)
            }
        }
        let head = try await martlet("audit", "head", "--url", server.url)
        #expect(head.output.contains("\"events\":10000,"))
        server.process.end(SIGKILL)
        let verify = { (more: [String]) async throws in
            try await Tools.run(
                Tools.martlet,
                ["audit", "verify", "--data-dir", data, "--from", head.output, "--key", key] + more
            )
        }
        let good = try await verify([])
        #expect(good.status == 0, "\(good.output)\(good.error)")
        #expect(good.output.contains("good: 10000 events in "), "\(good.output)")
        let blocks = "\(data)/audit/blocks"
        let names = try FileManager.default.contentsOfDirectory(atPath: blocks).sorted()
        func change(_ name: String, _ body: (inout [UInt8]) -> Void, finds kinds: [String]) async throws {
            let url = URL(filePath: "\(blocks)/\(name)")
            let original = try Data(contentsOf: url)
            var bytes = Array(original)
            body(&bytes)
            try Data(bytes).write(to: url)
            let found = try await verify([])
            #expect(found.status == 1)
            #expect(kinds.contains { found.output.hasPrefix($0) }, "\(found.output)")
            try original.write(to: url)
        }
        func place(of number: Int, in bytes: [UInt8]) -> Int {
            let text = Array(event(number).utf8)
            return bytes.indices.first { bytes[$0] == text[0] && bytes[$0...].starts(with: text) } ?? -1
        }
        try await change(names[3], { $0[place(of: 1100, in: $0) + 40] ^= 1 }, finds: ["altered: event 1100 in block 4"])
        // Two events of one length in each other's place.
        try await change(
            names[3],
            { bytes in
                let (first, second) = (place(of: 1100, in: bytes), place(of: 1101, in: bytes))
                let count = event(1100).utf8.count
                let text = Array(bytes[first..<(first + count)])
                bytes.replaceSubrange(first..<(first + count), with: bytes[second..<(second + count)])
                bytes.replaceSubrange(second..<(second + count), with: text)
            },
            finds: ["swapped: events 1100 and 1101 in block 4"]
        )
        // An event's bytes cut out of the file.
        try await change(
            names[3],
            { bytes in
                let first = place(of: 1100, in: bytes)
                bytes.removeSubrange(first..<(first + event(1100).utf8.count))
            },
            finds: ["damaged: block 4 is damaged", "missing: "]
        )
        try await change(names[names.count - 1], { $0.removeLast($0.count / 2) }, finds: ["truncated: ", "damaged: "])
        try await change(names[7], { $0 = Array("MRTAUD".utf8) }, finds: ["damaged: block 8"])
        #expect(try await verify([]).status == 0)
        #expect(try await martlet("audit", "verify", "--data-dir", data + "-none").status == 1)
    }

    @Test func `loses nothing acknowledged over fifty kills`() async throws {
        let folder = try Folder()
        let data = folder.url.appending(path: "data").path
        let acknowledged = Acknowledged()
        for round in 0..<50 {
            let server = try await ServerUnderTest(in: folder, configuration: Self.configuration)
            await withTaskGroup(of: Void.self) { group in
                for sender in 0..<4 {
                    group.addTask {
                        for index in 0..<10_000 {
                            let own = round * 1_000_000 + sender * 100_000 + index
                            guard let range = try? await post(server, [event(own)]) else { return }
                            acknowledged.numbers.withLock { $0[range.first] = own }
                        }
                    }
                }
                let wanted = acknowledged.numbers.withLock { $0.count } + 10 + round % 23
                while acknowledged.numbers.withLock({ $0.count }) < wanted, server.process.isRunning {
                    await Task.yield()
                }
                server.process.end(SIGKILL)
            }
        }
        let server = try await ServerUnderTest(in: folder, configuration: Self.configuration)
        let lines = try await server.get("/api/v1/audit/export").split(separator: "\n")
        let found = Dictionary(
            uniqueKeysWithValues: try lines.map { try JSON(String($0)) }.map {
                (Int($0["number"].number), $0["resource"].text)
            }
        )
        let wanted = acknowledged.numbers.withLock { $0 }
        #expect(wanted.count >= 500)
        let lost = wanted.filter { found[$0.key] != "key/\($0.value)" }
        #expect(lost.isEmpty, "\(lost.count) of \(wanted.count)")
        let report = try await martlet("audit", "verify", "--url", server.url)
        #expect(report.status == 0, "\(report.output)\(report.error)")
        #expect(server.process.end() == 0)
        #expect(try await martlet("audit", "verify", "--data-dir", data).status == 0)
        let heads = try String(contentsOf: folder.url.appending(path: "heads.jsonl"), encoding: .utf8)
        let last = try #require(heads.split(separator: "\n").last.map(String.init))
        #expect(try await martlet("audit", "verify", "--data-dir", data, "--from", last).status == 0)
    }

    @Test func `searches, counts, exports, proves and holds by the command`() async throws {
        let server = try await ServerUnderTest(configuration: Self.configuration)
        _ = try await post(server, [event(1), event(2, actor: "bob", outcome: "denied"), event(3, actor: "bob")])
        let table = try await martlet("audit", "--url", server.url, "--actor", "bob")
        #expect(table.output.contains("key/2") && table.output.contains("key/3") && !table.output.contains("key/1"))
        #expect(
            try await martlet("audit", "--url", server.url, "--outcome", "denied", "-o", "jsonl").output.split(
                separator: "\n"
            ).count == 1
        )
        #expect(try await martlet("audit", "--url", server.url, "key/1").output.contains("ann"))
        #expect(try await martlet("audit", "--url", server.url, "--actor", "nobody").status == 4)
        let report = try await martlet("audit", "report", "--url", server.url, "-o", "csv").output.split(
            separator: "\r\n"
        )
        #expect(report.contains { $0.hasPrefix("bob,secret.read,denied,1,") })
        #expect(report.contains { $0.hasPrefix("ann,secret.read,success,1,") })
        let csv = try await martlet("audit", "export", "--url", server.url, "-o", "csv").output
        #expect(csv.hasPrefix("number,taken,timestamp,actor,operation,"))
        #expect(csv.split(separator: "\r\n").count == 4)
        let lines = try await martlet("audit", "export", "--url", server.url, "--actor", "b*").output.split(
            separator: "\n"
        )
        #expect(lines.count == 2)
        #expect(try JSON(String(lines[0]))["number"].number == 2)
        let search = try await martlet("audit", "search", "bob -outcome:denied", "--url", server.url, "-o", "jsonl")
        #expect(search.output.split(separator: "\n").count == 1)
        #expect(search.output.contains("key/3"))
        #expect(try await martlet("audit", "search", "\"secret read\" nobody", "--url", server.url).status == 4)
        // Words are found whole, whatever their case; phrases in their order.
        for (words, count) in [
            ("SECRET", 3), ("Bob", 2), ("\"secret read\"", 3), ("\"read secret\"", 0), ("secre", 0), ("secre*", 3),
            ("\"bob secret read key\"", 2), ("ann OR denied", 2), ("-success", 1),
        ] {
            let found = try JSON(await server.get("/api/v1/audit/search/query", [("query", words)]))
            #expect(found["data"]["records"].elements.count == count, "\(words)")
        }
        let proof = try JSON(try await martlet("audit", "proof", "2", "--url", server.url).output)
        #expect(proof["block"]["block"].number == 1)
        #expect(try await martlet("audit", "proof", "99", "--url", server.url).status == 4)
        let hold = try await martlet("audit", "hold", "case-1", "--reason", "trial", "--by", "eve", "--url", server.url)
        #expect(hold.output == "case-1\n")
        #expect(try await martlet("audit", "holds", "--url", server.url).output.contains("trial"))
        #expect(try await martlet("audit", "unhold", "case-1", "--by", "eve", "--url", server.url).status == 0)
        #expect(try await martlet("audit", "unhold", "case-1", "--url", server.url).status == 4)
        let own = try await martlet("audit", "--url", server.url, "--actor", "eve", "-o", "jsonl").output
        #expect(own.contains("audit.hold") && own.contains("audit.unhold"))
    }

    @Test func `refuses what is no audit event, and tells the line`() async throws {
        let server = try await ServerUnderTest(configuration: Self.configuration)
        for (body, message) in [
            ("", "the body has no event"), ("{\"actor\":\"a\"}", "line 1: an audit event needs a text"),
            (event(1) + "\n{", "line 2: "),
        ] {
            let response = try await server.send("POST", "/api/v1/audit", body: Array(body.utf8))
            #expect(response.status == 400)
            #expect(String(decoding: response.body, as: UTF8.self).contains(message))
        }
        #expect(try JSON(await server.get("/api/v1/audit/records"))["data"]["records"].elements.isEmpty)
    }

    @Test func `keeps what operators do`() async throws {
        let server = try await ServerUnderTest(configuration: Self.configuration)
        let silence =
            #"{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2026-11-21T00:00:00Z","endsAt":"2036-11-21T00:00:00Z","createdBy":"ann","comment":"works"}"#
        let made = try await server.send(
            "POST",
            "/api/v2/silences",
            headers: [("Content-Type", "application/json")],
            body: Array(silence.utf8)
        )
        let id = try JSON(String(decoding: made.body, as: UTF8.self))["silenceID"].text
        _ = try await server.send("DELETE", "/api/v2/silence/\(id)")
        server.process.signal(SIGHUP)
        let records = try await eventually("three records come") {
            let found = try JSON(await server.get("/api/v1/audit/records"))["data"]["records"].elements
            return found.count >= 3 ? found : nil
        }
        #expect(records.map { $0["operation"].text } == ["silence.create", "silence.expire", "configuration.reload"])
        #expect(records[0]["actor"].text == "ann" && records[0]["reason"].text == "works")
        #expect(records[2]["outcome"].text == "success")
        #expect(try await server.get("/metrics").contains("martlet_audit_events_total 3"))
    }

    @Test func `deletes old events and still verifies`() async throws {
        let folder = try Folder()
        let configuration = "audit: {retention: 1s, block_events: 10}"
        let server = try await ServerUnderTest(in: folder, configuration: configuration)
        _ = try await post(server, (0..<10).map { event($0) })
        let gone = try await eventually("the first block is deleted") {
            let found = try JSON(await server.get("/api/v1/audit/records", [("operation", "audit.retention")]))
            return found["data"]["records"].elements.isEmpty ? nil : found
        }
        #expect(gone["data"]["records"].elements[0]["resource"].text == "block 1")
        let report = try await martlet("audit", "verify", "--url", server.url, "-o", "json")
        #expect(report.status == 0, "\(report.output)")
        server.process.end()
        let data = folder.url.appending(path: "data").path
        #expect(
            try await martlet("audit", "verify", "--data-dir", data).output.contains(
                "10 deleted by retention in 1 blocks"
            )
        )
    }

    @Test func `an indexed search is ten times as fast as a scan`() async throws {
        let server = try await ServerUnderTest(configuration: "audit: {durability: os}")
        for batch in 0..<20 {
            let lines = (0..<5000).map { index in
                event(batch * 5000 + index, actor: batch == 7 && index == 77 ? "platypus" : "ann")
            }
            _ = try await post(server, lines)
        }
        func fastest(_ path: String, _ parameters: [(String, String)]) async throws -> Duration {
            var fastest = Duration.seconds(1000)
            for _ in 0..<3 {
                let start = ContinuousClock.now
                let answer = try JSON(await server.get(path, parameters))
                fastest = min(fastest, ContinuousClock.now - start)
                #expect(answer["data"]["records"].elements.count == 1)
            }
            return fastest
        }
        let indexed = try await fastest("/api/v1/audit/search/query", [("query", "platypus")])
        let scanned = try await fastest("/api/v1/audit/records", [("text", "platypus")])
        print("audit: found in \(indexed) by the index, in \(scanned) by a scan of 100,000 events")
        #expect(scanned > indexed * 10)
    }

    @Test func `keeps what supervisors do and breaches of the rules, with their trace`() async throws {
        struct Crash: Error {}
        let server = try await ServerUnderTest(configuration: Self.configuration)
        let queue = AuditQueue(try RemoteAuditLog(url: server.url))
        let supervisor = Supervisor("workers", observers: [SupervisionAudit(queue)])
        let crashes = Mutex(2)
        await supervisor.add(
            ChildSpecification("cart") {
                let isCrashing = crashes.withLock { left in
                    left -= 1
                    return left >= 0
                }
                if isCrashing { throw Crash() }
                try await Task.sleep(for: .seconds(1000))
            }
        )
        let run = Task { try await supervisor.run() }
        let log = StructuredLogger(
            appName: "vault",
            version: "1",
            environment: "test",
            pipeline: LogPipeline(sink: SilentSink()),
            audit: queue
        )
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        log.logSecurityEvent(
            SecurityEvent(
                violationType: "sql_injection",
                actionTaken: "blocked",
                resource: "'; DROP TABLE users; --",
                context: EventContext(traceID: trace, sandboxID: "sb-7")
            )
        )
        let records = try await eventually("three records come") {
            let found = try JSON(await server.get("/api/v1/audit/records"))["data"]["records"].elements
            return found.count >= 3 ? found : nil
        }
        run.cancel()
        try await run.value
        let restarts = records.filter { $0["operation"].text == "supervision.restart" }
        #expect(restarts.count == 2)
        #expect(restarts.allSatisfy { $0["actor"].text == "workers" && $0["resource"].text == "cart" })
        #expect(restarts.allSatisfy { $0["reason"].text == "Crash" })
        let breach = try #require(records.first { $0["operation"].text == "sql_injection" })
        #expect(breach["trace_id"].text == trace && breach["actor"].text == "sb-7")
        #expect(breach["resource"].text == "'; DROP TABLE users; --" && breach["outcome"].text == "denied")
        let report = try await Tools.run(
            Tools.martlet,
            ["audit", "report", "--by", "component,outcome", "-o", "csv", "--url", server.url]
        )
        #expect(report.output.contains("vault,denied,1,"), "\(report.output)\(report.error)")
        await queue.stop()
        #expect(queue.written == 3 && queue.dropped == 0)
    }
}
