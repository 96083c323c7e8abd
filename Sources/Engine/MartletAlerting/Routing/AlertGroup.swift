public import MartletCore

/// Alerts that are told together: alerts and time in, notifications out.
///
/// The first message waits for the route's group wait, later ones for its group interval. A channel is told when a
/// new alert fires, when all have ended, when one has ended (if it wants to know), and otherwise once every repeat
/// interval. Ended alerts leave the group as soon as every channel knows.
public struct AlertGroup: Sendable {
    /// What tells a group from all others: the route's place and the labels that its alerts share.
    public struct ID: Hashable, Sendable {
        /// The route's place in the tree.
        public let path: String

        /// The shared labels.
        public let labels: LabelSet
    }

    /// What a channel was last told.
    private struct Told: Sendable {
        var firing: Set<LabelSet>
        var resolved: Set<LabelSet>
        var time: Int64
    }

    /// What a channel is being told.
    private struct Underway: Sendable {
        var notification: UInt64
        var firing: Set<LabelSet>
        var resolved: Set<LabelSet>
    }

    /// The group's name.
    public let id: ID

    /// The name in messages.
    public let key: String

    /// The route, for its receiver and timings.
    public let route: Route

    /// The alerts by their labels.
    public private(set) var alerts: [LabelSet: Alert] = [:]

    /// When the group is looked at next, in milliseconds since the epoch.
    public private(set) var nextFlush: Int64

    private var hasFlushed = false
    private var told: [NotificationChannel.ID: Told] = [:]
    private var underway: [NotificationChannel.ID: Underway] = [:]

    /// The ended alerts of the last look, which leave once all channels are told; `nil` when telling one failed.
    private var leaving: [LabelSet: Alert]? = [:]

    /// Creates a group without alerts.
    init(_ node: RoutingTree.Node, labels: LabelSet, at time: Int64) {
        id = ID(path: node.path, labels: labels)
        key = node.groupKey(for: labels)
        route = node.route
        nextFlush = time + node.route.groupWait.wholeMilliseconds
    }

    /// Whether there is nothing left to tell.
    public var isDone: Bool { alerts.isEmpty && underway.isEmpty }

    /// Takes what is newly heard of an alert.
    mutating func insert(_ alert: Alert, at time: Int64) {
        alerts[alert.labels] = alerts[alert.labels].map { $0.merging(alert) } ?? alert
        // An alert that began to fire before the wait, as after a restart, has waited long enough.
        if !hasFlushed, alert.startsAt + route.groupWait.wholeMilliseconds < time { nextFlush = time }
    }

    /// Decides what each channel is told now.
    ///
    /// - Parameters:
    ///   - time: Now, in milliseconds since the epoch.
    ///   - channels: The receiver's channels.
    ///   - nextID: The number for the next notification; moved on by each.
    /// - Returns: At most one notification a channel; a channel whose last one is still on its way gets none.
    mutating func flush(
        at time: Int64,
        channels: [NotificationChannel],
        nextID: inout UInt64
    ) -> [Notification] {
        let interval = route.groupInterval.wholeMilliseconds
        nextFlush = time + interval
        hasFlushed = true
        let ended = alerts.filter { $0.value.isResolved(at: time) }
        let firing = Set(alerts.keys).subtracting(ended.keys)
        let resolved = Set(ended.keys)
        leaving = ended
        var notifications: [Notification] = []
        for channel in channels {
            guard underway[channel.id] == nil else {
                leaving = nil
                continue
            }
            guard needsTelling(channel, firing: firing, resolved: resolved, at: time) else { continue }
            guard channel.sendsResolved || !firing.isEmpty else {
                // Nothing is sent, but the channel counts as knowing, so that a new start is told at once.
                told[channel.id] = Told(firing: [], resolved: resolved, time: time)
                continue
            }
            underway[channel.id] = Underway(notification: nextID, firing: firing, resolved: resolved)
            notifications.append(
                Notification(
                    id: nextID,
                    channel: channel.id,
                    group: id,
                    groupKey: key,
                    groupLabels: id.labels,
                    items: items(at: time, withResolved: channel.sendsResolved),
                    decidedAt: time,
                    deadline: time + max(interval, Self.shortestTry)
                )
            )
            nextID += 1
        }
        dropEnded()
        return notifications
    }

    /// Takes the end of a delivery.
    mutating func settle(_ notification: Notification, isDelivered: Bool, at time: Int64) {
        guard let entry = underway[notification.channel], entry.notification == notification.id else { return }
        underway[notification.channel] = nil
        if isDelivered {
            told[notification.channel] = Told(
                firing: entry.firing,
                resolved: entry.resolved,
                time: notification.decidedAt
            )
        } else {
            leaving = nil
        }
        dropEnded()
    }

    /// Takes over what the same group of an earlier routing tree has told.
    mutating func adopt(_ earlier: AlertGroup) {
        nextFlush =
            earlier.hasFlushed ? min(earlier.nextFlush, nextFlush + route.groupInterval.wholeMilliseconds) : nextFlush
        hasFlushed = earlier.hasFlushed
        told = earlier.told
        underway = earlier.underway
    }

    /// Delivery is tried for at least this long, in milliseconds, however short the group interval is.
    private static let shortestTry: Int64 = 10_000

    private func needsTelling(
        _ channel: NotificationChannel,
        firing: Set<LabelSet>,
        resolved: Set<LabelSet>,
        at time: Int64
    ) -> Bool {
        guard let told = told[channel.id] else { return !firing.isEmpty }
        if !firing.isSubset(of: told.firing) { return true }
        // Alerts that began and ended between two looks are nobody's business.
        if firing.isEmpty { return !told.firing.isEmpty }
        if channel.sendsResolved, !resolved.isSubset(of: told.resolved) { return true }
        return told.time + route.repeatInterval.wholeMilliseconds < time
    }

    private func items(at time: Int64, withResolved: Bool) -> [Notification.Item] {
        alerts.values.map { alert in
            Notification.Item(alert: alert, status: alert.isResolved(at: time) ? .resolved : .firing)
        }
        .filter { withResolved || $0.status == .firing }
        .sorted(by: Notification.Item.precedes)
    }

    /// Lets ended alerts go that every channel knows of and that have not come back since.
    private mutating func dropEnded() {
        guard underway.isEmpty, let ended = leaving else { return }
        for (labels, alert) in ended where alerts[labels] == alert { alerts[labels] = nil }
        leaving = [:]
    }
}
