public import MartletMetrics

extension ActorMetrics {
    /// Messages through a broker.
    ///
    /// The first label of all is the name of the actor system.
    public struct Broker: Sendable {
        /// Messages routed by the broker: `actor_broker_messages_routed_total`, by system, route.
        public let messagesRouted: ResolvedFamily<Counter.Series>

        /// Routing latency (buckets from 100 ns): `actor_broker_routing_duration_seconds`, by system, route.
        public let routingDuration: ResolvedFamily<Histogram.Series>

        /// Messages the broker could not route: `actor_broker_routing_errors_total`, by system, error_type.
        public let routingErrors: ResolvedFamily<Counter.Series>

        /// Subscribers known to the broker: `actor_broker_subscribers`, by system, topic.
        public let subscribers: ResolvedFamily<Gauge.Series>

        /// Topics or addresses known: `actor_broker_topics`, by system.
        public let topics: ResolvedFamily<Gauge.Series>

        /// Messages inside the broker: `actor_broker_inflight_messages`, by system.
        public let inflightMessages: ResolvedFamily<Gauge.Series>

        /// Payload bytes routed: `actor_broker_bytes_routed_total`, by system, route.
        public let bytesRouted: ResolvedFamily<Counter.Series>

        init(_ registry: MetricRegistry) {
            messagesRouted =
                Counter.Family(
                    "actor_broker_messages_routed_total",
                    help: "Messages routed by the broker.",
                    labels: "system",
                    "route",
                    registry: registry
                ).resolved
            routingDuration =
                Histogram.Family(
                    "actor_broker_routing_duration_seconds",
                    help: "Routing latency (buckets from 100 ns).",
                    unit: "seconds",
                    labels: "system",
                    "route",
                    buckets: ActorMetrics.routing,
                    registry: registry
                ).resolved
            routingErrors =
                Counter.Family(
                    "actor_broker_routing_errors_total",
                    help: "Messages the broker could not route.",
                    labels: "system",
                    "error_type",
                    registry: registry
                ).resolved
            subscribers =
                Gauge.Family(
                    "actor_broker_subscribers",
                    help: "Subscribers known to the broker.",
                    labels: "system",
                    "topic",
                    registry: registry
                ).resolved
            topics =
                Gauge.Family(
                    "actor_broker_topics",
                    help: "Topics or addresses known.",
                    labels: "system",
                    registry: registry
                ).resolved
            inflightMessages =
                Gauge.Family(
                    "actor_broker_inflight_messages",
                    help: "Messages inside the broker.",
                    labels: "system",
                    registry: registry
                ).resolved
            bytesRouted =
                Counter.Family(
                    "actor_broker_bytes_routed_total",
                    help: "Payload bytes routed.",
                    labels: "system",
                    "route",
                    registry: registry
                ).resolved
        }
    }
}
