public import MartletMetrics

extension ActorMetrics {
    /// Supervisors and their children.
    ///
    /// The first label of all is the name of the actor system.
    public struct Supervision: Sendable {
        /// Child restarts: `supervisor_restarts_total`, by system, supervisor, child, failure_type.
        public let restarts: ResolvedFamily<Counter.Series>

        /// Child failures seen: `supervisor_failures_total`, by system, supervisor, child, failure_type.
        public let failures: ResolvedFamily<Counter.Series>

        /// Decisions restart, resume, stop, escalate: `supervisor_decisions_total`, by system, supervisor, decision.
        public let decisions: ResolvedFamily<Counter.Series>

        /// Failures passed up: `supervisor_escalations_total`, by system, supervisor.
        public let escalations: ResolvedFamily<Counter.Series>

        /// Restart limits reached: `supervisor_restart_intensity_exceeded_total`, by system, supervisor.
        public let restartIntensityExceeded: ResolvedFamily<Counter.Series>

        /// Failure to running again: `supervisor_restart_duration_seconds`, by system, supervisor.
        public let restartDuration: ResolvedFamily<Histogram.Series>

        /// Delay before the next restart: `supervisor_backoff_seconds`, by system, supervisor, child.
        public let backoff: ResolvedFamily<Gauge.Series>

        /// Children by state: `supervisor_children`, by system, supervisor, state.
        public let children: ResolvedFamily<Gauge.Series>

        /// Depth of the supervision tree: `supervisor_tree_depth`, by system.
        public let treeDepth: ResolvedFamily<Gauge.Series>

        /// 1 with the strategy as label: `supervisor_strategy_info`, by system, supervisor, strategy.
        public let strategy: ResolvedFamily<Gauge.Series>

        /// Child health checks run: `supervisor_health_checks_total`, by system, supervisor, result.
        public let healthChecks: ResolvedFamily<Counter.Series>

        /// Children not healthy: `supervisor_unhealthy_children`, by system, supervisor.
        public let unhealthyChildren: ResolvedFamily<Gauge.Series>

        /// Aggregated state 0..3: `supervisor_health_status`, by system, supervisor.
        public let healthStatus: ResolvedFamily<Gauge.Series>

        init(_ registry: MetricRegistry) {
            restarts =
                Counter.Family(
                    "supervisor_restarts_total",
                    help: "Child restarts.",
                    labels: "system",
                    "supervisor",
                    "child",
                    "failure_type",
                    registry: registry
                ).resolved
            failures =
                Counter.Family(
                    "supervisor_failures_total",
                    help: "Child failures seen.",
                    labels: "system",
                    "supervisor",
                    "child",
                    "failure_type",
                    registry: registry
                ).resolved
            decisions =
                Counter.Family(
                    "supervisor_decisions_total",
                    help: "Decisions restart, resume, stop, escalate.",
                    labels: "system",
                    "supervisor",
                    "decision",
                    registry: registry
                ).resolved
            escalations =
                Counter.Family(
                    "supervisor_escalations_total",
                    help: "Failures passed up.",
                    labels: "system",
                    "supervisor",
                    registry: registry
                ).resolved
            restartIntensityExceeded =
                Counter.Family(
                    "supervisor_restart_intensity_exceeded_total",
                    help: "Restart limits reached.",
                    labels: "system",
                    "supervisor",
                    registry: registry
                ).resolved
            restartDuration =
                Histogram.Family(
                    "supervisor_restart_duration_seconds",
                    help: "Failure to running again.",
                    unit: "seconds",
                    labels: "system",
                    "supervisor",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            backoff =
                Gauge.Family(
                    "supervisor_backoff_seconds",
                    help: "Delay before the next restart.",
                    unit: "seconds",
                    labels: "system",
                    "supervisor",
                    "child",
                    registry: registry
                ).resolved
            children =
                Gauge.Family(
                    "supervisor_children",
                    help: "Children by state.",
                    labels: "system",
                    "supervisor",
                    "state",
                    registry: registry
                ).resolved
            treeDepth =
                Gauge.Family(
                    "supervisor_tree_depth",
                    help: "Depth of the supervision tree.",
                    labels: "system",
                    registry: registry
                ).resolved
            strategy =
                Gauge.Family(
                    "supervisor_strategy_info",
                    help: "1 with the strategy as label.",
                    labels: "system",
                    "supervisor",
                    "strategy",
                    registry: registry
                ).resolved
            healthChecks =
                Counter.Family(
                    "supervisor_health_checks_total",
                    help: "Child health checks run.",
                    labels: "system",
                    "supervisor",
                    "result",
                    registry: registry
                ).resolved
            unhealthyChildren =
                Gauge.Family(
                    "supervisor_unhealthy_children",
                    help: "Children not healthy.",
                    labels: "system",
                    "supervisor",
                    registry: registry
                ).resolved
            healthStatus =
                Gauge.Family(
                    "supervisor_health_status",
                    help: "Aggregated state 0..3.",
                    labels: "system",
                    "supervisor",
                    registry: registry
                ).resolved
        }
    }
}
