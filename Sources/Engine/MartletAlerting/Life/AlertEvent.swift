/// Something that happened in an alert's life, for its history.
public struct AlertEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: String, Sendable, CaseIterable {
        /// It began to fire.
        case fired
        /// It ended.
        case resolved
        /// Somebody deals with it.
        case acknowledged
        /// The acknowledgement was taken back.
        case unacknowledged
        /// A silence covers it.
        case silenced
        /// No silence covers it any more.
        case unsilenced
        /// The next level of its escalation policy is told.
        case escalated
        /// A channel was told.
        case notified
        /// A channel could not be told.
        case failed
    }

    /// The episode, as ``AlertName/id(_:startsAt:)`` names it.
    public var alert: String

    /// When, in milliseconds since the epoch.
    public var at: Int64

    /// What happened.
    public var kind: Kind

    /// More of it: a channel, a level, a comment.
    public var detail: String

    /// Creates an event.
    public init(alert: String, at: Int64, kind: Kind, detail: String = "") {
        self.alert = alert
        self.at = at
        self.kind = kind
        self.detail = detail
    }
}
