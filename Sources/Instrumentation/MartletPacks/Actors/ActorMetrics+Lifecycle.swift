public import MartletMetrics

extension ActorMetrics {
    /// Actors that come and go.
    ///
    /// The first label of all is the name of the actor system.
    public struct Lifecycle: Sendable {
        /// Actors started: `actor_spawns_total`, by system, actor_class.
        public let spawns: Counter.Family

        /// Actors stopped: `actor_shutdowns_total`, by system, actor_class, reason.
        public let shutdowns: Counter.Family

        /// Actors that failed to start: `actor_spawn_failures_total`, by system, actor_class, error_type.
        public let spawnFailures: Counter.Family

        /// Running actors: `actor_alive`, by system, actor_class.
        public let alive: Gauge.Family

        /// Most actors alive at once: `actor_peak_alive`, by system, actor_class.
        public let peakAlive: Gauge.Family

        /// Age of an actor when it stops: `actor_lifetime_seconds`, by system, actor_class.
        public let lifetime: Histogram.Family

        /// Time to start an actor: `actor_spawn_duration_seconds`, by system, actor_class.
        public let spawnDuration: Histogram.Family

        /// Time to stop an actor: `actor_shutdown_duration_seconds`, by system, actor_class.
        public let shutdownDuration: Histogram.Family

        /// Actors with nothing to do: `actor_idle_actors`, by system, actor_class.
        public let idleActors: Gauge.Family

        /// Idle actors collected: `actor_passivations_total`, by system, actor_class.
        public let passivations: Counter.Family

        init(_ registry: MetricRegistry) {
            spawns = Counter.Family(
                "actor_spawns_total",
                help: "Actors started.",
                labels: "system",
                "actor_class",
                registry: registry
            )
            shutdowns = Counter.Family(
                "actor_shutdowns_total",
                help: "Actors stopped.",
                labels: "system",
                "actor_class",
                "reason",
                registry: registry
            )
            spawnFailures = Counter.Family(
                "actor_spawn_failures_total",
                help: "Actors that failed to start.",
                labels: "system",
                "actor_class",
                "error_type",
                registry: registry
            )
            alive = Gauge.Family(
                "actor_alive",
                help: "Running actors.",
                labels: "system",
                "actor_class",
                registry: registry
            )
            peakAlive = Gauge.Family(
                "actor_peak_alive",
                help: "Most actors alive at once.",
                labels: "system",
                "actor_class",
                registry: registry
            )
            lifetime = Histogram.Family(
                "actor_lifetime_seconds",
                help: "Age of an actor when it stops.",
                unit: "seconds",
                labels: "system",
                "actor_class",
                buckets: ActorMetrics.latencies,
                registry: registry
            )
            spawnDuration = Histogram.Family(
                "actor_spawn_duration_seconds",
                help: "Time to start an actor.",
                unit: "seconds",
                labels: "system",
                "actor_class",
                buckets: ActorMetrics.latencies,
                registry: registry
            )
            shutdownDuration = Histogram.Family(
                "actor_shutdown_duration_seconds",
                help: "Time to stop an actor.",
                unit: "seconds",
                labels: "system",
                "actor_class",
                buckets: ActorMetrics.latencies,
                registry: registry
            )
            idleActors = Gauge.Family(
                "actor_idle_actors",
                help: "Actors with nothing to do.",
                labels: "system",
                "actor_class",
                registry: registry
            )
            passivations = Counter.Family(
                "actor_passivations_total",
                help: "Idle actors collected.",
                labels: "system",
                "actor_class",
                registry: registry
            )
        }
    }
}
