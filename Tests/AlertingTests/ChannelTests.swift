import Foundation
import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPClient
import MartletLogging
import MartletPatterns
import MartletSeries
import Testing

@testable import MartletNotify

/// What each kind of channel sends, field by field.
@Suite("Channels")
struct ChannelTests {
    private static func notification(
        _ labels: LabelSet = ["alertname": "HighErrorRate", "instance": "web-1", "severity": "critical"],
        annotations: [String: String] = ["summary": "5 % of requests fail"],
        status: MartletAlerting.Notification.Status = .firing,
        isAcknowledgement: Bool = false
    ) -> MartletAlerting.Notification {
        let start: Int64 = 1_600_000_000_000
        let alert = Alert(
            labels: labels,
            annotations: annotations,
            startsAt: start,
            endsAt: start + 60_000,
            updatedAt: start,
            generatorURL: "http://martlet/graph",
            value: 0.05
        )
        return MartletAlerting.Notification(
            id: 1,
            channel: .init(receiver: "team", kind: "test", index: 0),
            group: .init(path: "0", labels: ["alertname": "HighErrorRate"]),
            groupKey: "{}:{alertname=\"HighErrorRate\"}",
            groupLabels: ["alertname": "HighErrorRate"],
            items: [.init(alert: alert, status: status)],
            isAcknowledgement: isAcknowledgement,
            decidedAt: start,
            deadline: start + 60_000
        )
    }

    /// The configuration that a YAML receiver gives.
    private static func receiver(_ yaml: String) throws -> NotificationConfiguration {
        var read = NotificationConfiguration()
        _ = try ConfigurationLoader.load(
            text: yaml,
            file: "martlet.yml",
            environment: [:],
            patterns: RE2Patterns()
        ) { configuration, context in
            read = NotificationLoader.read(configuration.alertingSections, context)
        }
        return read
    }

    private func send(
        _ channel: String,
        _ notification: MartletAlerting.Notification = Self.notification(),
        http: MemoryHTTP = MemoryHTTP(),
        mail: MemoryMail = MemoryMail(),
        log: MemoryLog = MemoryLog()
    ) async throws -> (request: OutgoingRequest?, body: JSONValue) {
        let configuration = try Self.receiver(
            "alerts: {allow_commands: true}\nroute: {receiver: a}\nreceivers:\n  - name: a\n    \(channel)\n"
        )
        let factory = try SenderFactory(
            configuration,
            externalURL: "http://martlet:9090",
            http: http,
            mail: mail,
            addresses: AddressPolicy(),
            patterns: RE2Patterns(),
            log: Logger("alerts", sink: log)
        )
        let sender = try #require(factory.senders(of: configuration).values.first)
        try await sender.send(notification, timeout: .seconds(5))
        let request = http.requests.withLock { $0.last }
        return (request, try request?.body.map { try JSONParser.parse($0) } ?? .null)
    }

    @Test func `Slack gets text, colour, fields and channel`() async throws {
        let (request, body) = try await send(
            "slack_configs: [{api_url: \"https://hooks/T0/B0\", channel: \"#alerts\", fields: [{title: Zone, value: \"{{ .CommonLabels.instance }}\", short: true}]}]"
        )
        #expect(request?.url == "https://hooks/T0/B0" && request?.addresses == AddressPolicy())
        #expect(body["channel"]?.text == "#alerts")
        #expect(body["text"]?.text == "🚨 Alert: HighErrorRate - 5 % of requests fail")
        let attachment = try #require(body["attachments"]?.elements?.first)
        #expect(attachment["color"]?.text == "danger")
        #expect(attachment["title"]?.text == "Alert: HighErrorRate")
        #expect(attachment["title_link"]?.text == "http://martlet:9090/?view=alerts")
        let fields = try #require(attachment["fields"]?.elements)
        #expect(fields.map { $0["title"]?.text } == ["Alert ID", "Timestamp", "Zone"])
        #expect(
            fields.map { $0["value"]?.text } == ["HighErrorRate_web-1_1600000000000", "2020-09-13T12:26:40Z", "web-1"]
        )
    }

    @Test(arguments: [
        ("info", "ℹ️", "good"), ("warning", "⚠️", "warning"), ("error", "🚨", "danger"), ("critical", "🚨", "danger"),
        ("emergency", "🚨", "danger"),
    ])
    func `Slack shows severities by emoji and colour`(severity: String, emoji: String, color: String) async throws {
        let (_, body) = try await send(
            "slack_configs: [{api_url: \"https://hooks\"}]",
            Self.notification(["alertname": "A", "severity": severity])
        )
        #expect(body["text"]?.text?.hasPrefix(emoji) == true)
        #expect(body["attachments"]?.elements?.first?["color"]?.text == color)
    }

    @Test func `Slack's markup in label values stays text`() async throws {
        let evil: LabelSet = ["alertname": "<!channel> <https://evil|click> &", "severity": "info"]
        let (_, body) = try await send(
            "slack_configs: [{api_url: \"https://hooks\"}]",
            Self.notification(evil, annotations: ["summary": "\"},{\"text\":\"x\" <@U1>"])
        )
        let text = try #require(body["text"]?.text)
        #expect(!text.contains("<") && text.contains("&lt;!channel&gt;") && text.contains("&amp;"))
        #expect(body["attachments"]?.elements?.first?["mrkdwn_in"]?.elements == [])
    }

    @Test func `PagerDuty's trigger, acknowledgement and resolution share one key`() async throws {
        let yaml = "pagerduty_configs: [{routing_key: R0UT3, details: {zone: \"{{ .CommonLabels.instance }}\"}}]"
        var keys: Set<String> = []
        for (notification, action) in [
            (Self.notification(), "trigger"), (Self.notification(isAcknowledgement: true), "acknowledge"),
            (Self.notification(status: .resolved), "resolve"),
        ] {
            let (request, body) = try await send(yaml, notification)
            #expect(request?.url == "https://events.pagerduty.com/v2/enqueue")
            #expect(body["event_action"]?.text == action)
            #expect(body["routing_key"]?.text == "R0UT3")
            keys.insert(body["dedup_key"]?.text ?? "")
            let payload = try #require(body["payload"])
            #expect(payload["severity"]?.text == "critical")
            #expect(payload["source"]?.text == "web-1")
            #expect(payload["summary"]?.text?.contains("HighErrorRate") == true)
            #expect(payload["custom_details"]?["zone"]?.text == "web-1")
        }
        #expect(keys.count == 1 && keys.first?.count == 16)
        let (_, body) = try await send(yaml, Self.notification(["alertname": "A", "severity": "emergency"]))
        #expect(body["payload"]?["severity"]?.text == "critical")
        #expect(body["payload"]?["custom_details"]?["emergency"]?.text == "true")
    }

    @Test func `Opsgenie's alert is opened, acknowledged and closed by its alias`() async throws {
        let yaml = "opsgenie_configs: [{api_key: K3Y, api_url: \"https://genie/\", tags: \"a, b\", note: n}]"
        let (request, body) = try await send(yaml)
        #expect(request?.url == "https://genie/v2/alerts")
        #expect(request?.headers.contains { $0.name == "Authorization" && $0.value == "GenieKey K3Y" } == true)
        #expect(body["priority"]?.text == "P1" && body["note"]?.text == "n")
        #expect(body["tags"]?.elements?.compactMap(\.text) == ["a", "b"])
        let alias = try #require(body["alias"]?.text)
        let closed = try await send(yaml, Self.notification(status: .resolved)).request
        #expect(closed?.url == "https://genie/v2/alerts/\(alias)/close?identifierType=alias")
        let acknowledged = try await send(yaml, Self.notification(isAcknowledgement: true)).request
        #expect(acknowledged?.url == "https://genie/v2/alerts/\(alias)/acknowledge?identifierType=alias")
    }

    @Test func `Teams, Discord, Telegram and ntfy get their own forms`() async throws {
        let card = try await send("msteams_configs: [{webhook_url: \"https://teams/x\"}]").body
        #expect(card["@type"]?.text == "MessageCard" && card["themeColor"]?.text == "a30200")
        let adaptive = try await send("msteamsv2_configs: [{webhook_url: \"https://teams/x\", text: \"[x](y)\"}]").body
        let content = try #require(adaptive["attachments"]?.elements?.first?["content"])
        #expect(content["type"]?.text == "AdaptiveCard")
        #expect(content["body"]?.elements?.map { $0["text"]?.text ?? "" } == ["Alert: HighErrorRate", "\\[x\\](y)"])
        let discord = try await send("discord_configs: [{webhook_url: \"https://discord/x\", message: \"@everyone\"}]")
            .body
        #expect(discord["allowed_mentions"]?["parse"]?.elements == [])
        #expect(discord["embeds"]?.elements?.first?["description"]?.text == "@everyone")
        let evil = Self.notification(["alertname": "<b>&", "severity": "warning"])
        let (telegram, message) = try await send(
            "telegram_configs: [{bot_token: T0K, chat_id: -42, message: \"{{ .Title }}\", message_thread_id: 7}]",
            evil
        )
        #expect(telegram?.url == "https://api.telegram.org/botT0K/sendMessage")
        #expect(message["text"]?.text == "Alert: &lt;b&gt;&amp;" && message["chat_id"]?.text == "-42")
        #expect(message["message_thread_id"]?.integer(Int.self) == 7)
        let (ntfy, published) = try await send("ntfy_configs: [{topic: ops, token: tk, tags: [x]}]", evil)
        #expect(ntfy?.url == "https://ntfy.sh/")
        #expect(ntfy?.headers.contains { $0.name == "Authorization" && $0.value == "Bearer tk" } == true)
        #expect(published["topic"]?.text == "ops" && published["priority"]?.integer(Int.self) == 3)
        #expect(published["tags"]?.elements?.compactMap(\.text) == ["rotating_light", "x"])
    }

    @Test func `another Alertmanager gets the alerts as its API takes them`() async throws {
        let (request, body) = try await send("alertmanager_configs: [{url: \"http://am:9093/\"}]")
        #expect(request?.url == "http://am:9093/api/v2/alerts")
        let alert = try #require(body.elements?.first)
        #expect(alert["labels"]?["alertname"]?.text == "HighErrorRate")
        #expect(alert["startsAt"]?.text == "2020-09-13T12:26:40Z" && alert["endsAt"]?.text == "2020-09-13T12:30:40Z")
        let ended = try await send(
            "alertmanager_configs: [{url: \"http://am:9093/api/v2/alerts\"}]",
            Self.notification(status: .resolved)
        )
        #expect(ended.request?.url == "http://am:9093/api/v2/alerts")
        #expect(ended.body.elements?.first?["endsAt"]?.text == "2020-09-13T12:27:40Z")
    }

    @Test func `a webhook's own body is a template, and a broken one falls back to plain text that says so`()
        async throws
    {
        let http = MemoryHTTP()
        let template =
            #"{"a": {{ .Alerts.Firing | len }}, "n": {{ (index .Alerts 0).Labels.SortedPairs.Values | join "/" | toJson }}, "l": "{{ range .GroupLabels.Names }}{{ . }}{{ end }}"}"#
        let body = try await send(
            "webhook_configs: [{url: \"https://hook\", template: '\(template)', headers: {X-Key: abc}}]",
            http: http
        ).body
        #expect(body["a"]?.integer(Int.self) == 1 && body["n"]?.text == "HighErrorRate/web-1/critical")
        #expect(body["l"]?.text == "alertname")
        #expect(
            http.requests.withLock { $0.last?.headers.contains { $0.name == "X-Key" && $0.value == "abc" } } == true
        )
        let broken = try await send(
            "slack_configs: [{api_url: \"https://hook\", text: \"{{ .Nothing }}\", title: \"{{ nofunction }}\"}]"
        ).body
        let attachment = try #require(broken["attachments"]?.elements?.first)
        #expect(attachment["text"]?.text?.contains("(template error: ") == true)
        #expect(attachment["text"]?.text?.contains("Alert: HighErrorRate - 5 % of requests fail") == true)
        #expect(attachment["title"]?.text?.contains("nofunction") == true)
    }

    @Test func `the log gets a line at the severity's level or the chosen one`() async throws {
        let log = MemoryLog()
        _ = try await send("log_configs: [{}]", log: log)
        _ = try await send(
            "log_configs: [{level: ERROR}]",
            Self.notification(["alertname": "A", "severity": "info"]),
            log: log
        )
        _ = try await send("log_configs: [{}]", Self.notification(status: .resolved), log: log)
        #expect(log.lines.count == 3)
        #expect(log.lines[0].hasPrefix("error Alert: HighErrorRate") && log.lines[1].hasPrefix("error Alert: A"))
        #expect(log.lines[2].hasPrefix("info Alert resolved: HighErrorRate"))
    }

    @Test func `mail is text and HTML that no value can break out of`() async throws {
        let mail = MemoryMail()
        let evil: LabelSet = ["alertname": "Bröken\r\nBcc: evil@x", "severity": "critical"]
        _ = try await send(
            """
            email_configs:
                  - to: 'One <one@x>, two@x'
                    from: 'Märtlet <m@x>'
                    smarthost: mail:587
                    auth_username: me
                    auth_password: pw
                    headers: {Subject: 'S {{ .CommonLabels.alertname }}', "Bad Name": x, X-Long: '\(String(repeating: "word ", count: 300))'}
            """,
            Self.notification(evil, annotations: ["summary": "<script>x</script>"]),
            mail: mail
        )
        let sent = try #require(mail.sent.withLock { $0.first })
        #expect(sent.host == "mail" && sent.port == 587 && sent.protection == .startTLS)
        #expect(sent.user == "me" && sent.password == "pw")
        #expect(sent.sender == "m@x" && sent.recipients == ["one@x", "two@x"])
        let text = String(decoding: sent.message, as: UTF8.self)
        #expect(!text.contains("\r\nBcc:") && !text.contains("Bad Name"))
        #expect(text.contains("From: =?utf-8?B?TcOkcnRsZXQ=?= <m@x>\r\n"))
        #expect(text.contains("Subject: =?utf-8?B?"))
        #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count < 998 })
        let html = text.components(separatedBy: "base64\r\n\r\n").last?.components(separatedBy: "--martlet").first ?? ""
        let decoded = Data(base64Encoded: html, options: .ignoreUnknownCharacters).map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(decoded?.contains("&lt;script&gt;") == true && decoded?.contains("<script>") == false)
    }

    @Test(arguments: [
        (MailError.login("no"), DeliveryError.Reason.unauthorized, false), (.timeout("late"), .timeout, true),
        (.refused(code: 451, "later"), .serverError, true), (.refused(code: 550, "never"), .clientError, false),
        (.connection("gone"), .connection, true), (.unusable("bad"), .configuration, false),
        (.cancelled, .cancelled, false),
    ])
    func `judges the failures of mail servers`(error: MailError, reason: DeliveryError.Reason, isRetryable: Bool) async
    {
        let thrown = await #expect(throws: DeliveryError.self) {
            _ = try await send(
                "email_configs: [{to: a@x, from: b@x, smarthost: \"mail:25\", require_tls: false, html: \"<p>{{ .Title }}</p>\"}]",
                mail: MemoryMail(failing: error)
            )
        }
        #expect(thrown?.reason == reason && thrown?.isRetryable == isRetryable)
    }

    @Test func `a command gets the message on its input, and is killed when it takes too long`() async throws {
        // As the server's start does: a program may end before it has read its message.
        _ = signal(SIGPIPE, SIG_IGN)
        let file = NSTemporaryDirectory() + "martlet-command-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: file) }
        _ = try await send(
            "command_configs: [{program: /bin/sh, arguments: [-c, 'cat > \"$OUT\"; echo \"$MARTLET_STATUS $0\" >> \"$OUT\"', '{{ .CommonLabels.instance }}; rm'], environment: {OUT: \"\(file)\"}}]"
        )
        let written = try String(contentsOfFile: file, encoding: .utf8)
        #expect(written.hasPrefix("{\"receiver\":\"team\"") && written.hasSuffix("firing web-1; rm\n"))
        for (program, reason) in [
            ("program: /bin/false", "ended with status 1"), ("program: /nonexistent", "No such file"),
            ("program: /bin/sleep, arguments: [\"60\"], timeout: 100ms", "did not end in time and was killed"),
        ] {
            let error = await #expect(throws: DeliveryError.self) {
                _ = try await send("command_configs: [{\(program)}]")
            }
            #expect(error?.description.contains(reason) == true)
        }
    }

    @Test(arguments: [
        (401, DeliveryError.Reason.unauthorized, false), (404, .clientError, false), (408, .timeout, true),
        (429, .rateLimited, true), (302, .redirected, false), (503, .serverError, true),
    ])
    func `judges the answers of services`(status: Int, reason: DeliveryError.Reason, isRetryable: Bool) async {
        let error = await #expect(throws: DeliveryError.self) {
            _ = try await send(
                "slack_configs: [{api_url: \"https://hooks/S3CRET\"}]",
                http: MemoryHTTP(.success(IncomingResponse(status: status, body: Array("no_team\u{1b}[31m".utf8))))
            )
        }
        #expect(error?.reason == reason && error?.isRetryable == isRetryable)
        #expect(error?.description.hasPrefix("Slack API error: \(status)") == true)
        #expect(error?.description.contains("S3CRET") == false && error?.description.contains("\u{1b}") == false)
    }

    @Test func `a channel in code is called, and its errors count as passing ones`() async throws {
        struct Odd: Error {}
        let good = CustomChannel { _ in }
        try await good.send(Self.notification(), timeout: .seconds(1))
        #expect(try await good.answer(to: Self.notification(), timeout: .seconds(1)) == "delivered")
        let error = await #expect(throws: DeliveryError.self) {
            try await CustomChannel { _ in throw Odd() }.send(Self.notification(), timeout: .seconds(1))
        }
        #expect(error?.reason == .other && error?.isRetryable == true)
        let own = await #expect(throws: DeliveryError.self) {
            try await CustomChannel { _ in throw DeliveryError(.clientError, "no") }
                .send(Self.notification(), timeout: .seconds(1))
        }
        #expect(own?.reason == .clientError)
    }
}
