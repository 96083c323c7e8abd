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

        /// Creates an id.
        public init(path: String, labels: LabelSet) {
            self.path = path
            self.labels = labels
        }
    }

    /// What a channel is being told.
    private struct Underway: Sendable {
        var notification: UInt64
        var firing: Set<Fingerprint>
        var resolved: Set<Fingerprint>
        var isAcknowledgement: Bool

        init(_ notification: Notification) {
            self.notification = notification.id
            firing = notification.firing
            resolved = notification.resolved
            isAcknowledgement = notification.isAcknowledgement
        }
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

    /// The alerts that a silence covered when the group was last looked at.
    private(set) var silenced: Set<LabelSet> = []

    /// The channels whose ``told`` has changed since somebody asked.
    private var changedTold: Set<NotificationChannel.ID> = []

    private(set) var told: [NotificationChannel.ID: ToldState] = [:]
    private var underway: [NotificationChannel.ID: Underway] = [:]
    private var hasFlushed = false

    /// The labels of alerts as they were before an escalation changed them.
    private var origins: [LabelSet: LabelSet] = [:]

    /// The ended alerts of the last look, which leave once all channels are told; `nil` when telling one failed.
    private var leaving: [LabelSet: Alert]? = [:]

    /// Creates a group without alerts.
    init(_ node: RoutingTree.Node, labels: LabelSet, at time: Int64) {
        id = ID(path: node.path, labels: labels)
        key = node.groupKey(for: labels)
        route = node.route
        nextFlush = time + node.route.groupWait.wholeMilliseconds
    }

    /// Whether there is nothing left to tell or to remember.
    public var isDone: Bool {
        alerts.isEmpty && underway.isEmpty && told.values.allSatisfy { $0.firedAt.isEmpty }
    }

    /// Takes what is newly heard of an alert.
    ///
    /// - Parameters:
    ///   - alert: The alert as it is told here.
    ///   - origin: The labels that silences and people know it by.
    ///   - time: Now.
    mutating func insert(_ alert: Alert, origin: LabelSet? = nil, at time: Int64) {
        alerts[alert.labels] = alerts[alert.labels].map { $0.merging(alert) } ?? alert
        if let origin, origin != alert.labels { origins[alert.labels] = origin }
        // An alert that began to fire before the wait, as after a restart, has waited long enough.
        if !hasFlushed, alert.startsAt + route.groupWait.wholeMilliseconds < time { nextFlush = time }
    }

    /// Takes a state over that outlived a restart.
    mutating func restore(_ state: ToldState, of channel: NotificationChannel.ID) {
        told[channel] = state
        hasFlushed = true
    }

    /// Takes a notification over that was on its way before a restart.
    mutating func restore(_ notification: Notification) {
        underway[notification.channel] = Underway(notification)
        hasFlushed = true
    }

    /// Has the group looked at as soon as possible.
    mutating func hurry(at time: Int64) { nextFlush = min(nextFlush, time) }

    /// What channels know that has changed since this was last called.
    mutating func takeChangedTold() -> [(NotificationChannel.ID, ToldState)] {
        defer { changedTold = [] }
        return changedTold.compactMap { id in told[id].map { (id, $0) } }
    }

    // MARK: - Deciding

    /// Decides what each channel is told now.
    ///
    /// - Parameters:
    ///   - time: Now, in milliseconds since the epoch.
    ///   - channels: The receiver's channels.
    ///   - view: What silences, other alerts and people have to do with the alerts.
    ///   - nextID: The number for the next notification; moved on by each.
    /// - Returns: At most one notification a channel; a channel whose last one is still on its way gets none.
    mutating func flush(
        at time: Int64,
        channels: [NotificationChannel],
        view: FlushView,
        nextID: inout UInt64
    ) -> [Notification] {
        nextFlush = time + route.groupInterval.wholeMilliseconds
        hasFlushed = true
        forgetOld(at: time)
        let look = Look(alerts, origins, earlier: silenced, view: view, at: time)
        silenced = look.silenced
        leaving = look.ended
        guard !view.isTimeMuted else {
            // What a channel believes to fire is told to have ended when the mute is over.
            if told.values.contains(where: { !$0.firing.isEmpty }) { leaving = nil }
            dropEnded()
            return []
        }
        var notifications: [Notification] = []
        for channel in channels {
            guard underway[channel.id] == nil else {
                leaving = nil
                continue
            }
            let seen = look.seen(by: channel, told: told[channel.id])
            let reason = reasonToTell(channel, seen, at: time)
            guard let reason else { continue }
            guard reason == .acknowledged || channel.sendsResolved || !seen.firing.isEmpty else {
                // Nothing is sent, but the channel counts as knowing, so that a new start is told at once.
                note(channel.id, firing: seen.believed, resolved: seen.ended, at: time)
                continue
            }
            let notification = Notification(
                id: nextID,
                channel: channel.id,
                group: id,
                groupKey: key,
                groupLabels: id.labels,
                items: items(seen, withResolved: channel.sendsResolved && reason != .acknowledged),
                isAcknowledgement: reason == .acknowledged,
                firing: seen.believed,
                resolved: seen.ended,
                decidedAt: time,
                deadline: time + Self.longestTry
            )
            underway[channel.id] = Underway(notification)
            notifications.append(notification)
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
            if entry.isAcknowledgement {
                told[notification.channel]?.isAcknowledged = true
                changedTold.insert(notification.channel)
            } else {
                note(
                    notification.channel,
                    firing: entry.firing,
                    resolved: entry.resolved,
                    at: notification.decidedAt
                )
            }
        } else {
            leaving = nil
        }
        dropEnded()
        // What changed while the message was on its way need not wait for a whole interval more.
        if isDelivered, !entry.isAcknowledgement, time - notification.decidedAt > route.groupInterval.wholeMilliseconds
        {
            hurry(at: time)
        }
    }

    /// Takes over what the same group of an earlier routing tree has told.
    mutating func adopt(_ earlier: AlertGroup) {
        nextFlush =
            earlier.hasFlushed ? min(earlier.nextFlush, nextFlush + route.groupInterval.wholeMilliseconds) : nextFlush
        hasFlushed = earlier.hasFlushed
        told = earlier.told
        underway = earlier.underway
        silenced = earlier.silenced
    }

    /// How long one message is tried at most, in milliseconds: a day.
    static let longestTry: Int64 = 24 * 3600 * 1000

    private enum Reason {
        case news, ended, acknowledged, repetition
    }

    private mutating func reasonToTell(_ channel: NotificationChannel, _ seen: Seen, at time: Int64) -> Reason? {
        guard let told = told[channel.id] else { return seen.firing.isEmpty ? nil : .news }
        var news = false
        for (fingerprint, alert) in seen.firing {
            if seen.unsilenced.contains(fingerprint) { news = true }
            guard !told.firing.contains(fingerprint) else { continue }
            if let interval = alert.delivery.notificationInterval?.wholeMilliseconds,
                let last = told.firedAt[fingerprint], last + interval > time
            {
                // One that comes and goes is told once in its interval.
                nextFlush = min(nextFlush, last + interval)
            } else {
                news = true
            }
        }
        if news { return .news }
        let believed = told.firing.intersection(seen.muted)
        let endedNow = told.firing.subtracting(seen.firing.keys).subtracting(seen.muted)
        if seen.firing.isEmpty {
            if told.firing.isEmpty { return nil }
            return believed.isEmpty || (channel.sendsResolved && !endedNow.isEmpty) ? .ended : nil
        }
        if channel.sendsResolved, !endedNow.subtracting(told.resolved).isEmpty { return .ended }
        let isAcknowledged = seen.firing.keys.allSatisfy(seen.acknowledged.contains)
        if isAcknowledged {
            let isNews = channel.sendsAcknowledged && !told.isAcknowledged && !told.firing.isEmpty
            return isNews ? .acknowledged : nil
        }
        let intervals = seen.firing.values.compactMap { $0.delivery.notificationInterval?.wholeMilliseconds }
        let interval = intervals.min() ?? route.repeatInterval.wholeMilliseconds
        return told.time + interval < time ? .repetition : nil
    }

    private mutating func note(
        _ channel: NotificationChannel.ID,
        firing: Set<Fingerprint>,
        resolved: Set<Fingerprint>,
        at time: Int64
    ) {
        var firedAt = told[channel]?.firedAt ?? [:]
        for alert in alerts.values where alert.delivery.notificationInterval != nil {
            let fingerprint = alert.fingerprint
            if firing.contains(fingerprint) { firedAt[fingerprint] = time }
        }
        told[channel] = ToldState(firing: firing, resolved: resolved, time: time, firedAt: firedAt)
        changedTold.insert(channel)
    }

    private func items(_ seen: Seen, withResolved: Bool) -> [Notification.Item] {
        let item = { (alert: Alert, status: Notification.Status) in
            Notification.Item(alert: alert, status: status, origin: origins[alert.labels])
        }
        let firing = seen.firing.values.map { item($0, .firing) }
        let ended = withResolved ? seen.endedAlerts.map { item($0, .resolved) } : []
        return (firing + ended).sorted(by: Notification.Item.precedes)
    }

    /// Lets ended alerts go that every channel knows of and that have not come back since.
    private mutating func dropEnded() {
        guard underway.isEmpty, let ended = leaving else { return }
        for (labels, alert) in ended where alerts[labels] == alert {
            alerts[labels] = nil
            origins[labels] = nil
        }
        leaving = [:]
    }

    /// Forgets when alerts were told whose interval is over.
    private mutating func forgetOld(at time: Int64) {
        guard told.values.contains(where: { !$0.firedAt.isEmpty }) else { return }
        var intervals: [Fingerprint: Int64] = [:]
        for alert in alerts.values {
            intervals[alert.fingerprint] = alert.delivery.notificationInterval?.wholeMilliseconds
        }
        for (channel, state) in told where !state.firedAt.isEmpty {
            let kept = state.firedAt.filter { fingerprint, last in
                last + (intervals[fingerprint] ?? Self.defaultInterval) > time || state.firing.contains(fingerprint)
            }
            guard kept.count < state.firedAt.count else { continue }
            told[channel]?.firedAt = kept
            changedTold.insert(channel)
        }
    }

    /// How long it is remembered that an alert was told which is gone, in milliseconds: a quarter of an hour.
    private static let defaultInterval: Int64 = 15 * 60 * 1000
}
