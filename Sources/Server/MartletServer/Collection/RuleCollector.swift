import MartletAlerting
import MartletCore
import MartletMetrics

/// The numbers of rule groups under the names that Prometheus gives to them, so that its dashboards work.
struct RuleCollector: MetricCollector {
    let name = "rules"
    let rules: RuleManager

    func collect() -> [MetricFamily] {
        let groups = rules.snapshot
        return counters(groups) + gauges(groups) + summaries(groups)
    }

    private func counters(_ groups: [RuleGroupState]) -> [MetricFamily] {
        [
            .counter(
                "prometheus_rule_evaluations_total",
                "The total number of rule evaluations.",
                series(groups) { Double($0.rules.reduce(0) { $0 + $1.evaluations }) }
            ),
            .counter(
                "prometheus_rule_evaluation_failures_total",
                "The total number of rule evaluation failures.",
                series(groups) { Double($0.rules.reduce(0) { $0 + $1.failures }) }
            ),
            .counter(
                "prometheus_rule_group_iterations_total",
                "The total number of scheduled rule group evaluations, whether executed or missed.",
                series(groups) { Double($0.evaluations + $0.missedEvaluations) }
            ),
            .counter(
                "prometheus_rule_group_iterations_missed_total",
                "The total number of rule group evaluations missed due to slow rule group evaluation.",
                series(groups) { Double($0.missedEvaluations) }
            ),
        ]
    }

    private func gauges(_ groups: [RuleGroupState]) -> [MetricFamily] {
        [
            .gauge(
                "prometheus_rule_group_interval_seconds",
                "The interval of a rule group.",
                series(groups) { $0.group.interval / .seconds(1) }
            ),
            .gauge(
                "prometheus_rule_group_last_duration_seconds",
                "The duration of the last rule group evaluation.",
                series(groups) { $0.evaluationTime / .seconds(1) }
            ),
            .gauge(
                "prometheus_rule_group_last_evaluation_timestamp_seconds",
                "The timestamp of the last rule group evaluation in seconds.",
                series(groups) { Double($0.lastEvaluation ?? 0) / 1000 }
            ),
            .gauge(
                "prometheus_rule_group_last_evaluation_samples",
                "The number of samples returned during the last rule group evaluation.",
                series(groups) { Double($0.lastSamples) }
            ),
            .gauge(
                "prometheus_rule_group_rules",
                "The number of rules.",
                series(groups) { Double($0.rules.count) }
            ),
        ]
    }

    private func summaries(_ groups: [RuleGroupState]) -> [MetricFamily] {
        [
            summary(
                "prometheus_rule_evaluation_duration_seconds",
                "The duration for a rule to execute.",
                [0.5, 0.9, 0.99],
                groups.map(\.ruleDurations)
            ),
            summary(
                "prometheus_rule_group_duration_seconds",
                "The duration of rule group evaluations.",
                [0.01, 0.05, 0.5, 0.9, 0.99],
                groups.map(\.durations)
            ),
        ]
    }

    private func summary(
        _ name: String,
        _ help: String,
        _ shares: [Double],
        _ records: [DurationRecord]
    ) -> MetricFamily {
        let sorted = records.flatMap(\.recent).sorted()
        let quantiles = shares.map { share in
            let place = min(sorted.count - 1, Int(share * Double(sorted.count)))
            return SummaryValue.Quantile(share: share, value: sorted.isEmpty ? .nan : sorted[place])
        }
        let value = SummaryValue(
            quantiles: quantiles,
            sum: records.reduce(0) { $0 + $1.sum },
            count: records.reduce(0) { $0 + $1.count }
        )
        return MetricFamily(
            name,
            metadata: MetricMetadata(type: .summary, help: help, unit: "seconds"),
            series: [MetricSeries(value: .summary(value))]
        )
    }

    private func series(
        _ groups: [RuleGroupState],
        _ value: (RuleGroupState) -> Double
    ) -> [(LabelSet, Double)] {
        groups.map { (["rule_group": "\($0.group.file);\($0.group.name)"], value($0)) }
    }
}
