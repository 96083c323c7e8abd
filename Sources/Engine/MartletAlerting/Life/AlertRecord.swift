import MartletCore

/// An alert with what people and policies have done about it.
public struct AlertRecord: Hashable, Sendable {
    /// The alert.
    public var alert: Alert

    /// Who deals with it; `nil` for nobody yet.
    public var acknowledgement: Acknowledgement?

    /// How many levels of its escalation policy were told.
    public var escalationLevel: Int

    /// The severity that its escalation has raised it to; `nil` for its own.
    public var raisedSeverity: AlertSeverity?

    /// Whether a silence covered it when its group was last looked at.
    public var isSilenced: Bool

    /// Whether the history tells its end.
    public var isEndTold: Bool

    /// Creates a record of an alert that nobody has done anything about.
    public init(
        _ alert: Alert,
        acknowledgement: Acknowledgement? = nil,
        escalationLevel: Int = 0,
        raisedSeverity: AlertSeverity? = nil,
        isSilenced: Bool = false,
        isEndTold: Bool = false
    ) {
        self.alert = alert
        self.acknowledgement = acknowledgement
        self.escalationLevel = escalationLevel
        self.raisedSeverity = raisedSeverity
        self.isSilenced = isSilenced
        self.isEndTold = isEndTold
    }

    /// The alert's name over all its episodes.
    public var key: String { AlertName.key(alert.labels) }

    /// The name of this episode.
    public var id: String { AlertName.id(alert.labels, startsAt: alert.startsAt) }

    /// Whether a level beyond the routes was told.
    public var isEscalated: Bool { escalationLevel > 0 }

    /// How much it matters now.
    public var severity: AlertSeverity? {
        raisedSeverity ?? alert.labels["severity"].flatMap(AlertSeverity.init(word:))
    }

    /// The alert as the levels of its policy are told of it: with the raised severity.
    var escalated: Alert {
        guard let raisedSeverity else { return alert }
        var raised = alert
        raised.labels = alert.labels.setting("severity", to: raisedSeverity.rawValue)
        return raised
    }
}
