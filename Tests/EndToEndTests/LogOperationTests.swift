import Foundation
import Testing

/// How logs are operated: what is refused, how much is kept, and what the server itself logs.
@Suite("Operation of logs", .fewAtOnce)
struct LogOperationTests {
    private static let json = [("Content-Type", "application/json")]

    private func post(
        _ server: ServerUnderTest,
        _ path: String,
        _ body: [UInt8],
        _ headers: [(String, String)] = LogOperationTests.json
    ) async throws -> (status: Int, body: [UInt8]) {
        let response = try await server.send("POST", path, headers: headers, body: body)
        return (response.status, response.body)
    }

    @Test func `good records of an OTLP request are kept when others are refused`() async throws {
        let server = try await ServerUnderTest()
        let record = { (body: String) in
            #"{"timeUnixNano":"1700000000000000000","body":\#(body)}"#
        }
        let deep =
            String(repeating: #"{"arrayValue":{"values":["#, count: 40) + #"{"intValue":"1"}"#
            + String(repeating: "]}}", count: 40)
        let records = [
            record(#"{"stringValue":"first"}"#), record(deep), record(#"{"intValue":"many"}"#),
            record(#"{"stringValue":"last"}"#),
        ]
        let (status, answer) = try await post(
            server,
            "/v1/logs",
            Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#.utf8)
        )
        #expect(status == 200)
        let partial = try JSON(String(decoding: answer, as: UTF8.self))["partialSuccess"]
        #expect(partial["rejectedLogRecords"].text == "2")
        #expect(
            partial["errorMessage"].text.hasPrefix(
                "refused 2 of 4 records, the first because there are over 32 values"
            ),
            "\(partial["errorMessage"].text)"
        )
        let found = try await server.data("logs/query")["records"].elements
        #expect(Set(found.map { $0["body"].text }) == ["first", "last"])

        // Protobuf: a record "third" and one whose body has a length beyond its end.
        func message(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
            [field << 3 | 2, UInt8(content.count)] + content
        }
        let good =
            [UInt8](arrayLiteral: 1 << 3 | 1, 0, 0, 0, 0, 0, 0, 0, 9) + message(5, message(1, Array("third".utf8)))
        let bad: [UInt8] = [5 << 3 | 2, 3, 1 << 3 | 2, 9, 65]
        let request = message(1, message(2, message(2, good) + message(2, bad)))
        let (code, bytes) = try await post(server, "/v1/logs", request, [("Content-Type", "application/x-protobuf")])
        #expect(code == 200)
        #expect(bytes.count > 4 && bytes[0] == 1 << 3 | 2 && Array(bytes[2...3]) == [1 << 3, 1])
        #expect(String(decoding: bytes, as: UTF8.self).contains("refused 1 of 2 records"))
        #expect(try await server.data("logs/query", [("query", "third")])["records"].elements.count == 1)
        #expect(try await server.get("/metrics").contains(#"refused_items_total{protocol="otlp",signal="logs"} 3"#))
        #expect(try await post(server, "/v1/logs", Array("{".utf8)).status == 400)
        #expect(
            try await post(server, "/v1/logs", [1, 2, 3], [("Content-Type", "application/x-protobuf")]).status == 400
        )
    }

    @Test func `the oldest blocks go when there are too many bytes, after a warning, and audit events stay`()
        async throws
    {
        let configuration = "logs: {max_bytes: 1MiB}\n"
        let server = try await ServerUnderTest(configuration: configuration, "--enable-admin-api")
        let event = #"{"actor":"ann","operation":"secret.read","resource":"key/1","outcome":"success"}"#
        #expect(try await post(server, "/api/v1/audit", Array(event.utf8)).status == 200)
        #expect(
            try await server.send("POST", "/api/v1/audit/holds", [("reason", "trial"), ("actor", "eve"), ("id", "h")])
                .status == 200
        )
        var batches = 0
        _ = try await eventually(within: 180, "blocks are dropped") {
            var lines = ""
            for index in 0..<2000 {
                let noise = (0..<8).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined(separator: "-")
                lines += #"{"message":"batch \#(batches) line \#(index)","noise":"\#(noise)"}"# + "\n"
            }
            batches += 1
            #expect(try await post(server, "/api/v1/logs/ingest", Array(lines.utf8)).status == 200)
            #expect(try await server.send("POST", "/api/v1/admin/storage/seal").status == 204)
            try await Task.sleep(for: .milliseconds(500))
            return server.process.text.contains("the oldest blocks were dropped") ? true : nil
        }
        let text = server.process.text
        let warning = try #require(text.range(of: "nearly full"))
        let drop = try #require(text.range(of: "the oldest blocks were dropped"))
        #expect(warning.lowerBound < drop.lowerBound)
        let metrics = try await server.get("/metrics")
        #expect(metrics.contains("martlet_log_storage_limit_bytes 1048576"))
        #expect(metrics.contains(#"martlet_log_compaction_bytes_total{side="after"} "#))
        #expect(!metrics.contains(#"martlet_log_blocks_dropped_total{reason="size"} 0"#))
        let newest = try await server.data("logs/query", [("query", "\"batch \(batches - 1) line\""), ("limit", "0")])
        #expect(newest["matched"].number == 2000)
        let oldest = try await server.data("logs/query", [("query", "\"batch 0 line\""), ("limit", "0")])
        #expect(oldest["matched"].number == 0)
        let audit = try await server.data("audit/records", [("operation", "secret.read")])
        #expect(audit["records"].elements.count == 1)
        #expect(try await server.data("audit/holds").elements.map { $0["id"].text } == ["h"])
    }

    @Test func `the server's own levels are changed while it runs, and that is recorded`() async throws {
        let server = try await ServerUnderTest("--enable-admin-api", "--log-level", "warn,health=off")
        let path = "/api/v1/admin/log_filter"
        #expect(try await server.data("admin/log_filter")["filter"].text == "warn,health=off")
        _ = try await server.get("/api/v1/labels")
        #expect(!server.process.text.contains("/api/v1/labels"))
        let set = try await server.send("PUT", path, [("filter", "info,http=debug")])
        #expect(try JSON(String(decoding: set.body, as: UTF8.self))["data"]["filter"].text == "info,http=debug")
        _ = try await server.get("/api/v1/labels")
        _ = try await eventually("the request is logged") {
            server.process.text.contains("/api/v1/labels") ? true : nil
        }
        let wrong = try await server.send("PUT", path, [("filter", "http=debig")])
        #expect(wrong.status == 400)
        #expect(String(decoding: wrong.body, as: UTF8.self).contains(#"did you mean \"debug\"?"#))
        #expect(try await server.send("PUT", path).status == 400)
        let records = try await server.data("audit/records", [("operation", "log_filter.set")])["records"].elements
        #expect(records.map { $0["resource"].text } == ["info,http=debug"])
        #expect(records.first?["reason"].text == "it was warn,health=off")

        let plain = try await ServerUnderTest(environment: ["MARTLET_LOG": "error"])
        #expect(try await plain.send("PUT", path, [("filter", "debug")]).status == 503)
        #expect(!plain.process.text.contains("ready url="))
        let refused = try await Tools.run(Tools.martlet, ["serve", "--log-level", "inf"])
        #expect(refused.status == 2 && refused.error.contains("did you mean \"info\"?"), "\(refused.error)")
    }

    @Test func `records are followed as events, and again behind the last one seen`() async throws {
        let server = try await ServerUnderTest()
        let folder = try Folder()
        #expect(try await post(server, "/api/v1/logs/ingest", Array(#"{"message":"before"}"#.utf8)).status == 200)
        let tail = try ChildProcess(
            "curl",
            ["-sN", "--max-time", "60", "\(server.url)/api/v1/logs/tail?query=badger"],
            directory: folder.url
        )
        var sent = 0
        let text = try await eventually("two records are followed") {
            let line = #"{"message":"badger \#(sent)"}"# + "\n" + #"{"message":"otter"}"#
            sent += 1
            let status = try await post(server, "/api/v1/logs/ingest", Array(line.utf8)).status
            #expect(status == 200)
            return tail.text.components(separatedBy: "data: ").count > 2 ? tail.text : nil
        }
        #expect(!text.contains("otter") && !text.contains("before"))
        tail.end()
        // What was sent before the first client listened comes to neither.
        let seen = text.components(separatedBy: "data: ").count - 1
        let id = try #require(text.split(separator: "\n").first { $0.hasPrefix("id: ") }?.dropFirst(4))
        let again = try ChildProcess(
            "curl",
            ["-sN", "--max-time", "60", "-H", "Last-Event-ID: \(id)", "\(server.url)/api/v1/logs/tail?query=badger"],
            directory: folder.url
        )
        _ = try await eventually("all behind the first are sent again") {
            again.text.components(separatedBy: "data: ").count - 1 >= seen - 1 ? true : nil
        }
        #expect(!again.text.contains("id: \(id)\n"))
        let counted = try await server.send("GET", "/api/v1/logs/tail", [("query", "* | count by (level)")])
        #expect(counted.status == 400)
        let description = try JSON(await server.get("/openapi.json"))["paths"]
        let content = description["/api/v1/logs/tail"]["get"]["responses"]["200"]["content"].members
        #expect(Array(content.keys) == ["text/event-stream"])
        #expect(!description["/api/v1/logs/export"]["get"].members.isEmpty)
        #expect(!description["/api/v1/errors"]["get"].members.isEmpty)
    }
}
