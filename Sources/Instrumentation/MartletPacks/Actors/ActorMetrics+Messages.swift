public import MartletMetrics

extension ActorMetrics {
    /// Messages that are handled.
    ///
    /// The first label of all is the name of the actor system.
    public struct Messages: Sendable {
        /// Messages handled: `actor_messages_processed_total`, by system, actor_class, message_type.
        public let messagesProcessed: ResolvedFamily<Counter.Series>

        /// Messages sent: `actor_messages_sent_total`, by system, actor_class.
        public let messagesSent: ResolvedFamily<Counter.Series>

        /// Handlers that threw: `actor_messages_failed_total`, by system, actor_class, error_type.
        public let messagesFailed: ResolvedFamily<Counter.Series>

        /// Messages no handler took: `actor_messages_unhandled_total`, by system, actor_class.
        public let messagesUnhandled: ResolvedFamily<Counter.Series>

        /// Messages to actors that are gone: `actor_dead_letters_total`, by system, reason.
        public let deadLetters: ResolvedFamily<Counter.Series>

        /// Messages past their deadline: `actor_messages_expired_total`, by system, phase.
        public let messagesExpired: ResolvedFamily<Counter.Series>

        /// Messages refused: `actor_messages_rejected_total`, by system, reason.
        public let messagesRejected: ResolvedFamily<Counter.Series>

        /// Messages passed to another actor or node: `actor_messages_forwarded_total`, by system.
        public let messagesForwarded: ResolvedFamily<Counter.Series>

        /// Handler time: `actor_processing_duration_seconds`, by system, actor_class, message_type.
        public let processingDuration: ResolvedFamily<Histogram.Series>

        /// Handlers running now: `actor_processing_active`, by system, actor_class.
        public let processingActive: ResolvedFamily<Gauge.Series>

        /// Handlers over the long-turn threshold: `actor_long_turns_total`, by system, actor_class.
        public let longTurns: ResolvedFamily<Counter.Series>

        /// Request/reply round trip: `actor_ask_duration_seconds`, by system, actor_class.
        public let askDuration: ResolvedFamily<Histogram.Series>

        /// Requests without a reply in time: `actor_ask_timeouts_total`, by system, actor_class.
        public let askTimeouts: ResolvedFamily<Counter.Series>

        /// Requests waiting for a reply: `actor_ask_inflight`, by system, actor_class.
        public let askInflight: ResolvedFamily<Gauge.Series>

        /// Timers and reminders set: `actor_timers_active`, by system.
        public let timersActive: ResolvedFamily<Gauge.Series>

        /// Lateness of timers: `actor_timer_tardiness_seconds`, by system.
        public let timerTardiness: ResolvedFamily<Histogram.Series>

        init(_ registry: MetricRegistry) {
            messagesProcessed =
                Counter.Family(
                    "actor_messages_processed_total",
                    help: "Messages handled.",
                    labels: "system",
                    "actor_class",
                    "message_type",
                    registry: registry
                ).resolved
            messagesSent =
                Counter.Family(
                    "actor_messages_sent_total",
                    help: "Messages sent.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            messagesFailed =
                Counter.Family(
                    "actor_messages_failed_total",
                    help: "Handlers that threw.",
                    labels: "system",
                    "actor_class",
                    "error_type",
                    registry: registry
                ).resolved
            messagesUnhandled =
                Counter.Family(
                    "actor_messages_unhandled_total",
                    help: "Messages no handler took.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            deadLetters =
                Counter.Family(
                    "actor_dead_letters_total",
                    help: "Messages to actors that are gone.",
                    labels: "system",
                    "reason",
                    registry: registry
                ).resolved
            messagesExpired =
                Counter.Family(
                    "actor_messages_expired_total",
                    help: "Messages past their deadline.",
                    labels: "system",
                    "phase",
                    registry: registry
                ).resolved
            messagesRejected =
                Counter.Family(
                    "actor_messages_rejected_total",
                    help: "Messages refused.",
                    labels: "system",
                    "reason",
                    registry: registry
                ).resolved
            messagesForwarded =
                Counter.Family(
                    "actor_messages_forwarded_total",
                    help: "Messages passed to another actor or node.",
                    labels: "system",
                    registry: registry
                ).resolved
            processingDuration =
                Histogram.Family(
                    "actor_processing_duration_seconds",
                    help: "Handler time.",
                    unit: "seconds",
                    labels: "system",
                    "actor_class",
                    "message_type",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            processingActive =
                Gauge.Family(
                    "actor_processing_active",
                    help: "Handlers running now.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            longTurns =
                Counter.Family(
                    "actor_long_turns_total",
                    help: "Handlers over the long-turn threshold.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            askDuration =
                Histogram.Family(
                    "actor_ask_duration_seconds",
                    help: "Request/reply round trip.",
                    unit: "seconds",
                    labels: "system",
                    "actor_class",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            askTimeouts =
                Counter.Family(
                    "actor_ask_timeouts_total",
                    help: "Requests without a reply in time.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            askInflight =
                Gauge.Family(
                    "actor_ask_inflight",
                    help: "Requests waiting for a reply.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            timersActive =
                Gauge.Family(
                    "actor_timers_active",
                    help: "Timers and reminders set.",
                    labels: "system",
                    registry: registry
                ).resolved
            timerTardiness =
                Histogram.Family(
                    "actor_timer_tardiness_seconds",
                    help: "Lateness of timers.",
                    unit: "seconds",
                    labels: "system",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
        }
    }
}
