public import MartletMetrics

extension ActorMetrics {
    /// Actors that come and go.
    ///
    /// The first label of all is the name of the actor system.
    public struct Lifecycle: Sendable {
        /// Actors started: `actor_spawns_total`, by system, actor_class.
        public let spawns: ResolvedFamily<Counter.Series>

        /// Actors stopped: `actor_shutdowns_total`, by system, actor_class, reason.
        public let shutdowns: ResolvedFamily<Counter.Series>

        /// Actors that failed to start: `actor_spawn_failures_total`, by system, actor_class, error_type.
        public let spawnFailures: ResolvedFamily<Counter.Series>

        /// Running actors: `actor_alive`, by system, actor_class.
        public let alive: ResolvedFamily<Gauge.Series>

        /// Most actors alive at once: `actor_peak_alive`, by system, actor_class.
        public let peakAlive: ResolvedFamily<Gauge.Series>

        /// Age of an actor when it stops: `actor_lifetime_seconds`, by system, actor_class.
        public let lifetime: ResolvedFamily<Histogram.Series>

        /// Time to start an actor: `actor_spawn_duration_seconds`, by system, actor_class.
        public let spawnDuration: ResolvedFamily<Histogram.Series>

        /// Time to stop an actor: `actor_shutdown_duration_seconds`, by system, actor_class.
        public let shutdownDuration: ResolvedFamily<Histogram.Series>

        /// Actors with nothing to do: `actor_idle_actors`, by system, actor_class.
        public let idleActors: ResolvedFamily<Gauge.Series>

        /// Idle actors collected: `actor_passivations_total`, by system, actor_class.
        public let passivations: ResolvedFamily<Counter.Series>

        init(_ registry: MetricRegistry) {
            spawns =
                Counter.Family(
                    "actor_spawns_total",
                    help: "Actors started.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            shutdowns =
                Counter.Family(
                    "actor_shutdowns_total",
                    help: "Actors stopped.",
                    labels: "system",
                    "actor_class",
                    "reason",
                    registry: registry
                ).resolved
            spawnFailures =
                Counter.Family(
                    "actor_spawn_failures_total",
                    help: "Actors that failed to start.",
                    labels: "system",
                    "actor_class",
                    "error_type",
                    registry: registry
                ).resolved
            alive =
                Gauge.Family(
                    "actor_alive",
                    help: "Running actors.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            peakAlive =
                Gauge.Family(
                    "actor_peak_alive",
                    help: "Most actors alive at once.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            lifetime =
                Histogram.Family(
                    "actor_lifetime_seconds",
                    help: "Age of an actor when it stops.",
                    unit: "seconds",
                    labels: "system",
                    "actor_class",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            spawnDuration =
                Histogram.Family(
                    "actor_spawn_duration_seconds",
                    help: "Time to start an actor.",
                    unit: "seconds",
                    labels: "system",
                    "actor_class",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            shutdownDuration =
                Histogram.Family(
                    "actor_shutdown_duration_seconds",
                    help: "Time to stop an actor.",
                    unit: "seconds",
                    labels: "system",
                    "actor_class",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            idleActors =
                Gauge.Family(
                    "actor_idle_actors",
                    help: "Actors with nothing to do.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            passivations =
                Counter.Family(
                    "actor_passivations_total",
                    help: "Idle actors collected.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
        }
    }
}
