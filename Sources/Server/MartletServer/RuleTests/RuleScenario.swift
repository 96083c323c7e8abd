import MartletAlerting
public import MartletConfiguration
public import MartletCore
import MartletPatterns
import MartletPromQL
import MartletSeries

/// Rules tried on series that somebody writes, before they go anywhere near a server.
///
/// The rules are a rule file or a configuration with rules in any form; the series are one test of promtool's form:
///
/// ```yaml
/// interval: 10s
/// input_series:
///   - {series: 'queue_depth{queue="mail"}', values: '0x30 500x60 0x30'}
/// alert_rule_test:          # optional: what has to fire when
///   - {eval_time: 10m, alertname: queue_full, exp_alerts: [{exp_labels: {queue: mail, severity: critical}}]}
/// ```
public struct RuleScenario {
    /// One alert that fired.
    public struct Firing: Sendable, Hashable {
        /// The rule's name.
        public var rule: String

        /// The alert's labels.
        public var labels: LabelSet

        /// The alert's annotations, filled in.
        public var annotations: [String: String]

        /// The value when it fired.
        public var value: Double

        /// How long after the start of the series it fired.
        public var firedAfter: Duration

        /// How long after the start it ended; `nil` where it still fires at the series' end.
        public var resolvedAfter: Duration?
    }

    /// What came of it.
    public struct Report: Sendable {
        /// What fired, in the order of time.
        public var firings: [Firing] = []

        /// How many rules there are.
        public var rules = 0

        /// How many expectations there were.
        public var checks = 0

        /// What was expected and did not happen, each over several lines, and rules that failed.
        public var failures: [String] = []
    }

    /// Tries rules on series.
    ///
    /// - Parameters:
    ///   - rules: A rule file or a configuration; its rules are evaluated at their own intervals.
    ///   - series: A file with the series, and what is expected of the rules.
    ///   - duration: How long to go on; `nil` until the series end.
    /// - Returns: What came of it.
    /// - Throws: ``ConfigurationError`` with all problems of both files.
    public static func run(
        rules: String,
        series: String,
        duration: Duration? = nil
    ) throws(ConfigurationError) -> Report {
        let patterns = RE2Patterns()
        let groups = try ConfigurationCheck.groups(file: rules)
        let input = try RuleTestFile.loadGroup(series, notation: SeriesNotation(patterns: patterns))
        var report = Report()
        report.rules = groups.reduce(0) { $0 + $1.rules.count }
        report.checks = input.alerts.count
        let end = max(duration.map { Int64($0 / .milliseconds(1)) } ?? input.inputEnd, input.lastTime)
        let shortest = groups.map { Int64($0.interval / .milliseconds(1)) }.min() ?? 1
        guard end / max(1, shortest) <= RuleTests.evaluationsMax else {
            report.failures.append("\(end / max(1, shortest)) evaluations are more than \(RuleTests.evaluationsMax)")
            return report
        }
        let store = RuleTestStore()
        let engine = QueryEngine(patterns: patterns, options: options)
        let evaluator = RuleEvaluator(
            query: QueryAdapter(engine: engine, source: store),
            sink: store,
            patterns: patterns,
            externalLabels: input.externalLabels,
            externalURL: input.externalURL
        )
        var given = 0
        let outcome = RuleReplay(evaluator: evaluator).run(groups, from: input.start, through: input.start + end) {
            input.give(to: store, from: &given, through: $0 - input.start)
        }
        report.failures += outcome.problems
        report.firings = outcome.firings.map { firing in
            Firing(
                rule: firing.rule,
                labels: firing.labels,
                annotations: firing.annotations,
                value: firing.value,
                firedAfter: .milliseconds(firing.firedAt - input.start),
                resolvedAfter: firing.resolvedAt.map { .milliseconds($0 - input.start) }
            )
        }
        for test in input.alerts { check(test, &report, of: groups) }
        return report
    }

    private static var options: QueryEngine.Options {
        var options = QueryEngine.Options()
        options.features = .all
        return options
    }

    private static func check(_ test: RuleTestFile.AlertCase, _ report: inout Report, of groups: [RuleGroup]) {
        let time = Duration.milliseconds(test.time)
        let firing = report.firings.filter { firing in
            firing.rule == test.name && firing.firedAfter <= time && firing.resolvedAfter.map { $0 > time } ?? true
        }
        let found = firing.map { RuleTestRun.line($0.labels, $0.annotations) }.sorted()
        // Annotations count where the expectation names some.
        let expected = test.expected.map { wanted in
            let same = firing.first { $0.labels == wanted.labels }
            let texts = wanted.annotations.isEmpty ? same?.annotations ?? [:] : wanted.annotations
            return RuleTestRun.line(wanted.labels, texts)
        }.sorted()
        guard found != expected else { return }
        var lines = ["alert \(test.name) at \(DurationText.string(milliseconds: test.time))"]
        let names = groups.flatMap(\.rules).map(\.name)
        if !names.contains(test.name) {
            let near = Suggestion.closest(to: test.name, among: names).map { " (did you mean \"\($0)\"?)" } ?? ""
            lines.append("      no rule gives an alert of that name\(near)")
        }
        lines += (expected.isEmpty ? ["no alert"] : expected.filter { !found.contains($0) }).map { "    - \($0)" }
        lines += (found.isEmpty ? ["no alert"] : found.filter { !expected.contains($0) }).map { "    + \($0)" }
        report.failures.append(lines.joined(separator: "\n"))
    }
}
