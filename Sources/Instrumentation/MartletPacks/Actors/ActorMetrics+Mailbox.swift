public import MartletMetrics

extension ActorMetrics {
    /// Messages that wait.
    ///
    /// The first label of all is the name of the actor system.
    public struct Mailbox: Sendable {
        /// Messages waiting (sum over the class): `actor_mailbox_depth`, by system, actor_class.
        public let mailboxDepth: ResolvedFamily<Gauge.Series>

        /// Deepest mailbox of the class: `actor_mailbox_depth_max`, by system, actor_class.
        public let mailboxDepthMax: ResolvedFamily<Gauge.Series>

        /// Distribution of mailbox sizes (sampled): `actor_mailbox_size`, by system, actor_class.
        public let mailboxSize: ResolvedFamily<Histogram.Series>

        /// Bound of the mailbox, +Inf if none: `actor_mailbox_capacity`, by system, actor_class.
        public let mailboxCapacity: ResolvedFamily<Gauge.Series>

        /// Time in the mailbox: `actor_mailbox_wait_seconds`, by system, actor_class.
        public let mailboxWait: ResolvedFamily<Histogram.Series>

        /// Messages put into mailboxes: `actor_mailbox_enqueued_total`, by system, actor_class.
        public let mailboxEnqueued: ResolvedFamily<Counter.Series>

        /// Messages taken out: `actor_mailbox_dequeued_total`, by system, actor_class.
        public let mailboxDequeued: ResolvedFamily<Counter.Series>

        /// Messages refused or dropped by a full mailbox: `actor_mailbox_overflows_total`, by system, actor_class, strategy.
        public let mailboxOverflows: ResolvedFamily<Counter.Series>

        /// Time senders waited for room: `actor_backpressure_seconds_total`, by system, actor_class.
        public let backpressure: ResolvedFamily<Counter.Series>

        /// 1 while backpressure holds: `actor_backpressure_active`, by system, actor_class.
        public let backpressureActive: ResolvedFamily<Gauge.Series>

        /// Stashed messages: `actor_stash_size`, by system, actor_class.
        public let stashSize: ResolvedFamily<Gauge.Series>

        init(_ registry: MetricRegistry) {
            mailboxDepth =
                Gauge.Family(
                    "actor_mailbox_depth",
                    help: "Messages waiting (sum over the class).",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            mailboxDepthMax =
                Gauge.Family(
                    "actor_mailbox_depth_max",
                    help: "Deepest mailbox of the class.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            mailboxSize =
                Histogram.Family(
                    "actor_mailbox_size",
                    help: "Distribution of mailbox sizes (sampled).",
                    labels: "system",
                    "actor_class",
                    buckets: ActorMetrics.sizes,
                    registry: registry
                ).resolved
            mailboxCapacity =
                Gauge.Family(
                    "actor_mailbox_capacity",
                    help: "Bound of the mailbox, +Inf if none.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            mailboxWait =
                Histogram.Family(
                    "actor_mailbox_wait_seconds",
                    help: "Time in the mailbox.",
                    unit: "seconds",
                    labels: "system",
                    "actor_class",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            mailboxEnqueued =
                Counter.Family(
                    "actor_mailbox_enqueued_total",
                    help: "Messages put into mailboxes.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            mailboxDequeued =
                Counter.Family(
                    "actor_mailbox_dequeued_total",
                    help: "Messages taken out.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            mailboxOverflows =
                Counter.Family(
                    "actor_mailbox_overflows_total",
                    help: "Messages refused or dropped by a full mailbox.",
                    labels: "system",
                    "actor_class",
                    "strategy",
                    registry: registry
                ).resolved
            backpressure =
                Counter.Family(
                    "actor_backpressure_seconds_total",
                    help: "Time senders waited for room.",
                    unit: "seconds",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            backpressureActive =
                Gauge.Family(
                    "actor_backpressure_active",
                    help: "1 while backpressure holds.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
            stashSize =
                Gauge.Family(
                    "actor_stash_size",
                    help: "Stashed messages.",
                    labels: "system",
                    "actor_class",
                    registry: registry
                ).resolved
        }
    }
}
