public import MartletMetrics

extension ActorMetrics {
    /// Supervisors and their children.
    ///
    /// The first label of all is the name of the actor system.
    public struct Supervision: Sendable {
        /// Child restarts: `supervisor_restarts_total`, by system, supervisor, child, failure_type.
        public let restarts: Counter.Family

        /// Child failures seen: `supervisor_failures_total`, by system, supervisor, child, failure_type.
        public let failures: Counter.Family

        /// Decisions restart, resume, stop, escalate: `supervisor_decisions_total`, by system, supervisor, decision.
        public let decisions: Counter.Family

        /// Failures passed up: `supervisor_escalations_total`, by system, supervisor.
        public let escalations: Counter.Family

        /// Restart limits reached: `supervisor_restart_intensity_exceeded_total`, by system, supervisor.
        public let restartIntensityExceeded: Counter.Family

        /// Failure to running again: `supervisor_restart_duration_seconds`, by system, supervisor.
        public let restartDuration: Histogram.Family

        /// Delay before the next restart: `supervisor_backoff_seconds`, by system, supervisor, child.
        public let backoff: Gauge.Family

        /// Children by state: `supervisor_children`, by system, supervisor, state.
        public let children: Gauge.Family

        /// Depth of the supervision tree: `supervisor_tree_depth`, by system.
        public let treeDepth: Gauge.Family

        /// 1 with the strategy as label: `supervisor_strategy_info`, by system, supervisor, strategy.
        public let strategy: Gauge.Family

        /// Child health checks run: `supervisor_health_checks_total`, by system, supervisor, result.
        public let healthChecks: Counter.Family

        /// Children not healthy: `supervisor_unhealthy_children`, by system, supervisor.
        public let unhealthyChildren: Gauge.Family

        /// Aggregated state 0..3: `supervisor_health_status`, by system, supervisor.
        public let healthStatus: Gauge.Family

        init(_ registry: MetricRegistry) {
            restarts = Counter.Family(
                "supervisor_restarts_total",
                help: "Child restarts.",
                labels: "system",
                "supervisor",
                "child",
                "failure_type",
                registry: registry
            )
            failures = Counter.Family(
                "supervisor_failures_total",
                help: "Child failures seen.",
                labels: "system",
                "supervisor",
                "child",
                "failure_type",
                registry: registry
            )
            decisions = Counter.Family(
                "supervisor_decisions_total",
                help: "Decisions restart, resume, stop, escalate.",
                labels: "system",
                "supervisor",
                "decision",
                registry: registry
            )
            escalations = Counter.Family(
                "supervisor_escalations_total",
                help: "Failures passed up.",
                labels: "system",
                "supervisor",
                registry: registry
            )
            restartIntensityExceeded = Counter.Family(
                "supervisor_restart_intensity_exceeded_total",
                help: "Restart limits reached.",
                labels: "system",
                "supervisor",
                registry: registry
            )
            restartDuration = Histogram.Family(
                "supervisor_restart_duration_seconds",
                help: "Failure to running again.",
                unit: "seconds",
                labels: "system",
                "supervisor",
                buckets: ActorMetrics.latencies,
                registry: registry
            )
            backoff = Gauge.Family(
                "supervisor_backoff_seconds",
                help: "Delay before the next restart.",
                unit: "seconds",
                labels: "system",
                "supervisor",
                "child",
                registry: registry
            )
            children = Gauge.Family(
                "supervisor_children",
                help: "Children by state.",
                labels: "system",
                "supervisor",
                "state",
                registry: registry
            )
            treeDepth = Gauge.Family(
                "supervisor_tree_depth",
                help: "Depth of the supervision tree.",
                labels: "system",
                registry: registry
            )
            strategy = Gauge.Family(
                "supervisor_strategy_info",
                help: "1 with the strategy as label.",
                labels: "system",
                "supervisor",
                "strategy",
                registry: registry
            )
            healthChecks = Counter.Family(
                "supervisor_health_checks_total",
                help: "Child health checks run.",
                labels: "system",
                "supervisor",
                "result",
                registry: registry
            )
            unhealthyChildren = Gauge.Family(
                "supervisor_unhealthy_children",
                help: "Children not healthy.",
                labels: "system",
                "supervisor",
                registry: registry
            )
            healthStatus = Gauge.Family(
                "supervisor_health_status",
                help: "Aggregated state 0..3.",
                labels: "system",
                "supervisor",
                registry: registry
            )
        }
    }
}
