public import MartletCore

/// An alert of a rule, from the first time its element was there until a while after it was resolved.
///
/// Times are milliseconds since the epoch.
public struct ActiveAlert: Hashable, Sendable {
    /// The alert's labels, `alertname` among them.
    public var labels: LabelSet

    /// The texts for people, expanded.
    public var annotations: [String: String]

    /// Where it is in its life.
    public var state: AlertState

    /// The element's latest value.
    public var value: Double

    /// Since when the element is there.
    public var activeAt: Int64

    /// When the alert began to fire.
    public var firedAt: Int64?

    /// When the alert stopped being true.
    public var resolvedAt: Int64?

    /// Since when the alert only fires because the rule keeps it firing.
    public var keepFiringSince: Int64?

    /// When the alert was last handed on for notification.
    public var lastSentAt: Int64?

    /// Until when receivers hold the alert for true if they hear nothing more.
    public var validUntil: Int64?

    /// Whether the alert has to be handed on now: a change at once, everything else at each resend delay.
    func needsSending(at time: Int64, resendDelay: Int64) -> Bool {
        guard state != .pending, firedAt != nil else { return false }
        guard let lastSentAt else { return true }
        if let resolvedAt, resolvedAt > lastSentAt { return true }
        return lastSentAt + resendDelay < time
    }
}
