import MartletConfiguration
import MartletCore
import MartletServer

/// `martlet alerts test --rules FILE --series FILE`: what rules do with series that somebody writes.
enum AlertsTestVerb: Verb {
    static let syntax = Syntax(
        words: ["alerts", "test"],
        summary: "Try rules in any form on series that you write, without a server.",
        options: [
            .init(name: "--rules", value: "FILE", help: "a rule file, or a configuration with rules; required"),
            .init(name: "--series", value: "FILE", help: "the series, and what should fire; required"),
            .init(name: "--until", value: "DURATION", help: "how long to go on (default: to the end of the series)"),
            .init(name: "--expect", value: "ALERT", help: "exactly the alerts named so have to fire; may be repeated"),
            OutputFormat.option,
        ],
        discussion: """
            FILE of --series is one test in promtool's form:
              interval: 10s
              input_series:
                - {series: 'queue_depth{queue="mail"}', values: '0x30 500x60 0x30'}
              alert_rule_test:        # optional
                - {eval_time: 10m, alertname: queue_full, exp_alerts: [{exp_labels: {queue: mail}}]}

            Lists what fires and when. Exits with 1 when something else was expected or a rule fails.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        guard let rules = arguments["--rules"], let series = arguments["--series"] else {
            let missing = arguments["--rules"] == nil ? "--rules" : "--series"
            throw UsageError("alerts test needs \(missing) FILE", syntax: syntax)
        }
        let until = try arguments.duration("--until").map { Duration.milliseconds($0) }
        let report: RuleScenario.Report
        do {
            report = try RuleScenario.run(rules: rules, series: series, duration: until)
        } catch {
            for problem in error.problems { Terminal.printError("\(problem)") }
            return .failure
        }
        let rows = report.firings.map { firing in
            [
                text(firing.firedAfter), firing.resolvedAfter.map(text) ?? "still firing",
                firing.labels.removing(["alertname"]).description, firing.rule, FloatText.shortest(firing.value),
            ]
        }
        var failures = report.failures
        let expected = Set(arguments.all("--expect"))
        let fired = Set(report.firings.map(\.rule))
        if !expected.isEmpty {
            failures += expected.subtracting(fired).sorted().map { "alert \($0) did not fire" }
            failures += fired.subtracting(expected).sorted().map { "alert \($0) fired, which was not expected" }
        }
        let header = ["fired after", "resolved after", "labels", "alert", "value"]
        if !rows.isEmpty || format != .table { Terminal.print(format.text(header: header, rows: rows)) }
        if rows.isEmpty, format == .table { Terminal.printError("martlet: none of \(report.rules) rules fires") }
        for failure in failures { Terminal.printError(failure) }
        let checks = report.checks + expected.count
        if checks > 0 {
            let count = failures.count
            Terminal.printError(
                "martlet: \(count == 0 ? "all" : "\(checks - min(count, checks)) of") \(checks) checks hold"
            )
        }
        return failures.isEmpty ? .success : .failure
    }

    private static func text(_ duration: Duration) -> String {
        DurationText.string(milliseconds: Int64(duration / .milliseconds(1)))
    }
}
