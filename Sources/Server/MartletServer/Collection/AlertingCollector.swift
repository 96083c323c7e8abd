import MartletAlerting
import MartletCore
import MartletMetrics
import MartletNotify

/// The numbers of rules, alerts and notifications as metrics.
struct AlertingCollector: MetricCollector {
    let name = "alerting"
    let rules: RuleManager
    let notifications: NotificationNumbers

    func collect() -> [MetricFamily] {
        let groups = rules.snapshot
        return evaluation(groups) + notification(notifications.look())
    }

    private func evaluation(_ groups: [RuleGroupState]) -> [MetricFamily] {
        let states = groups.flatMap(\.rules)
        let alerts = states.flatMap(\.machine.alerts.values)
        let healths: [RuleState.Health] = [.ok, .error, .unknown]
        let rulesByState: [(LabelSet, Double)] = healths.map { health in
            (["state": health.rawValue], Double(states.count { $0.health == health }))
        }
        let alertsByState: [(LabelSet, Double)] = [AlertState.pending, .firing].map { state in
            (["state": state.rawValue], Double(alerts.count { $0.state == state }))
        }
        let failures = states.reduce(0) { $0 + $1.failures }
        let evaluations: [(LabelSet, Double)] = [
            (["result": "success"], Double(states.reduce(0) { $0 + $1.evaluations } - failures)),
            (["result": "failure"], Double(failures)),
        ]
        return [
            .gauge("martlet_alert_rules", "Rules by state of their last evaluation.", rulesByState),
            .gauge("martlet_alerts", "Alerts by state.", alertsByState),
            .counter("martlet_alert_evaluations_total", "Rule evaluations.", evaluations),
            .counter("martlet_alert_rule_errors_total", "Rules that failed to evaluate.", ruleErrors(groups)),
            .counter(
                "martlet_alert_missed_evaluations_total",
                "Evaluations skipped because the one before still ran.",
                [
                    (.empty, Double(groups.reduce(0) { $0 + $1.missedEvaluations }))
                ]
            ),
        ]
    }

    private func notification(_ state: NotificationStatistics) -> [MetricFamily] {
        var results: [(LabelSet, Double)] = []
        var retries: [(LabelSet, Double)] = []
        var waiting: [(LabelSet, Double)] = []
        for (id, channel) in state.channels.sorted(by: { $0.key < $1.key }) {
            let labels: LabelSet = ["channel": "\(id.receiver)/\(id.kind)[\(id.index)]"]
            results.append((labels.setting("result", to: "success"), Double(channel.delivered)))
            for (reason, count) in channel.failed {
                results.append((labels.setting("result", to: reason.rawValue), Double(count)))
            }
            retries.append((labels, Double(channel.failedAttempts.values.reduce(0, +))))
            waiting.append((labels, Double(channel.waiting)))
        }
        return [
            .counter("martlet_notifications_total", "Notifications sent, by result.", results),
            .counter("martlet_notification_failed_attempts_total", "Attempts that failed, retried or not.", retries),
            .gauge("martlet_notification_queue_depth", "Waiting notifications.", waiting),
            .counter(
                "martlet_notification_dropped_alerts_total",
                "Alerts beyond the limit.",
                [
                    (.empty, Double(state.droppedAlerts))
                ]
            ),
        ]
    }

    /// One series for each rule that ever failed.
    private func ruleErrors(_ groups: [RuleGroupState]) -> [(LabelSet, Double)] {
        var errors: [LabelSet: Double] = [:]
        for group in groups {
            for state in group.rules where state.failures > 0 {
                let labels = LabelSet([Label("group", group.group.name), Label("rule", state.rule.name)])
                errors[labels, default: 0] += Double(state.failures)
            }
        }
        return errors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
