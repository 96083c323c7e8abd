public import MartletMetrics

extension ActorMetrics {
    /// Executors that run actors.
    ///
    /// The first label of all is the name of the actor system.
    public struct Executor: Sendable {
        /// Jobs run by the executor: `actor_executor_jobs_total`, by system, executor.
        public let jobs: ResolvedFamily<Counter.Series>

        /// Jobs waiting on the executor: `actor_executor_queue_depth`, by system, executor.
        public let queueDepth: ResolvedFamily<Gauge.Series>

        /// Time from enqueue to start: `actor_executor_wait_seconds`, by system, executor.
        public let wait: ResolvedFamily<Histogram.Series>

        /// Job run time: `actor_executor_run_seconds`, by system, executor.
        public let run: ResolvedFamily<Histogram.Series>

        /// Threads of the executor: `actor_executor_threads`, by system, executor.
        public let threads: ResolvedFamily<Gauge.Series>

        /// Busy share of the executor: `actor_executor_utilization_ratio`, by system, executor.
        public let utilizationRatio: ResolvedFamily<Gauge.Series>

        /// Jobs refused: `actor_executor_rejected_total`, by system, executor.
        public let rejected: ResolvedFamily<Counter.Series>

        init(_ registry: MetricRegistry) {
            jobs =
                Counter.Family(
                    "actor_executor_jobs_total",
                    help: "Jobs run by the executor.",
                    labels: "system",
                    "executor",
                    registry: registry
                ).resolved
            queueDepth =
                Gauge.Family(
                    "actor_executor_queue_depth",
                    help: "Jobs waiting on the executor.",
                    labels: "system",
                    "executor",
                    registry: registry
                ).resolved
            wait =
                Histogram.Family(
                    "actor_executor_wait_seconds",
                    help: "Time from enqueue to start.",
                    unit: "seconds",
                    labels: "system",
                    "executor",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            run =
                Histogram.Family(
                    "actor_executor_run_seconds",
                    help: "Job run time.",
                    unit: "seconds",
                    labels: "system",
                    "executor",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            threads =
                Gauge.Family(
                    "actor_executor_threads",
                    help: "Threads of the executor.",
                    labels: "system",
                    "executor",
                    registry: registry
                ).resolved
            utilizationRatio =
                Gauge.Family(
                    "actor_executor_utilization_ratio",
                    help: "Busy share of the executor.",
                    labels: "system",
                    "executor",
                    registry: registry
                ).resolved
            rejected =
                Counter.Family(
                    "actor_executor_rejected_total",
                    help: "Jobs refused.",
                    labels: "system",
                    "executor",
                    registry: registry
                ).resolved
        }
    }
}
