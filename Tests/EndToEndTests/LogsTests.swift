import Foundation
import MartletCore
import MartletEvents
import MartletLogStore
import MartletOTLP
import MartletPatterns
import Testing

/// Logs through the real server: found over HTTP and by the command.
@Suite("Logs", .fewAtOnce)
struct LogsTests {
    /// A server with three records in its store.
    private func server() async throws -> ServerUnderTest {
        let folder = try Folder()
        let store = try LogStore(
            EventConfiguration(directory: folder.url.appending(path: "data/logs").path),
            patterns: RE2Patterns()
        )
        let time: UInt64 = 1_700_000_000_000_000_000
        let entries = [
            LogEntry(
                time: time,
                severity: 9,
                body: .string("GET /cart took 5 ms"),
                attributes: [Attribute("status", .int(200))]
            ),
            LogEntry(
                time: time + 1_000_000_000,
                severity: 17,
                body: .string("Connection refused\u{1b}[31m by \u{202e}db-1")
            ),
            LogEntry(
                time: time + 2_000_000_000,
                severity: 13,
                body: .string("slow, \"very\" slow"),
                attributes: [Attribute("status", .int(200)), Attribute("user", "u-7")],
                traceID: TraceID(high: 1, low: 2)
            ),
        ]
        let resource = Resource(attributes: [Attribute("service.name", "shop")])
        _ = try store.append(
            LogsRequest(resourceLogs: [ResourceLogs(resource: resource, scopeLogs: [ScopeLogs(entries: entries)])])
        )
        try store.close()
        return try await ServerUnderTest(in: folder)
    }

    private func martlet(_ server: ServerUnderTest, _ words: String...) async throws -> (
        status: Int32, output: String, error: String
    ) {
        let result = try await Tools.run(Tools.martlet, ["logs"] + words + ["--url", server.url])
        return (result.status, result.output, result.error)
    }

    @Test func `are found over HTTP with histogram, facets, pages and context`() async throws {
        let server = try await server()
        let answer = try await server.data(
            "logs/query",
            [("query", "service:shop"), ("limit", "2"), ("histogram", "1s"), ("facets", "level,status")]
        )
        #expect(answer["records"].elements.map { $0["body"].text }.first == "slow, \"very\" slow")
        #expect(answer["records"].elements.count == 2)
        #expect(answer["matched"].number == 3)
        #expect(answer["histogram"].elements.count == 3)
        #expect(answer["facets"].elements.map { $0["field"].text } == ["level", "status"])
        #expect(answer["facets"].elements[1]["missing"].number == 1)
        let next = try await server.data("logs/query", [("cursor", answer["cursor"].text)])
        #expect(next["records"].elements.map { $0["body"].text } == ["GET /cart took 5 ms"])
        let id = answer["records"].elements[1]["id"].text
        let context = try await server.data("logs/context", [("id", id), ("before", "1"), ("after", "1")])
        #expect(context["records"].elements.count == 3)
        let table = try await server.data("logs/query", [("query", "* | count by (level)")])["table"]
        #expect(
            table["rows"].elements.map { $0.elements.map(\.text) } == [["error", "1"], ["info", "1"], ["warn", "1"]]
        )
        let wrong = try await server.send("GET", "/api/v1/logs/query", [("query", "level:wran")])
        #expect(wrong.status == 400)
        #expect(String(decoding: wrong.body, as: UTF8.self).contains("did you mean \\\"warn\\\"?"))
    }

    @Test func `are found by the command, harmlessly`() async throws {
        let server = try await server()
        let found = try await martlet(server, "refused")
        #expect(found.status == 0)
        #expect(
            found.output == "2023-11-14T22:13:21.000Z ERROR    shop Connection refused\\u{1b}[31m by \\u{202e}db-1\n"
        )
        let narrow = try await martlet(server, "status:200", "--width", "80")
        #expect(narrow.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let wide = try await martlet(server, "status:200", "--width", "200")
        #expect(wide.output.contains("status=200 user=u-7 trace=00000000000000010000000000000002"))
        #expect(try await martlet(server, "nowhere").status == 4)
        #expect(try await martlet(server, "(a").status == 1)
        let negated = try await martlet(server, "-refused")
        #expect(negated.status == 2)
        #expect(negated.error.contains(#"unknown option "-refused"; a search that begins with "-" stands behind "--""#))
        let others = try await Tools.run(Tools.martlet, ["logs", "--url", server.url, "--", "-refused"])
        #expect(others.output.split(separator: "\n").count == 2, "\(others)")
        let counted = try await martlet(server, "*", "|", "count by (level)", "-o", "csv")
        #expect(counted.output == "level,count\r\nerror,1\r\ninfo,1\r\nwarn,1\r\n")
        #expect(
            try await martlet(server, "fields", "status", "-o", "csv").output == "field,value,count\r\nstatus,200,2\r\n"
        )
        #expect(
            try await martlet(server, "patterns", "cart", "-o", "csv").output
                == "pattern,count\r\nGET /cart took <*> ms,1\r\n"
        )
    }

    @Test func `are exported whole as JSON lines and CSV`() async throws {
        let server = try await server()
        let lines = try await martlet(server, "export", "service:shop").output.split(separator: "\n")
        #expect(try lines.map { try JSON(String($0))["severity"].number } == [9, 17, 13])
        let csv = try await martlet(server, "export", "slow", "--format", "csv", "--fields", "time,level,message,user")
            .output
        #expect(
            csv == "time,level,message,user\r\n2023-11-14T22:13:22.000000000Z,warn,\"slow, \"\"very\"\" slow\",u-7\r\n"
        )
    }
}
