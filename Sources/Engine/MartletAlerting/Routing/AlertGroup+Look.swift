import MartletCore

/// What silences, other alerts, the calendar and people have to do with a group's alerts.
struct FlushView {
    /// Whether a time interval mutes the whole group now.
    var isTimeMuted = false

    /// The silences that hold now.
    var silences: [Silence] = []

    /// The alerts that keep others quiet.
    var inhibitor: Inhibitor?

    /// Whether somebody deals with an alert.
    var isAcknowledged: (LabelSet) -> Bool = { _ in false }
}

extension AlertGroup {
    /// A group's alerts at one time, sorted by what is to be done about them.
    struct Look {
        private(set) var firing: [Fingerprint: Alert] = [:]
        private(set) var ended: [LabelSet: Alert] = [:]
        private(set) var muted: Set<Fingerprint> = []
        private(set) var mutedEnded: Set<Fingerprint> = []
        private(set) var silenced: Set<LabelSet> = []
        private(set) var unsilenced: Set<Fingerprint> = []
        private(set) var acknowledged: Set<Fingerprint> = []

        init(
            _ alerts: [LabelSet: Alert],
            _ origins: [LabelSet: LabelSet],
            earlier: Set<LabelSet>,
            view: FlushView,
            at time: Int64
        ) {
            firing.reserveCapacity(alerts.count)
            for (labels, alert) in alerts {
                let origin = origins[labels] ?? labels
                let fingerprint = Fingerprint(labels)
                let isSilenced = view.silences.contains { $0.covers(origin) }
                let isMuted = isSilenced || view.inhibitor?.inhibitors(of: origin).isEmpty == false
                if alert.isResolved(at: time) {
                    ended[labels] = alert
                    if isMuted { mutedEnded.insert(fingerprint) }
                    continue
                }
                if isSilenced { silenced.insert(labels) }
                guard !isMuted else {
                    muted.insert(fingerprint)
                    continue
                }
                firing[fingerprint] = alert
                if earlier.contains(labels) { unsilenced.insert(fingerprint) }
                if view.isAcknowledged(origin) { acknowledged.insert(fingerprint) }
            }
        }

        /// What one channel gets to see.
        func seen(by channel: NotificationChannel, told: ToldState?) -> Seen {
            var seen = Seen(firing: firing, muted: muted, unsilenced: unsilenced, acknowledged: acknowledged)
            if channel.minimumSeverity != nil { seen.firing = firing.filter { channel.takes($0.value.labels) } }
            for alert in ended.values {
                let fingerprint = alert.fingerprint
                let isKnown = told?.firing.contains(fingerprint) == true
                // An end that nobody may hear of is told to those who know of the beginning.
                guard isKnown || (!mutedEnded.contains(fingerprint) && channel.takes(alert.labels)) else { continue }
                seen.ended.insert(fingerprint)
                seen.endedAlerts.append(alert)
            }
            seen.believed = Set(seen.firing.keys)
            if let told { seen.believed.formUnion(told.firing.intersection(muted)) }
            return seen
        }
    }

    /// A group's alerts as one channel gets to see them.
    struct Seen {
        /// Those that fire and may be told.
        var firing: [Fingerprint: Alert]

        /// Those that fire and are kept quiet.
        var muted: Set<Fingerprint>

        /// Those that a silence no longer covers.
        var unsilenced: Set<Fingerprint>

        /// Those that somebody deals with.
        var acknowledged: Set<Fingerprint>

        /// Those that have ended and may be told.
        var ended: Set<Fingerprint> = []

        /// The same as alerts.
        var endedAlerts: [Alert] = []

        /// Those that the channel will believe to fire: the first, and the muted ones that it knew before.
        var believed: Set<Fingerprint> = []
    }
}
