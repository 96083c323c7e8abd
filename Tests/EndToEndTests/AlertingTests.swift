import Foundation
import Testing

/// From a rule file to a receiver.
@Suite("Alerting", .fewAtOnce)
struct AlertingTests {
    @Test func `a target that goes down is told once and once resolved, in the form of Alertmanager`() async throws {
        let sink = try Sink()
        let folder = try Folder()
        let port = try Tools.freePort()
        try folder.write(
            "rules.yml",
            """
            groups:
              - name: availability
                interval: 1s
                rules:
                  - alert: TargetDown
                    expr: up{job="victim"} == 0
                    for: 5s
                    labels: {severity: critical}
                    annotations:
                      summary: "{{ $labels.instance }} is down, up is {{ $value }}"
                  - record: job:up:sum
                    expr: sum by (job) (up)
            """
        )
        let configuration = """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            server: {notification_allowlist: ["127.0.0.0/8"]}
            scrape_configs:
              - {job_name: victim, static_configs: [{targets: ["127.0.0.1:\(port)"]}]}
            rule_files: [rules.yml]
            route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
            receivers:
              - name: hook
                webhook_configs: [{url: "http://127.0.0.1:\(sink.port)/alerts", send_resolved: true}]
            """
        var target: ChildProcess? = try Self.target(port, folder)
        let server = try await ServerUnderTest(in: folder, configuration: configuration)
        _ = try await eventually("the target is up and the recording rule has a value") {
            try await server.query("job:up:sum{job=\"victim\"}").values.first == 1 ? true : nil
        }
        #expect(sink.received.isEmpty)

        target?.end(SIGKILL)
        target = nil
        let firing = try await eventually("the webhook is told that the alert fires") {
            try sink.received.map { try JSON(String(decoding: $0.body, as: UTF8.self)) }.first {
                $0["status"].text == "firing"
            }
        }
        #expect(firing["version"].text == "4")
        #expect(firing["receiver"].text == "hook")
        #expect(firing["groupLabels"].members.mapValues(\.text) == ["alertname": "TargetDown"])
        #expect(firing["commonLabels"]["severity"].text == "critical")
        let alert = try #require(firing["alerts"].elements.first)
        #expect(
            alert["labels"].members.mapValues(\.text) == [
                "alertname": "TargetDown", "severity": "critical", "job": "victim", "instance": "127.0.0.1:\(port)",
            ]
        )
        #expect(alert["annotations"]["summary"].text == "127.0.0.1:\(port) is down, up is 0")
        #expect(alert["endsAt"].text == "0001-01-01T00:00:00Z")
        #expect(alert["fingerprint"].text.count == 16)
        #expect(alert["generatorURL"].text.hasPrefix("http"))
        let alerts = try await server.data("alerts")["alerts"].elements
        #expect(alerts.map { $0["state"].text } == ["firing"])
        #expect(try await !server.query("ALERTS{alertstate=\"firing\"}").isEmpty)

        target = try Self.target(port, folder)
        let resolved = try await eventually("the webhook is told that the alert is resolved") {
            try sink.received.map { try JSON(String(decoding: $0.body, as: UTF8.self)) }.first {
                $0["status"].text == "resolved"
            }
        }
        #expect(resolved["groupKey"].text == firing["groupKey"].text)
        #expect(resolved["alerts"].elements.first?["endsAt"].text.hasPrefix("20") == true)
        let states = try sink.received.map { try JSON(String(decoding: $0.body, as: UTF8.self))["status"].text }
        #expect(states == ["firing", "resolved"])
        let rules = try await server.data("rules")["groups"].elements.flatMap { $0["rules"].elements }
        #expect(rules.map { $0["health"].text } == ["ok", "ok"])
        withExtendedLifetime(target) {}
    }

    /// A server that any scrape succeeds on: the node exporter where it is installed, or a second Martlet.
    private static func target(_ port: Int, _ folder: Folder) throws -> ChildProcess {
        if Tools.path(of: "prometheus-node-exporter") != nil {
            return try ChildProcess(
                "prometheus-node-exporter",
                ["--web.listen-address=127.0.0.1:\(port)"],
                directory: folder.url
            )
        }
        let data = folder.url.appending(path: "victim").path
        let arguments = ["serve", "--data-dir", data, "--listen", "127.0.0.1:\(port)", "--health-listen", "none"]
        return try ChildProcess(Tools.martlet, arguments, directory: folder.url)
    }
}
