import MartletCore

/// Routes and groups alerts, and decides who is told what and when: alerts and time in, notifications out.
public struct AlertDispatch: Sendable {
    /// What may be held at most.
    public struct Limits: Hashable, Sendable {
        /// How many groups at most; alerts that would need one more are dropped and counted.
        public var groups: Int

        /// How many alerts a group holds at most; more are dropped and counted.
        public var alertsPerGroup: Int

        /// Creates limits.
        public init(groups: Int = 20_000, alertsPerGroup: Int = 20_000) {
            self.groups = groups
            self.alertsPerGroup = alertsPerGroup
        }
    }

    /// The groups.
    public private(set) var groups: [AlertGroup.ID: AlertGroup] = [:]

    /// How many alerts were dropped because of the limits.
    public private(set) var droppedAlerts: UInt64 = 0

    private var tree: RoutingTree?
    private var channels: [String: [NotificationChannel]]
    private var nextID: UInt64 = 1
    private let limits: Limits

    /// Creates a dispatch; without a route nobody is told anything.
    ///
    /// - Parameters:
    ///   - route: The root of the routes.
    ///   - channels: The channels of each receiver by its name.
    ///   - limits: What may be held at most.
    public init(route: Route?, channels: [String: [NotificationChannel]], limits: Limits = Limits()) {
        tree = route.map(RoutingTree.init)
        self.channels = channels
        self.limits = limits
    }

    /// When a group has to be looked at next, in milliseconds since the epoch.
    public var nextFlush: Int64? { groups.values.map(\.nextFlush).min() }

    /// Takes what is newly heard of alerts.
    public mutating func insert(_ alerts: [Alert], at time: Int64) {
        guard let tree else { return }
        for alert in alerts {
            for node in tree.routes(for: alert.labels) { insert(alert, node, at: time) }
        }
    }

    private mutating func insert(_ alert: Alert, _ node: RoutingTree.Node, isKnown: Bool = false, at time: Int64) {
        let labels = node.groupLabels(of: alert.labels)
        let id = AlertGroup.ID(path: node.path, labels: labels)
        let isHeld = groups[id]?.alerts[alert.labels] != nil
        // Ends are heard again and again for a while; one that is not held was told already, or never mattered.
        guard isHeld || !alert.isResolved(at: time) || (isKnown && groups[id] != nil) else { return }
        if groups[id] == nil {
            guard groups.count < limits.groups else {
                droppedAlerts += 1
                return
            }
            groups[id] = AlertGroup(node, labels: labels, at: time)
        }
        if !isHeld, let count = groups[id]?.alerts.count, count >= limits.alertsPerGroup {
            droppedAlerts += 1
            return
        }
        groups[id]?.insert(alert, at: time)
    }

    /// Looks at every group whose time has come.
    ///
    /// - Returns: What has to be told, in order of time and group.
    public mutating func flush(at time: Int64) -> [Notification] {
        let due = groups.values.filter { $0.nextFlush <= time }.sorted {
            ($0.nextFlush, $0.key) < ($1.nextFlush, $1.key)
        }
        var notifications: [Notification] = []
        for group in due {
            guard !group.isDone else {
                groups[group.id] = nil
                continue
            }
            let receivers = channels[group.route.receiver] ?? []
            notifications += groups[group.id]?.flush(at: time, channels: receivers, nextID: &nextID) ?? []
        }
        return notifications
    }

    /// Takes the end of a delivery.
    public mutating func settle(_ notification: Notification, isDelivered: Bool, at time: Int64) {
        groups[notification.group]?.settle(notification, isDelivered: isDelivered, at: time)
    }

    /// Replaces routes and receivers; alerts find their new groups, and what was told stays told.
    public mutating func apply(route: Route?, channels: [String: [NotificationChannel]], at time: Int64) {
        let earlier = groups
        var alerts: [LabelSet: Alert] = [:]
        for group in earlier.values {
            for (labels, alert) in group.alerts { alerts[labels] = alerts[labels].map { $0.merging(alert) } ?? alert }
        }
        tree = route.map(RoutingTree.init)
        self.channels = channels
        groups = [:]
        guard let tree else { return }
        for alert in alerts.values.sorted(by: { $0.labels < $1.labels }) {
            for node in tree.routes(for: alert.labels) {
                let labels = node.groupLabels(of: alert.labels)
                let id = AlertGroup.ID(path: node.path, labels: labels)
                if groups[id] == nil, let known = earlier[id], known.route.receiver == node.route.receiver {
                    groups[id] = AlertGroup(node, labels: labels, at: time)
                    groups[id]?.adopt(known)
                }
                insert(alert, node, isKnown: true, at: time)
            }
        }
    }
}
