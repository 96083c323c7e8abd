import Foundation
import MartletCore
import MartletServer
import Testing

/// Rules in all forms, tried on written series.
@Suite("Rule scenarios")
struct RuleScenarioTests {
    private static let series = """
        interval: 10s
        input_series:
          - {series: 'queue_depth{queue="mail"}', values: '0x30 500x60 0x30'}
        alert_rule_test:
          - {eval_time: 5m, alertname: queue_full}
          - {eval_time: 8m, alertname: queue_full, exp_alerts: [{exp_labels: {queue: mail, severity: critical}}]}
        """

    private static let friendly = """
        alerts:
          - {name: queue_full, condition: metric_above, metric: queue_depth, threshold: 100, duration: 1m, severity: critical}
          - {name: never, condition: "queue_depth > 1000"}
        """

    private static let prometheus = """
        groups:
          - name: g
            interval: 5s
            rules:
              - {record: depth, expr: sum by (queue) (queue_depth)}
              - {alert: queue_full, expr: depth > 100, for: 1m, labels: {severity: critical}, annotations: {n: "{{ $value }}"}}
        """

    private func run(_ rules: String, _ series: String = Self.series, _ duration: Duration? = nil) throws
        -> RuleScenario.Report
    {
        let folder = URL.temporaryDirectory.appending(path: "scenario-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["rules.yml": rules, "series.yml": series].mapValues { $0 }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        return try RuleScenario.run(
            rules: folder.appending(path: "rules.yml").path,
            series: folder.appending(path: "series.yml").path,
            duration: duration
        )
    }

    @Test(arguments: [(friendly, 2), (prometheus, 2)])
    func `each form of rules fires when it should`(rules: String, count: Int) throws {
        let report = try run(rules)
        #expect(report.rules == count && report.checks == 2)
        #expect(report.failures == [])
        #expect(report.firings.map(\.rule) == ["queue_full"])
        let firing = try #require(report.firings.first)
        #expect(firing.labels["queue"] == "mail" && firing.value == 500)
        // From 310 s on it is above, and a minute later it fires; its end is seen at the next evaluation.
        #expect(firing.firedAfter == .seconds(370))
        #expect(firing.resolvedAfter == .seconds(920))
    }

    @Test func `what was expected and did not happen is told, with the nearest name`() throws {
        let wrong = Self.series.replacing("alertname: queue_full}", with: "alertname: queue_ful, exp_alerts: [{}]}")
        let report = try run(Self.friendly, wrong)
        #expect(report.failures.count == 1)
        #expect(report.failures.first?.contains("did you mean \"queue_full\"?") == true)
        #expect(report.failures.first?.contains("    - {alertname=\"queue_ful\"}") == true)
        let early = try run(Self.friendly, Self.series.replacing("eval_time: 5m", with: "eval_time: 7m"))
        #expect(early.failures.count == 1 && early.failures.first?.contains("- no alert") == true)
    }

    @Test func `a rule that fails is told and stops no other`() throws {
        let rules = """
            groups:
              - name: g
                interval: 10s
                rules:
                  - {alert: bad, expr: 'queue_depth * on(queue) group_left many'}
                  - {alert: good, expr: queue_depth > 100}
            """
        let series = """
            interval: 10s
            input_series:
              - {series: 'queue_depth{queue="a"}', values: '500x5'}
              - {series: 'many{queue="a", x="1"}', values: '1x5'}
              - {series: 'many{queue="a", x="2"}', values: '1x5'}
            """
        let report = try run(rules, series)
        #expect(report.firings.map(\.rule) == ["good"])
        #expect(report.failures.count == 1 && report.failures.first?.hasPrefix("rule bad at 1970") == true)
    }

    @Test func `mistakes in either file are told with their places`() {
        #expect(throws: (any Error).self) { try run("alerts: [{name: a}]") }
        #expect(throws: (any Error).self) { try run(Self.friendly, "input_series: [{series: 'a', valus: '1'}]") }
    }

    @Test func `goes on after the series where asked`() throws {
        let series = "interval: 10s\ninput_series: [{series: queue_depth, values: '500x3'}]"
        #expect(try run(Self.friendly, series).firings.isEmpty)
        let report = try run(Self.friendly, series, .seconds(600))
        #expect(report.firings.map(\.firedAfter) == [.seconds(60)])
        // Five minutes after its last sample the series is gone.
        #expect(report.firings.first?.resolvedAfter == .seconds(330))
    }
}
