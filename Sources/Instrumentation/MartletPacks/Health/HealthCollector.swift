import MartletCore
public import MartletHealth
public import MartletMetrics

/// Shows a health monitor's checks as metrics.
///
/// ```swift
/// HealthCollector.attach(to: monitor, registry: .default)
/// ```
///
/// States are numbers: 0 healthy, 1 degraded, 2 unhealthy, 3 critical.
public final class HealthCollector: MetricCollector {
    /// `health`.
    public let name = "health"

    private let monitor: HealthMonitor
    private let durations: ResolvedFamily<Histogram.Series>
    private let transitions: ResolvedFamily<Counter.Series>

    /// Creates the collector of a monitor; ``attach(to:registry:)`` also makes it known.
    ///
    /// - Parameters:
    ///   - monitor: The monitor.
    ///   - registry: Where durations and changes are counted.
    public init(_ monitor: HealthMonitor, registry: MetricRegistry) {
        self.monitor = monitor
        durations =
            Histogram.Family(
                "martlet_health_check_duration_seconds",
                help: "How long health checks took.",
                unit: "seconds",
                labels: "check",
                registry: registry
            ).resolved
        transitions =
            Counter.Family(
                "martlet_health_transitions_total",
                help: "Changes of a health check's state.",
                labels: "check",
                "from",
                "to",
                registry: registry
            ).resolved
    }

    /// Shows a monitor in a registry from now on.
    ///
    /// - Parameters:
    ///   - monitor: The monitor.
    ///   - registry: The registry.
    /// - Returns: The collector.
    @discardableResult
    public static func attach(to monitor: HealthMonitor, registry: MetricRegistry = .default) -> HealthCollector {
        let collector = HealthCollector(monitor, registry: registry)
        registry.add(collector: collector)
        monitor.add(observer: Observer(durations: collector.durations, transitions: collector.transitions))
        return collector
    }

    /// The states and counts of all checks.
    public func collect() -> [MetricFamily] {
        let report = monitor.report
        let checks = report.checks
        func family(
            _ name: String,
            _ type: MetricType,
            _ help: String,
            unit: String = "",
            _ value: (HealthRecord) -> MetricValue?
        ) -> MetricFamily {
            let series = checks.compactMap { check in
                value(check).map { MetricSeries(labels: ["check": check.name], value: $0) }
            }
            return MetricFamily(name, metadata: MetricMetadata(type: type, help: help, unit: unit), series: series)
        }
        let families = [
            MetricFamily(
                "martlet_health_status",
                metadata: MetricMetadata(
                    type: .gauge,
                    help: "How the whole is: 0 healthy, 1 degraded, 2 unhealthy, 3 critical."
                ),
                series: [MetricSeries(labels: .empty, value: .number(Double(report.status.level)))]
            ),
            MetricFamily(
                "martlet_health_check_status",
                metadata: MetricMetadata(
                    type: .gauge,
                    help: "How a check is: 0 healthy, 1 degraded, 2 unhealthy, 3 critical."
                ),
                series: checks.map { check in
                    let labels: LabelSet = [
                        "check": check.name, "kind": check.kind.rawValue, "critical": "\(check.isCritical)",
                    ]
                    return MetricSeries(labels: labels, value: .number(Double(check.status.level)))
                }
            ),
            family("martlet_health_checks_total", .counter, "Runs of health checks.") { .integer($0.runCount) },
            family("martlet_health_check_failures_total", .counter, "Failed runs of health checks.") {
                .integer($0.totalFailures)
            },
            family("martlet_health_check_timeouts_total", .counter, "Runs of health checks that did not end in time.") {
                .integer($0.timeoutCount)
            },
            family("martlet_health_check_consecutive_failures", .gauge, "Failures of a health check in a row.") {
                .number(Double($0.failureCount))
            },
            family(
                "martlet_health_check_last_run_timestamp_seconds",
                .gauge,
                "When a health check last ran, since the epoch.",
                unit: "seconds"
            ) { $0.lastCheck.map { .number(Double($0) / 1000) } },
        ]
        return families.filter { !$0.series.isEmpty }
    }

    private struct Observer: HealthObserver {
        let durations: ResolvedFamily<Histogram.Series>
        let transitions: ResolvedFamily<Counter.Series>

        func observe(_ event: HealthEvent) {
            switch event {
            case .checked(let record, let run): durations[record.name].observe(run.duration)
            case .changed(let change):
                transitions[change.check, change.from.rawValue, change.to.rawValue].increment()
            default: break
            }
        }
    }
}
