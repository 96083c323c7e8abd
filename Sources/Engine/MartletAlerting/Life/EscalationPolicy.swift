public import MartletSeries

/// Who is told, and when, as long as nobody acknowledges an alert.
public struct EscalationPolicy: Hashable, Sendable {
    /// One step further up.
    public struct Level: Hashable, Sendable {
        /// How long after the alert began to fire.
        public var after: Duration

        /// The receivers that are told.
        public var channels: [String]

        /// The severity that the alert has from this level on; `nil` leaves it as it is.
        public var severity: AlertSeverity?

        /// After how long this level is told again; `nil` for the default.
        public var repeatInterval: Duration?

        /// Creates a level.
        public init(
            after: Duration,
            channels: [String],
            severity: AlertSeverity? = nil,
            repeatInterval: Duration? = nil
        ) {
            self.after = after
            self.channels = channels
            self.severity = severity
            self.repeatInterval = repeatInterval
        }
    }

    /// The name that rules use.
    public var name: String

    /// The levels, in the order of their times.
    public var levels: [Level]

    /// Alerts that the policy holds for although their rule names none; empty for only those that name it.
    public var matchers: [LabelMatcher]

    /// Creates a policy.
    public init(name: String, levels: [Level], matchers: [LabelMatcher] = []) {
        self.name = name
        self.levels = levels.sorted { $0.after < $1.after }
        self.matchers = matchers
    }

    /// The first of several policies that holds for an alert.
    static func policy(for alert: Alert, among policies: [EscalationPolicy]) -> EscalationPolicy? {
        if let name = alert.delivery.escalationPolicy { return policies.first { $0.name == name } }
        return policies.first { policy in
            !policy.matchers.isEmpty && policy.matchers.allSatisfy { $0.matches(alert.labels) }
        }
    }
}
