public import MartletCore
import MartletSeries

/// An alert with everything that decides whether people are told of it.
public struct AlertStatus: Sendable {
    /// The alert with what people and policies have done.
    public var record: AlertRecord

    /// The receivers that its routes find.
    public var receivers: [String]

    /// The silences that cover it.
    public var silencedBy: [String]

    /// The alerts that keep it quiet.
    public var inhibitedBy: [Fingerprint]

    /// The time intervals that mute all of its routes.
    public var mutedBy: [String]

    /// Whether nobody is told.
    public var isSuppressed: Bool { !silencedBy.isEmpty || !inhibitedBy.isEmpty || !mutedBy.isEmpty }
}

extension AlertDispatch {
    /// The alerts that have not ended, with their status, ordered by labels.
    public func statuses(at time: Int64) -> [AlertStatus] {
        var paths = AlertPaths(plan)
        let live = records.values.filter { !$0.alert.isResolved(at: time) }
        let inhibitor = Inhibitor(plan.inhibitions, firing: live.lazy.map(\.alert.labels))
        let active = silences.active(at: time).sorted { $0.id < $1.id }
        return live.sorted { $0.alert.labels < $1.alert.labels }.map { record in
            let labels = record.alert.labels
            let nodes = paths.nodes(for: record.alert)
            let mutes = nodes.map { plan.mutes($0.route, at: time) }
            var seen: Set<String> = []
            return AlertStatus(
                record: record,
                receivers: nodes.map(\.route.receiver).filter { seen.insert($0).inserted },
                silencedBy: active.filter { $0.covers(labels) }.map(\.id),
                inhibitedBy: inhibitor.inhibitors(of: labels),
                mutedBy: mutes.contains(where: \.isEmpty) ? [] : Set(mutes.flatMap(\.self)).sorted()
            )
        }
    }

    /// The labels of the live alerts that a text names: an id, a key, or a fingerprint.
    public func labels(named name: String, at time: Int64) -> [LabelSet] {
        records.values.filter { record in
            !record.alert.isResolved(at: time)
                && (record.id == name || record.key == name || record.alert.fingerprint.description == name)
        }.map(\.alert.labels).sorted()
    }

    /// Notes that somebody deals with alerts: they are told no more and go up no further level until they end.
    ///
    /// - Returns: How many of the alerts are live.
    public mutating func acknowledge(_ alerts: [LabelSet], _ acknowledgement: Acknowledgement) -> Int {
        let time = acknowledgement.at
        let live = alerts.filter { records[$0].map { !$0.alert.isResolved(at: time) } ?? false }
        let comment = acknowledgement.comment.isEmpty ? "" : ": \(acknowledgement.comment)"
        for labels in live {
            change(labels, at: time, hurries: true, .acknowledged, "\(acknowledgement.by)\(comment)") {
                $0.acknowledgement = acknowledgement
            }
        }
        return live.count
    }

    /// Takes acknowledgements back.
    ///
    /// - Returns: How many there were.
    public mutating func unacknowledge(_ alerts: [LabelSet], by: String, at time: Int64) -> Int {
        let known = alerts.filter { records[$0]?.acknowledgement != nil }
        for labels in known {
            change(labels, at: time, hurries: false, .unacknowledged, by) { $0.acknowledgement = nil }
        }
        return known.count
    }

    /// Notes in the history of alerts that a channel was told, or could not be.
    ///
    /// - Returns: The events; none for a group of more than 50 alerts, whose deliveries are listed by group only.
    public func events(of notification: Notification, isDelivered: Bool, detail: String, at time: Int64) -> [AlertEvent]
    {
        guard notification.items.count <= 50 else { return [] }
        return notification.items.map { item in
            AlertEvent(
                alert: item.id,
                at: time,
                kind: isDelivered ? .notified : .failed,
                detail: "\(notification.channel): \(item.status.rawValue)\(detail.isEmpty ? "" : ", \(detail)")"
            )
        }
    }

    /// How an alert with these labels would find its receivers.
    public func explain(_ labels: LabelSet, at time: Int64) -> RouteExplanation {
        RouteExplanation(labels, plan: plan, silences: silences.active(at: time), at: time)
    }
}
