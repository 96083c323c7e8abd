public import MartletMetrics

extension ActorMetrics {
    /// Messages between nodes.
    ///
    /// The first label of all is the name of the actor system.
    public struct Remote: Sendable {
        /// Messages to another node: `remote_messages_sent_total`, by system, peer.
        public let messagesSent: ResolvedFamily<Counter.Series>

        /// Messages from another node: `remote_messages_received_total`, by system, peer.
        public let messagesReceived: ResolvedFamily<Counter.Series>

        /// Remote message size: `remote_message_size_bytes`, by system, peer, direction.
        public let messageSize: ResolvedFamily<Histogram.Series>

        /// Encode and decode time: `remote_serialization_duration_seconds`, by system, direction.
        public let serializationDuration: ResolvedFamily<Histogram.Series>

        /// Phi accrual value: `remote_failure_detector_phi`, by system, peer.
        public let failureDetectorPhi: ResolvedFamily<Gauge.Series>

        /// Peers by state: `remote_peers`, by system, state.
        public let peers: ResolvedFamily<Gauge.Series>

        /// Peers quarantined: `remote_quarantined_total`, by system, peer.
        public let quarantined: ResolvedFamily<Counter.Series>

        init(_ registry: MetricRegistry) {
            messagesSent =
                Counter.Family(
                    "remote_messages_sent_total",
                    help: "Messages to another node.",
                    labels: "system",
                    "peer",
                    registry: registry
                ).resolved
            messagesReceived =
                Counter.Family(
                    "remote_messages_received_total",
                    help: "Messages from another node.",
                    labels: "system",
                    "peer",
                    registry: registry
                ).resolved
            messageSize =
                Histogram.Family(
                    "remote_message_size_bytes",
                    help: "Remote message size.",
                    unit: "bytes",
                    labels: "system",
                    "peer",
                    "direction",
                    buckets: ActorMetrics.bytes,
                    registry: registry
                ).resolved
            serializationDuration =
                Histogram.Family(
                    "remote_serialization_duration_seconds",
                    help: "Encode and decode time.",
                    unit: "seconds",
                    labels: "system",
                    "direction",
                    buckets: ActorMetrics.latencies,
                    registry: registry
                ).resolved
            failureDetectorPhi =
                Gauge.Family(
                    "remote_failure_detector_phi",
                    help: "Phi accrual value.",
                    labels: "system",
                    "peer",
                    registry: registry
                ).resolved
            peers =
                Gauge.Family(
                    "remote_peers",
                    help: "Peers by state.",
                    labels: "system",
                    "state",
                    registry: registry
                ).resolved
            quarantined =
                Counter.Family(
                    "remote_quarantined_total",
                    help: "Peers quarantined.",
                    labels: "system",
                    "peer",
                    registry: registry
                ).resolved
        }
    }
}
