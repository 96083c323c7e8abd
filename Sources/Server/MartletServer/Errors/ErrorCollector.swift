import MartletAlerting
import MartletCore
import MartletLogging
import MartletMetrics
import MartletNotify

/// The errors of services by type, so that rules can watch them, and those of the server itself by kind.
struct ErrorCollector: MetricCollector {
    let name = "errors"
    let errors: ErrorService
    let logs: LogService

    /// What the server's own parts told at error.
    let own: OwnErrors
    let rules: RuleManager
    let notifications: NotificationNumbers

    func collect() -> [MetricFamily] {
        errors.update(from: logs)
        let tracker = errors.tracker
        var counts = tracker.countsByService.map { kind, count -> (LabelSet, Double) in
            let labels = [Label("service", kind.service), Label("type", kind.type)].filter { !$0.value.isEmpty }
            return (LabelSet(labels), Double(count))
        }
        if tracker.uncounted > 0 { counts.append((["overflow": "true"], Double(tracker.uncounted))) }
        return [
            .counter("martlet_errors_total", "Errors of services, from logs and failed spans, by type.", counts),
            .gauge("martlet_error_groups", "Groups of errors.", [(.empty, Double(tracker.groups.count))]),
            .counter(
                "martlet_error_groups_forgotten_total",
                "Groups of errors that made room for others.",
                [(.empty, Double(tracker.forgottenGroups))]
            ),
            .counter(
                "martlet_error_records_passed_over_total",
                "Log records not looked at for errors because there were too many.",
                [(.empty, Double(errors.passedOver))]
            ),
            .counter("martlet_internal_errors_total", "Errors of the server itself, by kind.", ownCounts),
        ]
    }

    /// Kinds that are there from the start, so that their first error is an increase.
    private var ownCounts: [(LabelSet, Double)] {
        var kinds = own.counts.mapValues(Double.init)
        kinds["channel"] = notifications.look().channels.values.reduce(0) {
            $0 + Double($1.failedAttempts.values.reduce(0, +))
        }
        kinds["rule"] = rules.snapshot.reduce(0) { $0 + Double($1.rules.reduce(0) { $0 + $1.failures }) }
        return kinds.sorted { $0.key < $1.key }.map { (["kind": $0.key], $0.value) }
    }
}
