import Foundation
import Testing

/// Errors of services and of the server itself, from what comes in to what is told.
@Suite("Errors", .fewAtOnce)
struct ErrorsTests {
    private static let json = [("Content-Type", "application/json")]
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    private func send(_ server: ServerUnderTest, _ path: String, _ body: String) async throws {
        let response = try await server.send("POST", path, headers: Self.json, body: Array(body.utf8))
        guard response.status == 200 else { throw Problem(String(decoding: response.body, as: UTF8.self)) }
    }

    /// Log records of a service, each with its type, message and second after a fixed time.
    private func log(
        _ server: ServerUnderTest,
        release: String,
        _ errors: [(type: String, message: String, second: Int)]
    ) async throws {
        let records = errors.map { error in
            #"{"timeUnixNano":"\#(1_700_000_000 + error.second)000000000","severityNumber":17,"#
                + #""body":{"stringValue":"it failed"},"traceId":"\#(Self.trace)","spanId":"00f067aa0ba902b7","flags":1,"#
                + #""attributes":[{"key":"exception.type","value":{"stringValue":"\#(error.type)"}},"#
                + #"{"key":"exception.message","value":{"stringValue":"\#(error.message)"}}]}"#
        }
        let resource =
            #"{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},"#
            + #"{"key":"service.version","value":{"stringValue":"\#(release)"}}]}"#
        try await send(
            server,
            "/v1/logs",
            #"{"resourceLogs":[{"resource":\#(resource),"scopeLogs":[{"scope":{"name":"db"},"#
                + #""logRecords":[\#(records.joined(separator: ","))]}]}]}"#
        )
    }

    @Test func `are grouped from logs and spans with release and trace, and survive a restart and a kill`() async throws
    {
        let folder = try Folder()
        var server = try await ServerUnderTest(in: folder)
        try await log(server, release: "1.0", [("Timeout", "no answer for order 17", 5)])
        try await log(
            server,
            release: "1.1",
            [("Timeout", "no answer for order 18", 9), ("Refused", "connection refused", 7)]
        )
        let span =
            #"{"traceId":"\#(Self.trace)","spanId":"00f067aa0ba902b7","name":"POST /pay","flags":1,"#
            + #""startTimeUnixNano":"1700000010000000000","endTimeUnixNano":"1700000011000000000","#
            + #""status":{"code":2,"message":"card declined"},"events":[{"timeUnixNano":"1700000010500000000","#
            + #""name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"Declined"}},"#
            + #"{"key":"exception.message","value":{"stringValue":"card 4711 declined"}}]}]}"#
        let good = span.replacingOccurrences(of: #""code":2"#, with: #""code":1"#)
        let resource = #"{"attributes":[{"key":"service.name","value":{"stringValue":"pay"}}]}"#
        try await send(
            server,
            "/v1/traces",
            #"{"resourceSpans":[{"resource":\#(resource),"scopeSpans":[{"spans":[\#(span),\#(good)]}]}]}"#
        )
        let all = try await server.data("errors")["groups"].elements
        #expect(all.map { $0["type"].text } == ["Declined", "Timeout", "Refused"])
        #expect(all[0]["service"].text == "pay" && all[0]["component"].text == "POST /pay")
        #expect(all[0]["message"].text == "card 4711 declined" && all[0]["count"].number == 1)
        let timeout = all[1]
        #expect(timeout["count"].number == 2 && timeout["component"].text == "db")
        #expect(timeout["firstSeen"].text == "2023-11-14T22:13:25.000Z" && timeout["firstRelease"].text == "1.0")
        #expect(timeout["lastSeen"].text == "2023-11-14T22:13:29.000Z" && timeout["lastRelease"].text == "1.1")
        #expect(timeout["traceId"].text == Self.trace)
        #expect(timeout["pattern"].text == "no answer for order <n>")
        let fingerprint = timeout["fingerprint"].text
        let one = try await server.data("errors/\(fingerprint)")
        #expect(one["latest"].elements.map { $0["release"].text } == ["1.1", "1.0"])
        #expect(try await server.send("GET", "/api/v1/errors/nothing").status == 404)
        #expect(try await server.send("GET", "/api/v1/errors", [("sort", "size")]).status == 400)

        #expect(server.process.end() == 0)
        server = try await ServerUnderTest(in: folder)
        try await log(server, release: "1.2", [("Timeout", "no answer for order 99", 60)])
        let again = try await server.data("errors", [("type", "Timeout")])["groups"].elements
        #expect(again.count == 1 && again[0]["count"].number == 3 && again[0]["fingerprint"].text == fingerprint)
        #expect(again[0]["firstRelease"].text == "1.0" && again[0]["lastRelease"].text == "1.2")

        // Killed before the groups are written again: the record is in the log store, and is counted once.
        server.process.end(SIGKILL)
        server = try await ServerUnderTest(in: folder)
        let killed = try await server.data("errors", [("type", "Timeout")])["groups"].elements
        #expect(killed.map { $0["count"].number } == [3])
        #expect(try await server.data("errors", [("service", "pay")])["groups"].elements.count == 1)
    }

    @Test func `are listed by the command, harmlessly`() async throws {
        let server = try await ServerUnderTest()
        #expect(try await Tools.run(Tools.martlet, ["errors", "--url", server.url]).status == 4)
        try await log(
            server,
            release: "1",
            [("Timeout", #"\u001b[31mred \u202e 7"#, 1), ("Timeout", #"\u001b[31mred \u202e 8"#, 2)]
        )
        let table = try await Tools.run(Tools.martlet, ["errors", "--url", server.url])
        #expect(table.status == 0, "\(table.error)")
        #expect(table.output.contains("Timeout") && table.output.hasPrefix("COUNT"))
        #expect(!table.output.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{202e}" })
        let lines = try await Tools.run(
            Tools.martlet,
            ["errors", "--url", server.url, "-o", "jsonl", "--sort", "count"]
        )
        let group = try JSON(lines.output)
        #expect(group["count"].number == 2)
        let one = try await Tools.run(Tools.martlet, ["errors", group["fingerprint"].text, "--url", server.url])
        #expect(one.output.hasPrefix("count       2\n") && one.output.contains(Self.trace))
    }

    @Test func `of one type make a rule fire`() async throws {
        let folder = try Folder()
        try folder.write(
            "rules.yml",
            """
            groups:
              - name: errors
                interval: 1s
                rules:
                  - alert: Timeouts
                    expr: rate(martlet_errors_total{service="shop",type="Timeout"}[1m]) > 0
            """
        )
        let server = try await ServerUnderTest(in: folder, configuration: "rule_files: [rules.yml]")
        try await log(server, release: "1", [("Timeout", "a", 1), ("Refused", "b", 1)])
        _ = try await eventually("the errors are collected") {
            try await server.query(#"martlet_errors_total{service="shop"}"#).count == 2 ? true : nil
        }
        #expect(try await server.data("alerts")["alerts"].elements.isEmpty)
        try await log(server, release: "1", [("Timeout", "a", 2), ("Timeout", "a", 3)])
        let alerts = try await eventually("the rule fires") {
            let alerts = try await server.data("alerts")["alerts"].elements
            return alerts.contains { $0["state"].text == "firing" } ? alerts : nil
        }
        #expect(alerts.map { $0["labels"]["type"].text } == ["Timeout"])
    }

    @Test func `of the server itself are counted by kind`() async throws {
        let folder = try Folder()
        try folder.write(
            "rules.yml",
            """
            groups:
              - name: broken
                interval: 1s
                rules:
                  - {record: 'twice', expr: 'label_replace(up, "job", "same", "", "")'}
                  - {alert: Always, expr: 'vector(1)'}
            """
        )
        let port = try Tools.freePort()
        let configuration = """
            server: {notification_allowlist: ["127.0.0.0/8"]}
            rule_files: [rules.yml]
            route: {receiver: hook, group_wait: 1s}
            receivers: [{name: hook, webhook_configs: [{url: "http://127.0.0.1:\(port)/"}]}]
            """
        let server = try await ServerUnderTest(in: folder, configuration: configuration)
        try folder.write("martlet.yml", "nothing: [")
        server.process.signal(SIGHUP)
        let counts = try await eventually("setup, channel and rule have failed") {
            let lines = try await server.get("/metrics").split(separator: "\n")
            let counts = Dictionary(
                uniqueKeysWithValues: lines.filter { $0.hasPrefix("martlet_internal_errors_total{") }.map { line in
                    (String(line.split(separator: "\"")[1]), Double(line.split(separator: " ")[1]) ?? -1)
                }
            )
            return ["setup", "channel", "rule"].allSatisfy { counts[$0, default: 0] > 0 } ? counts : nil
        }
        #expect(Set(counts.keys) == ["setup", "channel", "rule", "storage", "other"])
        let own = try await server.data("errors", [("service", "martlet")])["groups"].elements
        #expect(own.contains { $0["type"].text == "configuration not reloaded" && $0["component"].text == "server" })
    }
}
