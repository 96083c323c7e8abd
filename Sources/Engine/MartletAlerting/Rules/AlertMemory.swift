import MartletCore
import MartletSeries

/// What an earlier run of the server left of a rule's alerts: since when each was there.
///
/// It comes from the series `ALERTS_FOR_STATE`, which are written at each evaluation. So that a restart does not begin
/// an alert's waiting anew, the first evaluations look here: the time before the stop counts, the time between stop and
/// start does not.
struct AlertMemory: Sendable {
    /// How long a server may have been away, in milliseconds; what is older is not taken up.
    static let outageMax: Int64 = 60 * 60 * 1000

    /// How long an alert waits at least after a restart when it was about to fire, in milliseconds.
    static let grace: Int64 = 10 * 60 * 1000

    /// How many evaluations may take up alerts: in the first one scraped data may still be missing.
    static let evaluations: UInt64 = 3

    private var since: [LabelSet: (activeAt: Int64, lastSeen: Int64)] = [:]

    /// Reads what was left; nothing where the store cannot be read, which then shows in the evaluation itself.
    init(of name: String, from query: any RuleQuerying, at time: Int64) {
        let labels: LabelSet = [Label.metricName: "ALERTS_FOR_STATE", "alertname": name]
        let found = (try? query.newest(labels, through: time - 1, notOlderThan: Self.outageMax)) ?? []
        for (labels, sample) in found where sample.value.isFinite && abs(sample.value) < 9e12 {
            let activeAt = Int64(sample.value) * 1000
            guard activeAt <= sample.timestamp else { continue }
            since[labels.removing([Label.metricName])] = (activeAt, sample.timestamp)
        }
    }

    /// Since when an alert counts as being there, or `nil` where nothing is known of it.
    func activeAt(of labels: LabelSet, at time: Int64, hold: Int64) -> Int64? {
        guard let (activeAt, lastSeen) = since[labels] else { return nil }
        let remaining = hold - (lastSeen - activeAt)
        if remaining <= 0 { return activeAt }
        if hold >= Self.grace, remaining < Self.grace { return time + Self.grace - hold }
        return activeAt + (time - lastSeen)
    }
}
