public import MartletAlerting

/// What the notification side has done and holds.
public struct NotificationStatistics: Hashable, Sendable {
    /// What one channel has done and holds.
    public struct Channel: Hashable, Sendable {
        /// Notifications that arrived.
        public var delivered: UInt64 = 0

        /// Notifications that were given up, by the reason of their last attempt.
        public var failed: [DeliveryError.Reason: UInt64] = [:]

        /// Attempts, those that failed among them.
        public var attempts: UInt64 = 0

        /// Attempts that failed, by reason.
        public var failedAttempts: [DeliveryError.Reason: UInt64] = [:]

        /// Notifications that wait for their turn.
        public var waiting = 0

        /// Notifications that are on their way.
        public var underway = 0

        /// Creates counters at zero.
        public init() {}
    }

    /// The channels.
    public var channels: [NotificationChannel.ID: Channel] = [:]

    /// How many groups there are.
    public var groups = 0

    /// How many alerts the groups hold; one in two groups counts twice.
    public var alerts = 0

    /// Alerts that were dropped because of the limits.
    public var droppedAlerts: UInt64 = 0

    /// How often the disk did not take the alerting state.
    public var saveFailures: UInt64 = 0

    /// Creates counters at zero.
    public init() {}
}
