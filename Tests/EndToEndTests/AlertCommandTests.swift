import Foundation
import Testing

/// The verbs `alerts`, `rules` and `health` against a running server, one by one.
@Suite("Alert commands", .fewAtOnce)
struct AlertCommandTests {
    private static func martlet(_ server: ServerUnderTest?, _ words: String...) async throws -> (
        status: Int32, output: String, error: String
    ) {
        let url = server.map { ["--url", $0.url] } ?? []
        return try await Tools.run(Tools.martlet, words + url)
    }

    @Test func `health tells states, changes and the last runs of a check`() async throws {
        let server = try await ServerUnderTest(
            configuration: """
                health: {checks: [{name: redis, tcp: "127.0.0.1:1", critical: true, interval: 1s, timeout: 500ms}]}
                """
        )
        _ = try await eventually("the check failed") {
            let report = try JSON(
                String(decoding: try await server.send("GET", "/health").body, as: UTF8.self)
            )
            return report["status"].text == "unhealthy" ? true : nil
        }
        let health = try await Self.martlet(server, "health")
        #expect(health.status == 1 && health.output.contains("cannot connect to 127.0.0.1:1"))
        for since in ["1h", "2020-01-01T00:00:00Z"] {
            let history = try await Self.martlet(server, "health", "history", "--since", since, "-o", "csv")
            #expect(history.status == 0, "\(history.error)")
            #expect(history.output.contains("Z,redis,healthy,unhealthy,cannot connect to 127.0.0.1:1"))
            #expect(history.output.contains("Z,(all),healthy,unhealthy,not healthy: redis"))
        }
        let later = try await Self.martlet(server, "health", "history", "--since", "2099-01-01T00:00:00Z")
        #expect(later.status == 0 && later.error.contains("no state has changed"))
        #expect(try await server.get("/health/history", [("since", "1h")]).contains("redis"))
        let bad = try await Self.martlet(server, "health", "history", "--since", "yesterday")
        #expect(bad.status == 2 && bad.error.contains("--since needs a duration such as 1h"))
        let runs = try await Self.martlet(server, "health", "redis")
        #expect(runs.status == 1 && runs.output.contains("redis is unhealthy since"))
        #expect(runs.output.contains("○ unhealthy") && runs.output.contains("MESSAGE"))
        let unknown = try await Self.martlet(server, "health", "redi")
        #expect(unknown.status == 4 && unknown.error.contains("no check is named \"redi\""))
    }

    @Test func `rules are listed with what fails, and alerts are acknowledged, silenced and explained`() async throws {
        let folder = try Folder()
        try folder.write(
            "rules.yml",
            """
            groups:
              - name: g
                interval: 1s
                rules:
                  - {alert: Always, expr: vector(1), labels: {severity: page}}
                  - {alert: Broken, expr: 'label_replace(up, "instance", "x", "", "") > -1'}
                  - {record: one, expr: vector(1)}
            """
        )
        let server = try await ServerUnderTest(
            in: folder,
            configuration: """
                rule_files: [rules.yml]
                scrape_configs: [{job_name: a, scrape_interval: 1s, static_configs: [{targets: ["127.0.0.1:1", "127.0.0.1:2"]}]}]
                route: {receiver: team, group_wait: 0s}
                receivers: [{name: team, log_configs: [{}]}]
                """
        )
        let rules = try await eventually(
            within: 180,
            "the broken rule failed; the server printed:\n\(server.process.text)"
        ) {
            let listed = try await Self.martlet(server, "rules", "-o", "csv")
            return listed.output.contains(",err,g,Broken") ? listed : nil
        }
        #expect(rules.status == 1)
        #expect(rules.output.contains("firing,ok,g,Always") && rules.output.contains("-,ok,g,one"))
        #expect(rules.output.contains("same labelset"))
        #expect(try await Self.martlet(server, "rules", "--rule", "Always").status == 0)
        #expect(try await Self.martlet(server, "rules", "--rule", "Nothing").status == 4)
        #expect(try await Self.martlet(server, "rules", "lst").error.contains("did you mean \"list\"?"))

        #expect(
            try await Self.martlet(server, "alerts", "ack", "Always", "-c", "mine").output == "acknowledged Always\n"
        )
        #expect(try await Self.martlet(server, "alerts", "--state", "acknowledged").output.contains("Always"))
        let wrong = try await Self.martlet(server, "alerts", "ack", "Alwys")
        #expect(wrong.status == 4 && wrong.error.contains("did you mean \"Always\"?"))
        #expect(try await Self.martlet(server, "alerts", "unack", "Always").status == 0)
        #expect(try await Self.martlet(server, "alerts", "explain", "Always").output.contains("receivers: team"))
        let silence = try await Self.martlet(server, "alerts", "silence", "Always", "-c", "known", "-d", "1h")
        #expect(silence.status == 0 && silence.error.contains("matches 1"))
        #expect(try await Self.martlet(server, "alerts", "--state", "silenced").output.contains("Always"))
        let id = silence.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try await Self.martlet(server, "silences", "expire", id).status == 0)
        #expect(try await Self.martlet(server, "alerts", "history", "--rule", "Always").output.contains("firing"))
        #expect(try await Self.martlet(server, "alerts", "test-channel", "team").output.contains("true"))
        #expect(try await Self.martlet(server, "alerts", "test-channel", "tem").error.contains("did you mean"))
        let backtest = try await Self.martlet(server, "rules", "backtest", "--since", "10s", "--step", "1s")
        #expect(backtest.status == 0 && backtest.output.contains("still firing  Always"), "\(backtest)")
        #expect(backtest.error.contains("rule Broken at "))
        let bad = try await Self.martlet(server, "alerts", "backtest", "up >")
        #expect(bad.status == 1 && bad.error.contains("1:5: parse error"))
    }

    @Test func `rules in words are tried on written series and over stored data`() async throws {
        let folder = try Folder()
        let rules = try folder.write(
            "rules.yml",
            "alerts: [{name: queue_full, condition: metric_above, metric: queue_depth, threshold: 100, duration: 1m}]\n"
        )
        let series = try folder.write(
            "series.yml",
            """
            interval: 10s
            input_series: [{series: queue_depth, values: '0x30 500x60 0x30'}]
            alert_rule_test: [{eval_time: 8m, alertname: queue_full, exp_alerts: [{exp_labels: {severity: warning}}]}]
            """
        )
        let good = try await Self.martlet(nil, "alerts", "test", "--rules", rules, "--series", series)
        #expect(good.status == 0 && good.error == "martlet: all 1 checks hold\n", "\(good)")
        #expect(good.output.contains("6m10s") && good.output.contains("15m20s"))
        let expected = try await Self.martlet(
            nil,
            "rules",
            "test",
            "--rules",
            rules,
            "--series",
            series,
            "--expect",
            "other"
        )
        #expect(expected.status == 1 && expected.error.contains("alert other did not fire"))
        let missing = try await Self.martlet(nil, "alerts", "test", "--rules", rules)
        #expect(missing.status == 2 && missing.error.contains("needs --series FILE"))
        let server = try await ServerUnderTest()
        let backtest = try await Self.martlet(server, "alerts", "backtest", "--rules", rules, "--since", "1m")
        #expect(backtest.status == 4 && backtest.error.contains("nothing would have fired"), "\(backtest)")
        let broken = try folder.write("broken.yml", "alerts: [{name: a, condition: x >}]\n")
        let refused = try await Self.martlet(server, "alerts", "backtest", "--rules", broken)
        #expect(refused.status == 1 && refused.error.contains("broken.yml:1:"))
    }
}
