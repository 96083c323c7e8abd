/// What a channel was last told of a group.
public struct ToldState: Sendable, Hashable {
    /// The alerts that it knows to fire.
    public var firing: Set<Fingerprint>

    /// The alerts that it knows to have ended.
    public var resolved: Set<Fingerprint>

    /// When it was decided to tell, in milliseconds since the epoch.
    public var time: Int64

    /// Whether it knows that somebody deals with the alerts.
    public var isAcknowledged: Bool

    /// When the channel was last told that an alert fires, for alerts that are told only so often.
    public var firedAt: [Fingerprint: Int64]

    /// Creates a state.
    public init(
        firing: Set<Fingerprint>,
        resolved: Set<Fingerprint>,
        time: Int64,
        isAcknowledged: Bool = false,
        firedAt: [Fingerprint: Int64] = [:]
    ) {
        self.firing = firing
        self.resolved = resolved
        self.time = time
        self.isAcknowledged = isAcknowledged
        self.firedAt = firedAt
    }
}
