import Foundation
import MartletAlerting
import MartletConfiguration
import MartletPatterns
import MartletYAML
import Testing

/// Rules, channels and policies as a file that is loaded and saved.
@Suite("Alert configuration")
struct AlertConfigTests {
    private static let text = """
        allow_commands: true
        rules:
          - {name: queue, condition: {MetricThreshold: {metric: depth, operator: ">=", threshold: 2.5, duration: 1m}}}
          - {name: check, condition: {type: health_check_failure, check_name: db, consecutive_failures: 3}, enabled: false}
          - {name: errors, condition: {ErrorRate: {threshold_percentage: 5, window_duration: 300}}, severity: ERROR}
          - {name: memory, condition: {ResourceUsage: {resource: memory, threshold_percentage: 80, duration: 30}}, for: 2m}
          - {name: above, condition: metric_above, threshold: 1e9, duration: 60000, metric: bytes}
          - {name: below, condition: metric_below, threshold: -1, duration: 60000, for: 0s}
          - {name: absent, condition: metric_absent, metric: up}
          - {name: fast, condition: rate_above, threshold: 10}
          - {name: slow, condition: rate_below, threshold: 0.1, severity: info}
          - {name: words, condition: "avg > 1000", metric: response_time, threshold: 1000, time_window: 10m,
             evaluation_interval: 2s, notification_interval: 1h, notify: "log, hook", escalation_policy: standard,
             labels: {team: "a: b"}, annotations: {runbook: "https://example.org/#x", summary: "it's \\"bad\\""},
             description: "on # fire"}
          - {name: ql, expr: "sum(rate(errors_total[5m])) > 1", for: 5m, evaluation_interval: 30s, channels: [log]}
        channels:
          - {name: log, type: log, level: error}
          - {name: hook, type: webhook, url: "https://example.org/token", headers: {Authorization: Bearer x},
             max_alerts: 5, template: "{{ .Title }}", min_severity: error}
          - {name: slack, type: slack, webhook_url: "${SLACK_URL}", channel: "#ops", default: false,
             fields: [{title: a, value: b, short: true}]}
          - {name: mail, type: email, smtp_host: mail.example.org, from_email: a@example.org, to_emails: [b@example.org],
             username: me, password: secret1, use_tls: false, headers: {Subject: x}, tls_config: {server_name: y}}
          - {name: pd, type: pagerduty, routing_key_file: /run/key, details: {a: b}}
          - {name: tg, type: telegram, bot_token: t, chat_id: "12", message_thread_id: 7}
          - {name: run, type: command, program: /bin/true, arguments: [a, b], environment: {A: B}}
          - {name: am, type: alertmanager, url: "http://am:9093", http_config: {basic_auth: {username: u, password: p}}}
        escalation_policies:
          - name: standard
            matchers: [severity="critical", team=~"a.*"]
            levels:
              - {after: 0s, channels: [log]}
              - {after: 15m, channels: [mail], severity: emergency, repeat_interval: 1h}
        """

    @Test(arguments: AlertConfig.Format.allCases)
    func `is the same after it was saved and loaded`(format: AlertConfig.Format) throws {
        let config = try AlertConfig.load(text: Self.text, patterns: RE2Patterns())
        #expect(
            config.rules.map(\.name) == [
                "queue", "check", "errors", "memory", "above", "below", "absent", "fast", "slow", "words",
            ]
        )
        #expect(config.channels.count == 8 && config.defaultChannels.count == 7)
        let again = try AlertConfig.load(text: config.text(as: format, showsSecrets: true), patterns: RE2Patterns())
        #expect(again.rules == config.rules)
        #expect(again.expressions == config.expressions)
        #expect(again.channels == config.channels)
        #expect(again.escalationPolicies == config.escalationPolicies)
        #expect(again == config)
    }

    @Test func `is saved to a file that only its owner reads, or not at all`() throws {
        let folder = URL.temporaryDirectory.appending(path: "alert-config-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = try AlertConfig.load(text: Self.text, patterns: RE2Patterns())
        for name in ["alerts.yml", "alerts.json"] {
            let path = folder.appending(path: name).path
            try config.save(to: path)
            try config.save(to: path)
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(try AlertConfig.load(path: path, patterns: RE2Patterns()) == config)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["alerts.json", "alerts.yml"]
        )
        let nowhere = folder.appending(path: "none/alerts.yml").path
        #expect { try config.save(to: nowhere) } throws: { error in
            "\(error)" == "cannot write \(nowhere): No such file or directory"
        }
    }

    @Test func `shows no secret unless asked and puts no variable in`() throws {
        let config = try AlertConfig.load(text: Self.text, patterns: RE2Patterns())
        for text in ["\(config)", String(reflecting: config), config.text(as: .json, showsSecrets: false)] {
            for secret in ["example.org/token", "Bearer", "secret1", "am:9093", "password: p"] {
                #expect(!text.contains(secret), "\(secret) in \(text)")
            }
        }
        #expect(config.text(as: .yaml, showsSecrets: true).contains("${SLACK_URL}"))
    }

    @Test func `tells unknown keys with their places`() {
        #expect {
            _ = try AlertConfig.load(
                text: "rules:\n  - {name: a, condition: \"x > 1\", severty: info}\nchanels: []\n",
                file: "alerts.yml",
                patterns: RE2Patterns()
            )
        } throws: { error in
            let problems = (error as? ConfigurationError)?.problems.map(\.description).sorted() ?? []
            return problems.count == 2
                && problems[0].hasPrefix("alerts.yml:2:35: unknown field \"severty\"")
                && problems[1].hasPrefix("alerts.yml:3:1: unknown field \"chanels\"")
        }
    }
}

/// Channels and rules in the shapes of the sources, as a whole configuration.
@Suite("Monitoring settings")
struct MonitoringSettingsTests {
    private func load(_ text: String, environment: [String: String] = ["SLACK_URL": "https://hooks/T0KEN"]) throws
        -> (configuration: Configuration, notification: NotificationConfiguration, rules: [AlertRule])
    {
        var notification = NotificationConfiguration()
        var rules: [AlertRule] = []
        let configuration = try ConfigurationLoader.load(
            text: text,
            file: "martlet.yml",
            environment: environment,
            patterns: RE2Patterns()
        ) { configuration, context in
            notification = NotificationLoader.read(configuration.alertingSections, context)
            rules =
                AlertRuleReader.read(
                    configuration.alertingSections,
                    context,
                    notification: notification,
                    evaluationInterval: .seconds(60),
                    checkExpression: { _ in nil }
                ).friendly
        }
        return (configuration, notification, rules)
    }

    private static let settings = """
        {"ENABLED": true,
         "ALERT_RULES": [{"name": "r", "metric_name": "m", "condition": "> 1", "severity": "CRITICAL", "channels": ["slack"]}],
         "NOTIFICATION_CHANNELS": [
           {"type": "LogNotificationChannel", "level": "ERROR"},
           {"type": "slack", "webhook_url": "${SLACK_URL}", "channel": "#alerts"},
           {"type": "email", "smtp_host": "mail.example.org", "smtp_port": 587, "username": "u", "password": "pa55",
            "from_email": "a@example.org", "to_emails": ["b@example.org"], "use_tls": true}]}
        """

    @Test(arguments: [settings, "{\"monitoring\": \(settings)}"])
    func `settings in capitals load with their channels, at the top or under monitoring`(text: String) throws {
        let (configuration, notification, rules) = try load(text)
        #expect(rules.map(\.name) == ["r"] && rules.first?.channels == ["slack"])
        #expect(notification.defaultReceivers == ["log", "slack", "email"])
        #expect(notification.receivers.flatMap(\.channels).map(\.kind) == [.log, .slack, .email])
        #expect(notification.receivers[0].channels[0].texts["level"] == "ERROR")
        #expect(notification.receivers[1].channels[0].secrets["api_url"] == .inline(Secret("https://hooks/T0KEN")))
        for secret in ["T0KEN", "pa55"] { #expect(!configuration.yaml.contains(secret)) }
        #expect(configuration.yaml.contains("NOTIFICATION_CHANNELS"))
    }

    @Test func `switched off there are neither rules nor channels`() throws {
        let (_, notification, rules) = try load(
            Self.settings.replacing("\"ENABLED\": true", with: "\"ENABLED\": false")
        )
        #expect(rules.isEmpty && notification.receivers.isEmpty)
    }

    @Test func `channels of a mapping by kind load`() throws {
        let (_, notification, rules) = try load(
            """
            monitoring:
              alert_rules: [{name: a, condition: "error_rate > 0.05", severity: critical, channels: [email, slack]}]
              alerting:
                enabled: true
                channels:
                  email: {smtp_server: mail.example.org, from: a@example.org, to: b@example.org}
                  slack: {webhook_url: "${SLACK_URL}"}
            """
        )
        #expect(notification.receivers.map(\.name) == ["email", "slack"])
        #expect(notification.receivers[0].channels[0].texts["smarthost"] == "mail.example.org:587")
        #expect(rules.first?.channels == ["email", "slack"])
    }

    @Test func `mistakes are told with their places`() {
        #expect {
            _ = try load("NOTIFICATION_CHANNELS: [{type: slak}, {type: slack}]\nALERT_RULES: [{name: a}]")
        } throws: { error in
            let problems = (error as? ConfigurationError)?.problems.map(\.description) ?? []
            return problems.contains { $0.contains("1:32: unknown channel type \"slak\" (did you mean \"slack\"?)") }
                && problems.contains { $0.contains("1:39: missing field \"api_url\"") }
                && problems.contains { $0.contains("2:15: missing field \"condition\"") }
        }
    }

    @Test func `an unset variable is an error that names it`() {
        #expect {
            _ = try load(Self.settings, environment: [:])
        } throws: { "\($0)".contains("SLACK_URL") }
    }
}
