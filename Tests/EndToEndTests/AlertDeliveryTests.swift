import Foundation
import MartletHTTPServer
import Synchronization
import Testing

/// Alerts on their way to people, over crashes and with real peers.
@Suite("Alert delivery", .fewAtOnce)
struct AlertDeliveryTests {
    /// What a receiver has taken and answered.
    private final class Receiver: Sendable {
        struct Call: Sendable, Hashable {
            var group: String
            var status: String
            var key: String
        }

        private let calls = Mutex<[Call]>([])
        private let random = Mutex(Generator(seed: 7))
        let sink = Mutex<Sink?>(nil)

        struct Generator {
            private var state: UInt64
            init(seed: UInt64) { state = seed }

            mutating func next() -> Double {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Double(state >> 33) / Double(UInt64(1) << 31)
            }
        }

        /// Fails a share of the calls, and then takes nothing.
        init(failing share: Double) throws {
            let sink = try Sink { [self] request in
                guard random.withLock({ $0.next() }) >= share else { return HTTPResponse(status: 500) }
                guard let body = try? JSON(String(decoding: request.body, as: UTF8.self)) else {
                    return HTTPResponse(status: 400)
                }
                let call = Call(
                    group: body["groupLabels"]["alertname"].text,
                    status: body["status"].text,
                    key: request.headers["Idempotency-Key"] ?? ""
                )
                calls.withLock { $0.append(call) }
                return HTTPResponse(status: 200)
            }
            self.sink.withLock { $0 = sink }
        }

        var port: Int { sink.withLock { $0?.port ?? 0 } }

        var taken: [Call] { calls.withLock { $0 } }

        func groups(_ status: String) -> Set<String> { Set(taken.filter { $0.status == status }.map(\.group)) }
    }

    @Test func `tells every group once and once resolved over twenty crashes with a receiver that fails`() async throws
    {
        let receiver = try Receiver(failing: 0.4)
        let folder = try Folder()
        let configuration = """
            server: {notification_allowlist: [127.0.0.1]}
            route: {receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 24h}
            receivers: [{name: hook, webhook_configs: [{url: "http://127.0.0.1:\(receiver.port)/"}]}]
            """
        var names: [String] = []
        let ends = "2099-01-01T00:00:00Z"
        for round in 0..<20 {
            let server = try await ServerUnderTest(in: folder, configuration: configuration)
            let fresh = (0..<10).map { "Group\(round)x\($0)" }
            names += fresh
            let body = fresh.map { #"{"labels":{"alertname":"\#($0)"},"endsAt":"\#(ends)"}"# }.joined(separator: ",")
            let before = receiver.taken.count
            let taken = try await server.send("POST", "/api/v2/alerts", body: Array("[\(body)]".utf8))
            #expect(taken.status == 200)
            if round > 0 {
                // Those of the round before end.
                let over = names.dropLast(10).suffix(10)
                let now = "2026-11-21T00:00:00Z"
                let ended = over.map {
                    #"{"labels":{"alertname":"\#($0)"},"startsAt":"\#(now)","endsAt":"\#(Self.time())"}"#
                }
                let body = Array("[\(ended.joined(separator: ","))]".utf8)
                #expect(try await server.send("POST", "/api/v2/alerts", body: body).status == 200)
            }
            // Crash in the midst of deliveries, at another point each time.
            _ = try await eventually("something was delivered") {
                receiver.taken.count > before + round % 7 ? true : nil
            }
            #expect(server.process.end(SIGKILL) == -SIGKILL)
        }
        let server = try await ServerUnderTest(in: folder, configuration: configuration)
        let last = names.suffix(10).map { #"{"labels":{"alertname":"\#($0)"},"endsAt":"\#(Self.time())"}"# }
        _ = try await eventually(within: 180, "every group was told") {
            receiver.groups("firing") == Set(names) ? true : nil
        }
        #expect(
            try await server.send("POST", "/api/v2/alerts", body: Array("[\(last.joined(separator: ","))]".utf8)).status
                == 200
        )
        _ = try await eventually(within: 180, "every group was told to be resolved") {
            receiver.groups("resolved") == Set(names) ? true : nil
        }
        _ = try await eventually("the outbox is empty") {
            let answer = try await server.data("alerting/outbox")
            return answer["waiting"].elements.isEmpty ? true : nil
        }
        // A message comes twice only where the answer to the first was lost, and then with the same key.
        let keys = Dictionary(grouping: receiver.taken, by: { "\($0.group) \($0.status)" }).mapValues {
            Set($0.map(\.key))
        }
        #expect(keys.count == 2 * names.count)
        #expect(keys.filter { $0.value.count > 1 }.isEmpty)
        let order = receiver.taken.filter { $0.status == "resolved" }.allSatisfy { call in
            receiver.taken.firstIndex { $0.group == call.group && $0.status == "firing" }
                .map { first in first < (receiver.taken.firstIndex(of: call) ?? 0) } ?? false
        }
        #expect(order)
        let letters = try await server.data("alerting/outbox")
        #expect(letters["dead"].elements.isEmpty)
    }

    private static func time() -> String { ISO8601DateFormatter().string(from: Date()) }

    @Test(.enabled(if: Tools.has("amtool"), "amtool is not installed"))
    func `amtool adds and finds alerts, makes and ends silences, and tests routes`() async throws {
        let server = try await ServerUnderTest(
            configuration: """
                route:
                  receiver: team
                  routes: [{receiver: db, matchers: [team="db"], continue: true}, {receiver: page, matchers: [severity="page"]}]
                receivers: [{name: team}, {name: db}, {name: page}]
                """
        )
        func amtool(_ words: String...) async throws -> String {
            let all = ["--alertmanager.url=\(server.url)"] + words
            let (status, output, error) = try await Tools.run("amtool", all)
            #expect(status == 0, "\(words): \(error)")
            return output
        }
        _ = try await amtool(
            "alert",
            "add",
            "alertname=Broken",
            "team=db",
            "severity=page",
            "--annotation=summary=it <broke>"
        )
        _ = try await amtool("alert", "add", "Other", "--end=2099-01-01T00:00:00Z")
        let found = try await amtool("alert", "query", "team=db", "-o", "simple")
        #expect(found.contains("Broken") && found.contains("it <broke>") && !found.contains("Other"))
        #expect(try await amtool("config", "routes", "test", "team=db", "severity=page").contains("db,page"))
        #expect(try await amtool("config", "routes", "show").contains("{team=\"db\"}"))
        let id = try await amtool(
            "silence",
            "add",
            "alertname=Broken",
            "--comment=known",
            "--author=me",
            "--duration=1h"
        )
        .trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(id.count == 36)
        #expect(try await amtool("silence", "query", "-q") == id + "\n")
        #expect(!(try await amtool("alert", "query", "-o", "simple")).contains("Broken"))
        #expect(try await amtool("alert", "query", "--silenced", "-o", "simple").contains("Broken"))
        _ = try await amtool("silence", "update", id, "--comment=longer", "--duration=2h")
        _ = try await amtool("silence", "expire", id)
        #expect(try await amtool("silence", "query", "-q").isEmpty)
        #expect(try await amtool("silence", "query", "--expired", "-q").contains(id))
        #expect(try await amtool("alert", "query", "-o", "simple").contains("Broken"))
        #expect(try await amtool("cluster", "show").contains("disabled"))
        #expect(try await amtool("config", "show").contains("receiver: team"))
    }

    @Test(.enabled(if: Tools.has("prometheus"), "prometheus is not installed"))
    func `Prometheus sends its alerts to Martlet, and Martlet sends its own to an Alertmanager`() async throws {
        let other = try Sink()
        let folder = try Folder()
        try folder.write(
            "rules.yml",
            "groups: [{name: g, interval: 1s, rules: [{alert: Always, expr: vector(1), labels: {secret: x}}]}]"
        )
        let server = try await ServerUnderTest(
            in: folder,
            configuration: """
                rule_files: [rules.yml]
                alerting:
                  alert_relabel_configs: [{action: labeldrop, regex: secret}]
                  alertmanagers: [{path_prefix: /am, static_configs: [{targets: ["127.0.0.1:\(other.port)"]}]}]
                """
        )
        let port = try Tools.freePort()
        let peer = try Folder()
        try peer.write(
            "rules.yml",
            "groups: [{name: p, interval: 1s, rules: [{alert: FromPrometheus, expr: vector(7)}]}]"
        )
        let address = server.url.replacing("http://", with: "")
        let file = try peer.write(
            "prometheus.yml",
            """
            global: {evaluation_interval: 1s}
            rule_files: [rules.yml]
            alerting: {alertmanagers: [{static_configs: [{targets: ["\(address)"]}]}]}
            """
        )
        let prometheus = try ChildProcess(
            "prometheus",
            [
                "--rules.alert.resend-delay=1s", "--config.file=\(file)", "--web.listen-address=127.0.0.1:\(port)",
                "--storage.tsdb.path=\(peer.url.appending(path: "data").path)",
            ],
            directory: peer.url
        )
        let alerts = try await eventually("the alert of Prometheus is there; it printed:\n\(prometheus.text)") {
            let all = try JSON(await server.get("/api/v2/alerts")).elements
            return all.contains { $0["labels"]["alertname"].text == "FromPrometheus" } ? all : nil
        }
        #expect(alerts.contains { $0["labels"]["alertname"].text == "Always" })
        let posted = try await eventually("the other Alertmanager is told") { other.received.first }
        #expect(posted.path == "/am/api/v2/alerts")
        let sent = try JSON(String(decoding: posted.body, as: UTF8.self)).elements
        #expect(sent.map { $0["labels"].members.mapValues(\.text) } == [["alertname": "Always"]])
        let known = try await server.data("alertmanagers")["activeAlertmanagers"].elements.map { $0["url"].text }
        #expect(known == ["http://127.0.0.1:\(other.port)/am/api/v2/alerts"])
        withExtendedLifetime(prometheus) {}
    }

    @Test(.enabled(if: Tools.has("openssl"), "openssl is not installed"))
    func `a real mail server with STARTTLS and AUTH gets the mail`() async throws {
        let folder = try Folder()
        let key = folder.url.appending(path: "key.pem").path
        let certificate = folder.url.appending(path: "cert.pem").path
        let made = try await Tools.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
            ]
        )
        try #require(made.status == 0, "\(made.error)")
        let port = try Tools.freePort()
        let script = Tools.root.appending(path: "Tests/Peers/mail_server.py").path
        let mail = try ChildProcess(
            "/usr/bin/python3",
            [script, String(port), certificate, key, "martlet", "pass word"],
            directory: folder.url
        )
        _ = try await eventually("the mail server is ready; it printed:\n\(mail.text)") {
            mail.text.contains("ready") ? true : nil
        }
        let server = try await ServerUnderTest(
            in: folder,
            configuration: """
                server: {notification_allowlist: [localhost]}
                global:
                  smtp_smarthost: localhost:\(port)
                  smtp_from: "Martlet <martlet@example.org>"
                  smtp_auth_username: martlet
                  smtp_auth_password: ${MAIL_PASSWORD}
                route: {receiver: mail, group_wait: 0s, group_by: [alertname]}
                receivers:
                  - name: mail
                    email_configs:
                      - to: "one@example.org, Two <two@example.org>"
                        tls_config: {ca_file: \(certificate)}
                  - name: wrong
                    email_configs:
                      - {to: one@example.org, auth_password: wrong, tls_config: {ca_file: \(certificate)}}
                """,
            environment: ["MAIL_PASSWORD": "pass word"]
        )
        let alert = #"[{"labels":{"alertname":"Bröken\r\nBcc: x@evil"},"annotations":{"summary":"<b>bold</b>"}}]"#
        #expect(try await server.send("POST", "/api/v2/alerts", body: Array(alert.utf8)).status == 200)
        let line = try await eventually("the mail is there; the mail server printed:\n\(mail.text)") {
            mail.text.split(separator: "\n").first { $0.hasPrefix("{") }.map(String.init)
        }
        let kept = try JSON(line)
        #expect(kept["tls"].text == "" && line.contains("\"tls\": true"))
        #expect(kept["user"].text == "martlet")
        #expect(kept["from"].text == "martlet@example.org")
        #expect(kept["to"].elements.map(\.text) == ["one@example.org", "two@example.org"])
        let data = kept["data"].text
        #expect(data.contains("Content-Type: multipart/alternative"))
        #expect(data.contains("From: Martlet <martlet@example.org>"))
        #expect(!data.contains("\r\nBcc:"))
        let parts = data.split(separator: "base64\r\n\r\n").dropFirst().compactMap { part in
            Data(base64Encoded: String(part.prefix { $0 != "-" }), options: .ignoreUnknownCharacters)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(parts.count == 2)
        #expect(parts.first?.contains("summary: <b>bold</b>") == true)
        #expect(parts.last?.contains("&lt;b&gt;bold&lt;/b&gt;") == true)
        let test = try await server.send("POST", "/api/v1/alerting/channels/wrong/test")
        let answer = String(decoding: test.body, as: UTF8.self)
        #expect(
            answer.contains("\"delivered\":false") && answer.contains("unauthorized") && !answer.contains("pass word")
        )
        let good = try await server.send("POST", "/api/v1/alerting/channels/mail/test")
        #expect(String(decoding: good.body, as: UTF8.self).contains("\"delivered\":true"))
        let configuration = try await server.data("status/config")["yaml"].text
        #expect(!configuration.contains("pass word") && !server.process.text.contains("pass word"))
    }
}
