public import MartletMetrics

extension ActorMetrics {
    /// Executors that run actors.
    ///
    /// The first label of all is the name of the actor system.
    public struct Executor: Sendable {
        /// Jobs run by the executor: `actor_executor_jobs_total`, by system, executor.
        public let jobs: Counter.Family

        /// Jobs waiting on the executor: `actor_executor_queue_depth`, by system, executor.
        public let queueDepth: Gauge.Family

        /// Time from enqueue to start: `actor_executor_wait_seconds`, by system, executor.
        public let wait: Histogram.Family

        /// Job run time: `actor_executor_run_seconds`, by system, executor.
        public let run: Histogram.Family

        /// Threads of the executor: `actor_executor_threads`, by system, executor.
        public let threads: Gauge.Family

        /// Busy share of the executor: `actor_executor_utilization_ratio`, by system, executor.
        public let utilizationRatio: Gauge.Family

        /// Jobs refused: `actor_executor_rejected_total`, by system, executor.
        public let rejected: Counter.Family

        init(_ registry: MetricRegistry) {
            jobs = Counter.Family(
                "actor_executor_jobs_total",
                help: "Jobs run by the executor.",
                labels: "system",
                "executor",
                registry: registry
            )
            queueDepth = Gauge.Family(
                "actor_executor_queue_depth",
                help: "Jobs waiting on the executor.",
                labels: "system",
                "executor",
                registry: registry
            )
            wait = Histogram.Family(
                "actor_executor_wait_seconds",
                help: "Time from enqueue to start.",
                unit: "seconds",
                labels: "system",
                "executor",
                buckets: ActorMetrics.latencies,
                registry: registry
            )
            run = Histogram.Family(
                "actor_executor_run_seconds",
                help: "Job run time.",
                unit: "seconds",
                labels: "system",
                "executor",
                buckets: ActorMetrics.latencies,
                registry: registry
            )
            threads = Gauge.Family(
                "actor_executor_threads",
                help: "Threads of the executor.",
                labels: "system",
                "executor",
                registry: registry
            )
            utilizationRatio = Gauge.Family(
                "actor_executor_utilization_ratio",
                help: "Busy share of the executor.",
                labels: "system",
                "executor",
                registry: registry
            )
            rejected = Counter.Family(
                "actor_executor_rejected_total",
                help: "Jobs refused.",
                labels: "system",
                "executor",
                registry: registry
            )
        }
    }
}
