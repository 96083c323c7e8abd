public import MartletCore

/// Routes and groups alerts, and decides who is told what and when: alerts, people's doings and time in, notifications
/// out.
public struct AlertDispatch: Sendable {
    /// What may be held at most.
    public struct Limits: Hashable, Sendable {
        /// How many groups at most; alerts that would need one more are dropped and counted.
        public var groups: Int

        /// How many alerts a group holds at most; more are dropped and counted.
        public var alertsPerGroup: Int

        /// How many alerts at most; more are dropped and counted.
        public var alerts: Int

        /// Creates limits.
        public init(groups: Int = 20_000, alertsPerGroup: Int = 20_000, alerts: Int = 100_000) {
            self.groups = groups
            self.alertsPerGroup = alertsPerGroup
            self.alerts = alerts
        }
    }

    /// The groups.
    public private(set) var groups: [AlertGroup.ID: AlertGroup] = [:]

    /// All alerts that are known, those that ended a short while ago among them.
    public private(set) var records: [LabelSet: AlertRecord] = [:]

    /// The silences.
    public private(set) var silences = SilenceBook()

    /// How many alerts were dropped because of the limits.
    public private(set) var droppedAlerts: UInt64 = 0

    /// What it goes by.
    public private(set) var plan: AlertPlan

    private var paths: AlertPaths
    private var changes: [DispatchChange] = []
    private var nextID: UInt64 = 1
    private var nextSweep: Int64 = 0
    private var activeSilences: Set<String> = []
    private let limits: Limits

    /// How long an alert is held after its end, in milliseconds, so that the same end heard again is no news.
    private static let retention: Int64 = 5 * 60 * 1000

    /// How often ends and escalations are looked for, in milliseconds.
    private static let sweepInterval: Int64 = 1000

    /// Creates a dispatch.
    public init(_ plan: AlertPlan, limits: Limits = Limits()) {
        self.plan = plan
        self.limits = limits
        paths = AlertPaths(plan)
    }

    /// Creates a dispatch; without a route nobody is told anything.
    ///
    /// - Parameters:
    ///   - route: The root of the routes.
    ///   - channels: The channels of each receiver by its name.
    ///   - limits: What may be held at most.
    public init(route: Route?, channels: [String: [NotificationChannel]], limits: Limits = Limits()) {
        self.init(AlertPlan(route: route, channels: channels), limits: limits)
    }

    /// When a group has to be looked at next, in milliseconds since the epoch; `nil` where there is none.
    public var nextFlush: Int64? { groups.values.map(\.nextFlush).min() }

    /// Whether there is nothing that time could change.
    public var isIdle: Bool { groups.isEmpty && records.isEmpty && silences.silences.isEmpty }

    /// What has to outlive a restart and has changed since this was last called.
    public mutating func takeChanges() -> [DispatchChange] {
        defer { changes = [] }
        return changes
    }

    // MARK: - Alerts

    /// Takes what is newly heard of alerts.
    public mutating func insert(_ alerts: [Alert], at time: Int64) {
        for alert in alerts { insert(alert, at: time) }
    }

    private mutating func insert(_ alert: Alert, at time: Int64) {
        let known = records[alert.labels]
        // Ends are heard again and again for a while; one that is not held was told already, or never mattered.
        guard known != nil || !alert.isResolved(at: time) else { return }
        guard known != nil || records.count < limits.alerts else {
            droppedAlerts += 1
            return
        }
        var record = AlertRecord(alert)
        var isNews = true
        if let known {
            let isSameEpisode = alert.startsAt < known.alert.endsAt && known.alert.startsAt < alert.endsAt
            if isSameEpisode || alert.isResolved(at: time) {
                record = known
                record.alert = known.alert.merging(alert)
                // The episode keeps its name, and so its start.
                record.alert.startsAt = known.alert.startsAt
                record.alert.endsAt = max(record.alert.endsAt, record.alert.startsAt)
                isNews = known.alert.annotations != record.alert.annotations
            } else if !known.isEndTold {
                end(known)
            }
        }
        if known == nil || record.alert.startsAt != known?.alert.startsAt {
            changes.append(.event(AlertEvent(alert: record.id, at: record.alert.startsAt, kind: .fired)))
        }
        if record.alert.isResolved(at: time), !record.isEndTold {
            record.isEndTold = true
            isNews = true
            changes.append(.event(AlertEvent(alert: record.id, at: record.alert.endsAt, kind: .resolved)))
        }
        records[alert.labels] = record
        if record != known { changes.append(.alert(record, isNews: isNews)) }
        place(record, at: time)
    }

    private mutating func end(_ record: AlertRecord) {
        var record = record
        record.isEndTold = true
        records[record.alert.labels] = record
        changes.append(.event(AlertEvent(alert: record.id, at: record.alert.endsAt, kind: .resolved)))
        changes.append(.alert(record, isNews: true))
    }

    /// Puts an alert into all groups that it belongs to.
    private mutating func place(_ record: AlertRecord, isKnown: Bool = false, at time: Int64) {
        for node in paths.nodes(for: record.alert) { insert(record.alert, nil, node, isKnown: isKnown, at: time) }
        guard record.escalationLevel > 0,
            let policy = EscalationPolicy.policy(for: record.alert, among: plan.policies)
        else { return }
        for level in 0..<min(record.escalationLevel, policy.levels.count) {
            place(record, policy, level: level, isKnown: isKnown, at: time)
        }
    }

    private mutating func place(
        _ record: AlertRecord,
        _ policy: EscalationPolicy,
        level: Int,
        isKnown: Bool,
        at time: Int64
    ) {
        var raised = record
        raised.raisedSeverity = policy.levels[...level].last { $0.severity != nil }?.severity
        for node in paths.nodes(of: policy, level: level) {
            insert(raised.escalated, record.alert.labels, node, isKnown: isKnown, at: time)
        }
    }

    private mutating func insert(
        _ alert: Alert,
        _ origin: LabelSet?,
        _ node: RoutingTree.Node,
        isKnown: Bool,
        at time: Int64
    ) {
        let labels = node.groupLabels(of: alert.labels)
        let id = AlertGroup.ID(path: node.path, labels: labels)
        let isHeld = groups[id]?.alerts[alert.labels] != nil
        guard isHeld || !alert.isResolved(at: time) || isKnown else { return }
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
        groups[id]?.insert(alert, origin: origin, at: time)
    }

    // MARK: - Time

    /// Looks at every group whose time has come.
    ///
    /// - Returns: What has to be told, in order of time and group.
    public mutating func flush(at time: Int64) -> [Notification] {
        if time >= nextSweep { sweep(at: time) }
        let due = groups.values.filter { $0.nextFlush <= time }.sorted {
            ($0.nextFlush, $0.key) < ($1.nextFlush, $1.key)
        }
        guard !due.isEmpty else { return [] }
        var view = FlushView()
        view.silences = silences.active(at: time)
        if !plan.inhibitions.isEmpty {
            let firing = records.values.lazy.filter { !$0.alert.isResolved(at: time) }.map(\.alert.labels)
            view.inhibitor = Inhibitor(plan.inhibitions, firing: firing)
        }
        let acknowledged = Set(records.values.lazy.filter { $0.acknowledgement != nil }.map(\.alert.labels))
        view.isAcknowledged = acknowledged.contains
        var notifications: [Notification] = []
        for group in due {
            guard !group.isDone else {
                remove(group)
                continue
            }
            let receivers = plan.channels[group.route.receiver] ?? []
            view.isTimeMuted = !plan.mutes(group.route, at: time).isEmpty
            let earlier = group.silenced
            notifications +=
                groups[group.id]?.flush(at: time, channels: receivers, view: view, nextID: &nextID) ?? []
            noteTold(group.id)
            if let now = groups[group.id]?.silenced, now != earlier { noteSilenced(earlier, now, at: time) }
        }
        return notifications
    }

    private mutating func remove(_ group: AlertGroup) {
        groups[group.id] = nil
        if !group.told.isEmpty { changes.append(.groupGone(group.key, channels: group.told.keys.sorted())) }
    }

    private mutating func noteTold(_ id: AlertGroup.ID) {
        guard let key = groups[id]?.key, let told = groups[id]?.takeChangedTold() else { return }
        for (channel, state) in told { changes.append(.told(channel, group: key, state)) }
    }

    private mutating func noteSilenced(_ earlier: Set<LabelSet>, _ now: Set<LabelSet>, at time: Int64) {
        for labels in earlier.symmetricDifference(now) {
            guard var record = records[labels], record.isSilenced != now.contains(labels) else { continue }
            record.isSilenced = now.contains(labels)
            records[labels] = record
            let kind: AlertEvent.Kind = record.isSilenced ? .silenced : .unsilenced
            changes.append(.event(AlertEvent(alert: record.id, at: time, kind: kind)))
            changes.append(.alert(record, isNews: false))
        }
    }

    /// Takes the end of a delivery.
    public mutating func settle(_ notification: Notification, isDelivered: Bool, at time: Int64) {
        groups[notification.group]?.settle(notification, isDelivered: isDelivered, at: time)
        noteTold(notification.group)
    }

    /// Looks for alerts that have ended by silence of their sender, for levels to go up, and for what is long over.
    private mutating func sweep(at time: Int64) {
        nextSweep = time + Self.sweepInterval
        for record in Array(records.values) {
            if record.alert.isResolved(at: time) {
                if !record.isEndTold { end(record) }
                if record.alert.endsAt + Self.retention < time, !isHeld(record) {
                    records[record.alert.labels] = nil
                    changes.append(.alertGone(record))
                }
            } else if !plan.policies.isEmpty, record.acknowledgement == nil, !record.isSilenced {
                escalate(record, at: time)
            }
        }
        for id in silences.prune(at: time) { changes.append(.silenceGone(id)) }
        let active = Set(silences.active(at: time).map(\.id))
        if active != activeSilences {
            activeSilences = active
            hurrySilenced(at: time)
        }
    }

    /// Has groups looked at soon whose alerts a silence that ended has covered.
    private mutating func hurrySilenced(at time: Int64) {
        let active = silences.active(at: time)
        for group in groups.values where !group.silenced.isEmpty {
            let isFree = group.silenced.contains { labels in !active.contains { $0.covers(labels) } }
            if isFree { groups[group.id]?.hurry(at: time) }
        }
    }

    private mutating func escalate(_ record: AlertRecord, at time: Int64) {
        guard let policy = EscalationPolicy.policy(for: record.alert, among: plan.policies) else { return }
        var record = record
        while record.escalationLevel < policy.levels.count {
            let level = policy.levels[record.escalationLevel]
            guard record.alert.startsAt + level.after.wholeMilliseconds <= time else { break }
            record.escalationLevel += 1
            record.raisedSeverity = level.severity ?? record.raisedSeverity
            records[record.alert.labels] = record
            let severity = level.severity.map { ", severity \($0.rawValue)" } ?? ""
            let detail =
                "policy \(policy.name), level \(record.escalationLevel): \(level.channels.joined(separator: ", "))\(severity)"
            changes.append(.event(AlertEvent(alert: record.id, at: time, kind: .escalated, detail: detail)))
            changes.append(.alert(record, isNews: true))
            place(record, policy, level: record.escalationLevel - 1, isKnown: false, at: time)
        }
    }

    private mutating func isHeld(_ record: AlertRecord) -> Bool {
        let labels = record.alert.labels
        return paths.nodes(for: record.alert).contains { node in
            groups[AlertGroup.ID(path: node.path, labels: node.groupLabels(of: labels))]?.alerts[labels] != nil
        }
    }

    // MARK: - Plan

    /// Replaces routes and receivers; alerts find their new groups, and what was told stays told.
    public mutating func apply(route: Route?, channels: [String: [NotificationChannel]], at time: Int64) {
        apply(AlertPlan(route: route, channels: channels), at: time)
    }

    /// Replaces what it goes by; alerts find their new groups, and what was told stays told.
    public mutating func apply(_ plan: AlertPlan, at time: Int64) {
        let earlier = groups
        self.plan = plan
        paths = AlertPaths(plan)
        groups = [:]
        for record in records.values.sorted(by: { $0.alert.labels < $1.alert.labels }) {
            // An end that nobody still waits for is not brought back.
            place(record, isKnown: !record.alert.isResolved(at: time), at: time)
        }
        for (id, known) in earlier {
            for alert in known.alerts.values where alert.isResolved(at: time) {
                if groups[id] == nil, let node = node(like: known, for: alert) {
                    groups[id] = AlertGroup(node, labels: id.labels, at: time)
                }
                groups[id]?.insert(alert, at: time)
            }
            if groups[id]?.route.receiver == known.route.receiver {
                groups[id]?.adopt(known)
            } else if !known.told.isEmpty {
                changes.append(.groupGone(known.key, channels: known.told.keys.sorted()))
            }
        }
    }

    private mutating func node(like group: AlertGroup, for alert: Alert) -> RoutingTree.Node? {
        paths.nodes(for: alert).first { $0.path == group.id.path && $0.route.receiver == group.route.receiver }
    }

    // MARK: - Restarts

    /// Takes back what was there before a restart; called once, before anything else.
    ///
    /// - Parameters:
    ///   - restored: The alerts.
    ///   - restoredSilences: The silences.
    ///   - told: What channels were told, by group key.
    ///   - underway: What was on its way.
    ///   - nextID: The number for the next notification.
    ///   - time: Now, in milliseconds since the epoch.
    public mutating func restore(
        records restored: [AlertRecord],
        silences restoredSilences: [Silence],
        told: [(channel: NotificationChannel.ID, group: String, state: ToldState)],
        underway: [Notification],
        nextID: UInt64,
        at time: Int64
    ) {
        self.nextID = max(self.nextID, nextID)
        for silence in restoredSilences { silences.restore(silence) }
        for record in restored {
            records[record.alert.labels] = record
            place(record, isKnown: true, at: time)
        }
        let byKey = Dictionary(grouping: groups.values, by: \.key).mapValues { $0.map(\.id) }
        for entry in told {
            for id in byKey[entry.group] ?? [] where groups[id]?.route.receiver == entry.channel.receiver {
                groups[id]?.restore(entry.state, of: entry.channel)
            }
        }
        for notification in underway { groups[notification.group]?.restore(notification) }
    }
}

extension AlertDispatch {
    /// Changes a record that is known, and has its groups looked at.
    mutating func change(
        _ labels: LabelSet,
        at time: Int64,
        hurries: Bool,
        _ event: AlertEvent.Kind,
        _ detail: String,
        _ body: (inout AlertRecord) -> Void
    ) {
        guard var record = records[labels] else { return }
        body(&record)
        records[labels] = record
        changes.append(.event(AlertEvent(alert: record.id, at: time, kind: event, detail: detail)))
        changes.append(.alert(record, isNews: true))
        guard hurries else { return }
        for group in groups.values where group.alerts[labels] != nil { groups[group.id]?.hurry(at: time) }
    }

    /// Takes a silence in or changes one; see ``SilenceBook/set(_:newID:at:)``.
    ///
    /// - Returns: The silence as it is held.
    /// - Throws: ``SilenceBook/Refusal``.
    public mutating func set(
        _ silence: Silence,
        newID: @autoclosure () -> String,
        at time: Int64
    ) throws(SilenceBook.Refusal) -> Silence {
        let changed = try silences.set(silence, newID: newID(), at: time)
        for silence in changed { changes.append(.silence(silence)) }
        nextSweep = min(nextSweep, time)
        return changed.last ?? silence
    }

    /// Ends a silence now.
    ///
    /// - Throws: ``SilenceBook/Refusal``.
    public mutating func expireSilence(_ id: String, at time: Int64) throws(SilenceBook.Refusal) {
        guard let silence = try silences.expire(id, at: time) else { return }
        changes.append(.silence(silence))
        nextSweep = min(nextSweep, time)
    }
}
