/// What is known of one check.
public struct HealthRecord: Sendable, Hashable {
    /// The check's name.
    public var name: String

    /// Whether the program cannot do its work when this fails.
    public var isCritical: Bool

    /// What the check looks at.
    public var kind: HealthKind

    /// The component that the check belongs to; empty for the system itself.
    public var component: String

    /// The state; healthy until the first run.
    public var status: HealthStatus = .healthy

    /// What the last run found.
    public var message = "not checked yet"

    /// The particulars of the last run.
    public var details: [String: HealthValue] = [:]

    /// How long the last run took.
    public var responseTime: Duration?

    /// When the last run ended, in milliseconds since the epoch; `nil` before the first.
    public var lastCheck: Int64?

    /// Since when the state is what it is, in milliseconds since the epoch.
    public var since: Int64?

    /// Failures in a row; a good run sets it to zero.
    public var failureCount = 0

    /// From how many failures in a row people are told.
    public var alertThreshold: Int

    /// How often the check ran.
    public var runCount: UInt64 = 0

    /// How often it failed.
    public var totalFailures: UInt64 = 0

    /// How often it did not end in time.
    public var timeoutCount: UInt64 = 0

    /// Whether all is well.
    public var isHealthy: Bool { status.isHealthy }
}
