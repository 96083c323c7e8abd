public import MartletCore

/// What one channel is to be told of one group.
public struct Notification: Sendable, Hashable {
    /// Whether anything is wrong.
    public enum Status: String, Sendable {
        /// At least one alert fires.
        case firing
        /// All alerts have ended.
        case resolved
    }

    /// An alert as it is told.
    public struct Item: Sendable, Hashable {
        /// The alert.
        public let alert: Alert

        /// Whether it fires or has ended.
        public let status: Status

        /// The labels that people know the alert by, where an escalation tells it with others.
        public let origin: LabelSet

        /// Creates an item.
        public init(alert: Alert, status: Status, origin: LabelSet? = nil) {
            self.alert = alert
            self.status = status
            self.origin = origin ?? alert.labels
        }

        /// The name of the alert's episode.
        public var id: String { AlertName.id(origin, startsAt: alert.startsAt) }
    }

    /// A number that no other notification of the server's state has.
    public let id: UInt64

    /// The channel that is told.
    public let channel: NotificationChannel.ID

    /// The group.
    public let group: AlertGroup.ID

    /// What names the group in messages.
    public let groupKey: String

    /// The labels that the group's alerts share by the route's grouping.
    public let groupLabels: LabelSet

    /// The alerts: those with a job and an instance by these first, then by labels.
    public let items: [Item]

    /// Whether it only tells that somebody deals with the alerts.
    public let isAcknowledgement: Bool

    /// The alerts that the channel knows to fire once it has this.
    public let firing: Set<Fingerprint>

    /// The alerts that the channel knows to have ended once it has this.
    public let resolved: Set<Fingerprint>

    /// When it was decided to tell, in milliseconds since the epoch.
    public let decidedAt: Int64

    /// Until when delivery is tried again, in milliseconds since the epoch; then the group's next turn decides anew.
    public let deadline: Int64

    /// Creates a notification.
    public init(
        id: UInt64,
        channel: NotificationChannel.ID,
        group: AlertGroup.ID,
        groupKey: String,
        groupLabels: LabelSet,
        items: [Item],
        isAcknowledgement: Bool = false,
        firing: Set<Fingerprint> = [],
        resolved: Set<Fingerprint> = [],
        decidedAt: Int64,
        deadline: Int64
    ) {
        self.id = id
        self.channel = channel
        self.group = group
        self.groupKey = groupKey
        self.groupLabels = groupLabels
        self.items = items
        self.isAcknowledgement = isAcknowledgement
        self.firing = firing
        self.resolved = resolved
        self.decidedAt = decidedAt
        self.deadline = deadline
    }

    /// Whether anything is wrong.
    public var status: Status { items.contains { $0.status == .firing } ? .firing : .resolved }

    /// What names this message among all, the same at every attempt and after a restart, so that a receiver that has
    /// it already can tell.
    public var idempotencyKey: String {
        let hash = Fingerprint.hash([channel.description, groupKey, String(decidedAt), String(id)])
        let digits = String(hash, radix: 16)
        return "\(String(repeating: "0", count: 16 - digits.utf8.count))\(digits)-\(decidedAt)"
    }

    /// The highest severity among the alerts that fire, or among all where none does.
    public var severity: AlertSeverity? {
        let firing = items.filter { $0.status == .firing }
        return (firing.isEmpty ? items : firing)
            .compactMap { $0.alert.labels["severity"].flatMap(AlertSeverity.init(word:)) }.max()
    }
}

extension Notification.Item {
    /// Alertmanager's order: by job, then by instance, items without them last, then by all labels.
    static func precedes(_ left: Notification.Item, _ right: Notification.Item) -> Bool {
        for name in ["job", "instance"] {
            switch (left.alert.labels[name], right.alert.labels[name]) {
            case (nil, nil): continue
            case (nil, _): return false
            case (_, nil): return true
            case (let one?, let other?): if one != other { return one < other }
            }
        }
        return left.alert.labels < right.alert.labels
    }
}
