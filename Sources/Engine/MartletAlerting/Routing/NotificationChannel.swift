import MartletCore

/// One way in which a receiver is told, as far as grouping and routing have to know it.
public struct NotificationChannel: Hashable, Sendable {
    /// A channel's name among all channels: its receiver, its kind, its place among the receiver's channels.
    public struct ID: Hashable, Sendable, Comparable, CustomStringConvertible {
        /// The receiver's name.
        public let receiver: String

        /// What kind of channel it is, such as `webhook`.
        public let kind: String

        /// The channel's place among the receiver's channels of this kind.
        public let index: Int

        /// Creates a name.
        public init(receiver: String, kind: String, index: Int) {
            self.receiver = receiver
            self.kind = kind
            self.index = index
        }

        /// Receiver, kind and place: `team/webhook[0]`.
        public var description: String { "\(receiver)/\(kind)[\(index)]" }

        /// Orders by receiver, kind and place.
        public static func < (left: ID, right: ID) -> Bool {
            (left.receiver, left.kind, left.index) < (right.receiver, right.kind, right.index)
        }
    }

    /// The channel's name.
    public let id: ID

    /// Whether the channel is told that alerts have ended.
    public let sendsResolved: Bool

    /// Whether the channel is told that somebody deals with alerts.
    public let sendsAcknowledged: Bool

    /// Alerts below this severity are not told; `nil` for all, those without a severity among them.
    public let minimumSeverity: AlertSeverity?

    /// Creates a channel.
    public init(
        _ id: ID,
        sendsResolved: Bool = true,
        sendsAcknowledged: Bool = false,
        minimumSeverity: AlertSeverity? = nil
    ) {
        self.id = id
        self.sendsResolved = sendsResolved
        self.sendsAcknowledged = sendsAcknowledged
        self.minimumSeverity = minimumSeverity
    }

    /// Whether the channel is told of alerts with these labels at all.
    func takes(_ labels: LabelSet) -> Bool {
        guard let minimumSeverity else { return true }
        return labels["severity"].flatMap(AlertSeverity.init(word:)).map { $0 >= minimumSeverity } ?? false
    }
}
