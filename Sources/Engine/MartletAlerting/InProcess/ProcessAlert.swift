/// An alert of an ``AlertManager``, from its first evaluation until it is forgotten.
///
/// Times are milliseconds since the epoch.
public struct ProcessAlert: Hashable, Sendable {
    /// The alert's id, unique within the process.
    public var id: String

    /// The alert's key over all its episodes.
    public var key: String

    /// The rule that it comes from.
    public var rule: String

    /// How much it matters.
    public var severity: AlertSeverity

    /// The alert as the state machine has it.
    public var alert: ActiveAlert

    /// Who deals with it; `nil` for nobody yet.
    public var acknowledgement: Acknowledgement?

    /// Until when nobody is told of it; `nil` where it is not silenced.
    public var silencedUntil: Int64?

    /// Where it is in its life.
    public var state: AlertState { alert.state }
}
