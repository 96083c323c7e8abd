public import MartletCore

/// An alert on its way to people, in Alertmanager's terms.
///
/// Times are milliseconds since the epoch.
public struct Alert: Hashable, Sendable {
    /// What the alert is about; two alerts with the same labels are the same alert.
    public var labels: LabelSet

    /// The texts for people.
    public var annotations: [String: String]

    /// When it began to fire.
    public var startsAt: Int64

    /// When it ended, or until when it is held for true.
    public var endsAt: Int64

    /// When this was last heard.
    public var updatedAt: Int64

    /// Whether ``endsAt`` is only what the sender allows for silence, not an end that it saw.
    public var endsByTimeout: Bool

    /// The page that shows the alert's expression.
    public var generatorURL: String

    /// The latest value of the rule's expression; `nil` where nobody says.
    public var value: Double?

    /// What the rule says of how the alert is told.
    public var delivery: AlertDelivery

    /// Creates an alert.
    public init(
        labels: LabelSet,
        annotations: [String: String] = [:],
        startsAt: Int64,
        endsAt: Int64,
        updatedAt: Int64,
        endsByTimeout: Bool = true,
        generatorURL: String = "",
        value: Double? = nil,
        delivery: AlertDelivery = AlertDelivery()
    ) {
        self.labels = labels
        self.annotations = annotations
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.updatedAt = updatedAt
        self.endsByTimeout = endsByTimeout
        self.generatorURL = generatorURL
        self.value = value
        self.delivery = delivery
    }

    /// The number that names the alert.
    public var fingerprint: Fingerprint { Fingerprint(labels) }

    /// Whether the alert has ended by a time.
    public func isResolved(at time: Int64) -> Bool { endsAt <= time }

    /// This alert with what is newly heard of it.
    ///
    /// Where the two tell of one stretch of time, the earlier start and the end that was really seen count; where
    /// the newer begins after the older ended, it alone counts.
    public func merging(_ newer: Alert) -> Alert {
        let overlaps = newer.startsAt < endsAt && startsAt < newer.endsAt
        guard overlaps else { return newer }
        guard newer.updatedAt >= updatedAt else { return newer.merging(self) }
        var merged = newer
        merged.startsAt = min(startsAt, newer.startsAt)
        if newer.isResolved(at: newer.updatedAt) {
            if isResolved(at: newer.updatedAt), endsAt > newer.endsAt { merged.endsAt = endsAt }
        } else if endsAt > newer.endsAt, !endsByTimeout {
            merged.endsAt = endsAt
        }
        return merged
    }
}

extension Alert {
    /// What a rule's alert tells to receivers; `nil` for one that never fired.
    ///
    /// - Parameters:
    ///   - alert: The rule's alert.
    ///   - time: Now, in milliseconds since the epoch.
    ///   - externalLabels: Labels that are added where the alert has none of that name.
    ///   - generatorURL: The page that shows the rule's expression.
    ///   - delivery: What the rule says of how the alert is told.
    init?(
        _ alert: ActiveAlert,
        at time: Int64,
        externalLabels: LabelSet,
        generatorURL: String,
        delivery: AlertDelivery = AlertDelivery()
    ) {
        guard let firedAt = alert.firedAt else { return nil }
        self.init(
            labels: LabelSet(Array(externalLabels) + Array(alert.labels)),
            annotations: alert.annotations,
            startsAt: firedAt,
            endsAt: alert.resolvedAt ?? alert.validUntil ?? time,
            updatedAt: time,
            endsByTimeout: alert.resolvedAt == nil,
            generatorURL: generatorURL,
            value: alert.value,
            delivery: delivery
        )
    }
}
