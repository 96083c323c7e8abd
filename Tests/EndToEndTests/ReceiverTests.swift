import Foundation
import MartletHTTPServer
import Testing

/// The services that are told, as fakes on this machine: what arrives there field by field, and what they do wrong.
@Suite("Receivers", .fewAtOnce)
struct ReceiverTests {
    private static func post(_ server: ServerUnderTest, _ alerts: String) async throws {
        let answer = try await server.send("POST", "/api/v2/alerts", body: Array(alerts.utf8))
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    @Test func `each service gets the fields of its own API, whatever labels hold`() async throws {
        let sink = try Sink { _ in HTTPResponse(status: 200) }
        let base = "http://127.0.0.1:\(sink.port)"
        let names = ["slack", "pagerduty", "opsgenie", "teams", "discord", "telegram", "ntfy", "webhook"]
        let server = try await ServerUnderTest(
            configuration: """
                server: {notification_allowlist: [127.0.0.1], external_url: "http://martlet.example.org"}
                route:
                  receiver: webhook
                  group_wait: 0s
                  group_interval: 1s
                  group_by: [alertname]
                  routes:
                \(names.map { "    - {receiver: \($0), continue: true}" }.joined(separator: "\n"))
                receivers:
                  - name: slack
                    slack_configs: [{api_url: "\(base)/slack", channel: "#ops", send_resolved: true}]
                  - name: pagerduty
                    pagerduty_configs: [{routing_key: R0UT3, url: "\(base)/pagerduty"}]
                  - name: opsgenie
                    opsgenie_configs: [{api_key: K3Y, api_url: "\(base)/opsgenie", tags: "a,b"}]
                  - name: teams
                    msteamsv2_configs: [{webhook_url: "\(base)/teams"}]
                  - name: discord
                    discord_configs: [{webhook_url: "\(base)/discord"}]
                  - name: telegram
                    telegram_configs: [{bot_token: T0K, chat_id: -42, api_url: "\(base)/telegram"}]
                  - name: ntfy
                    ntfy_configs: [{topic: ops, url: "\(base)/ntfy", token: tk}]
                  - name: webhook
                    webhook_configs: [{url: "\(base)/webhook", headers: {Authorization: Bearer W3B}}]
                """
        )
        let nasty = #"<!channel> \"}],\"x\":1 </b>\r\nX: y @everyone [l](http://evil)"#
        let start = "2026-11-21T01:02:03Z"
        try await Self.post(
            server,
            """
            [{"labels": {"alertname": "Down", "severity": "emergency", "instance": "web-1", "n": "\(nasty)"},
              "annotations": {"summary": "\(nasty)"}, "startsAt": "\(start)", "endsAt": "2099-01-01T00:00:00Z",
              "generatorURL": "http://prometheus/graph"}]
            """
        )
        func body(_ path: String, _ wanted: (JSON) -> Bool = { _ in true }) async throws -> (JSON, HTTPRequest) {
            try await eventually("\(path) is told") {
                for request in sink.received where request.path.hasPrefix("/\(path)") {
                    let json = try JSON(String(decoding: request.body, as: UTF8.self))
                    if wanted(json) { return (json, request) }
                }
                return nil
            }
        }
        let value = "<!channel> \"}],\"x\":1 </b>\r\nX: y @everyone [l](http://evil)"

        let (webhook, asked) = try await body("webhook")
        #expect(asked.headers["Authorization"] == "Bearer W3B")
        #expect(
            Set(webhook.members.keys) == [
                "receiver", "status", "alerts", "groupLabels", "commonLabels", "commonAnnotations", "externalURL",
                "version",
                "groupKey", "truncatedAlerts", "title", "message", "severity", "timestamp",
            ]
        )
        #expect(
            webhook["receiver"].text == "webhook" && webhook["status"].text == "firing"
                && webhook["version"].text == "4"
        )
        #expect(webhook["externalURL"].text == "http://martlet.example.org" && webhook["truncatedAlerts"].number == 0)
        #expect(webhook["groupLabels"].members.mapValues(\.text) == ["alertname": "Down"])
        #expect(webhook["commonLabels"]["n"].text == value && webhook["commonAnnotations"]["summary"].text == value)
        #expect(webhook["title"].text == "Alert: Down" && webhook["severity"].text == "emergency")
        let alert = try #require(webhook["alerts"].elements.first)
        #expect(
            Set(alert.members.keys) == [
                "status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint", "alert_id",
            ]
        )
        #expect(alert["startsAt"].text == start && alert["endsAt"].text == "0001-01-01T00:00:00Z")
        #expect(alert["generatorURL"].text == "http://prometheus/graph" && alert["fingerprint"].text.count == 16)

        let (slack, _) = try await body("slack")
        #expect(Set(slack.members.keys) == ["channel", "username", "text", "attachments"])
        #expect(slack["channel"].text == "#ops")
        #expect(slack["text"].text.hasPrefix("🚨 Alert: Down - &lt;!channel&gt;"))
        let attachment = try #require(slack["attachments"].elements.first)
        #expect(attachment["color"].text == "danger")
        #expect(attachment["fields"].elements.map { $0["title"].text } == ["Alert ID", "Timestamp"])
        #expect(attachment["fields"].elements.allSatisfy { !$0["value"].text.isEmpty })

        let (page, _) = try await body("pagerduty")
        #expect(
            Set(page.members.keys) == [
                "routing_key", "event_action", "dedup_key", "client", "client_url", "payload",
            ]
        )
        #expect(page["routing_key"].text == "R0UT3" && page["event_action"].text == "trigger")
        #expect(page["payload"]["severity"].text == "critical" && page["payload"]["source"].text == "web-1")
        #expect(page["payload"]["custom_details"]["emergency"].text == "true")
        #expect(page["payload"]["custom_details"]["num_firing"].text == "1")

        let (genie, genieAsked) = try await body("opsgenie")
        #expect(genieAsked.path == "/opsgenie/v2/alerts" && genieAsked.headers["Authorization"] == "GenieKey K3Y")
        #expect(genie["priority"].text == "P1" && genie["tags"].elements.map(\.text) == ["a", "b"])
        #expect(!genie["message"].text.isEmpty && !genie["alias"].text.isEmpty)

        let (teams, _) = try await body("teams")
        let card = try #require(teams["attachments"].elements.first)
        #expect(card["contentType"].text == "application/vnd.microsoft.card.adaptive")
        #expect(card["content"]["body"].elements.count == 2)
        #expect(
            !card["content"]["body"].elements.contains {
                $0["text"].text.contains("[l](") && !$0["text"].text.contains("\\[l")
            }
        )

        let (discord, _) = try await body("discord")
        #expect(discord["allowed_mentions"]["parse"].elements.isEmpty && discord["embeds"].elements.count == 1)
        let (telegram, telegramAsked) = try await body("telegram")
        #expect(telegramAsked.path == "/telegram/botT0K/sendMessage" && telegram["chat_id"].text == "-42")
        #expect(telegram["text"].text.contains("&lt;!channel&gt;") && !telegram["text"].text.contains("</b>\r"))
        let (ntfy, ntfyAsked) = try await body("ntfy")
        #expect(ntfyAsked.headers["Authorization"] == "Bearer tk")
        #expect(ntfy["topic"].text == "ops" && ntfy["priority"].number == 5)

        // Its end reaches those who were told of its beginning, and is one incident with it.
        try await Self.post(
            server,
            #"[{"labels": {"alertname": "Down", "severity": "emergency", "instance": "web-1", "n": "\#(nasty)"}, "startsAt": "\#(start)", "endsAt": "2026-11-21T01:03:03Z"}]"#
        )
        let (over, _) = try await body("pagerduty") { $0["event_action"].text == "resolve" }
        #expect(over["dedup_key"].text == page["dedup_key"].text)
        _ = try await eventually("Opsgenie's alert is closed") {
            sink.received.first { $0.path == "/opsgenie/v2/alerts/\(genie["alias"].text)/close" }
        }
        let (calm, _) = try await body("slack") { $0["text"].text.hasPrefix("✅") }
        #expect(calm["attachments"].elements.first?["color"].text == "good")
        let (ended, _) = try await body("webhook") { $0["status"].text == "resolved" }
        #expect(ended["alerts"].elements.first?["endsAt"].text == "2026-11-21T01:03:03Z")
    }

    @Test func `receivers that fail in any way delay no other, and what they answer is cut`() async throws {
        let healthy = try Sink()
        let tries = Sink.Counter()
        let fails = try Sink { _ in tries.next() < 2 ? HTTPResponse(status: 500) : HTTPResponse(status: 200) }
        let moved = try Sink { _ in HTTPResponse(status: 302, headers: ["Location": "http://127.0.0.1:1/"]) }
        let huge = try Sink { _ in HTTPResponse(status: 400, body: .bytes([UInt8](repeating: 0x78, count: 10 << 20))) }
        let resets = try RawListener { connection in
            RawListener.receive(from: connection)
            RawListener.reset(connection)
        }
        let slow = try RawListener { connection in
            RawListener.receive(from: connection)
            RawListener.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", to: connection)
            for _ in 0..<1000 {
                RawListener.send("x", to: connection)
                usleep(20_000)
            }
        }
        let silent = try RawListener { connection in
            RawListener.receive(from: connection)
            usleep(20_000_000)
        }
        let ports = [
            "silent": silent.port, "fails": fails.port, "moved": moved.port, "huge": huge.port, "resets": resets.port,
            "slow": slow.port,
            "healthy": healthy.port,
        ]
        let server = try await ServerUnderTest(
            configuration: """
                server: {notification_allowlist: [127.0.0.1]}
                route:
                  receiver: healthy
                  group_wait: 0s
                  group_by: [alertname]
                  routes:
                \(ports.keys.sorted().reversed().map { "    - {receiver: \($0), continue: true}" }.joined(separator: "\n"))
                receivers:
                \(ports.map { "  - {name: \($0), webhook_configs: [{url: \"http://127.0.0.1:\($1)/t0ken\", timeout: 2s}]}" }.joined(separator: "\n"))
                """
        )
        try await Self.post(server, #"[{"labels": {"alertname": "Down"}}]"#)
        _ = try await eventually("the healthy receiver is told") { healthy.received.first }
        _ = try await eventually("the failing one is told at its third call") {
            fails.received.count >= 3 ? true : nil
        }
        let keys = Set(fails.received.compactMap { $0.headers["Idempotency-Key"] })
        #expect(keys.count == 1)
        for (name, words) in [
            ("moved", "302"), ("huge", "400"), ("resets", "reset"), ("silent", "time"),
        ] {
            let answer = try await server.send("POST", "/api/v1/alerting/channels/\(name)/test")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.contains("\"delivered\":false") && text.contains(words), "\(name): \(text.prefix(300))")
            #expect(answer.body.count < 100_000 && !text.contains("t0ken"))
        }
        // Whoever has answered with a good status has the message, however slowly the rest of the answer trickles in.
        let trickled = try await server.send("POST", "/api/v1/alerting/channels/slow/test")
        #expect(String(decoding: trickled.body, as: UTF8.self).contains("\"delivered\":true"))
        // A redirect is never followed and never tried again.
        let dead = try await eventually("the redirected message is given up") {
            let letters = try await server.data("alerting/outbox")["dead"].elements
            return letters.contains { $0["channel"].text.hasPrefix("moved/") } ? letters : nil
        }
        #expect(dead.contains { $0["channel"].text.hasPrefix("moved/") && $0["error"].text.contains("redirect") })
        let memory = try await server.query("process_resident_memory_bytes")
        #expect(memory.values.allSatisfy { $0 < 300e6 })
        #expect(!server.process.text.contains("t0ken"))
    }
}
