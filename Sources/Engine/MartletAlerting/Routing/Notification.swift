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
    }

    /// A number that no other notification of this process has.
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

    /// When it was decided to tell, in milliseconds since the epoch.
    public let decidedAt: Int64

    /// Until when delivery is tried again, in milliseconds since the epoch; then the group's next turn decides anew.
    public let deadline: Int64

    /// Whether anything is wrong.
    public var status: Status { items.contains { $0.status == .firing } ? .firing : .resolved }
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
