/// Something that a monitor saw; what observers log, count and tell on.
///
/// Times are milliseconds since the epoch.
public enum HealthEvent: Sendable {
    /// A check ran.
    case checked(HealthRecord, HealthRun)
    /// A check's state changed.
    case changed(HealthTransition)
    /// The state of the whole changed.
    case overallChanged(HealthTransition)
    /// A critical check has failed as often in a row as the alert threshold says; once for each such stretch.
    case thresholdExceeded(HealthRecord)
    /// A check was taken away.
    case removed(name: String)

    /// What ``thresholdExceeded(_:)`` says to people.
    public static let thresholdMessage = "CRITICAL: Health check failure threshold exceeded"
}

/// One run of a check.
public struct HealthRun: Sendable, Hashable {
    /// When it ended.
    public var time: Int64

    /// What the state was after it.
    public var status: HealthStatus

    /// Whether this run by itself was good.
    public var isHealthy: Bool

    /// Whether it did not end in time.
    public var isTimeout: Bool

    /// What was found.
    public var message: String

    /// How long it took.
    public var duration: Duration
}

/// A change of state.
public struct HealthTransition: Sendable, Hashable {
    /// The check's name; empty for the whole.
    public var check: String

    /// When.
    public var time: Int64

    /// The state before.
    public var from: HealthStatus

    /// The state after.
    public var to: HealthStatus

    /// What was found.
    public var message: String
}

/// Sees what a monitor sees; the port through which logging and metrics hear of health.
///
/// Observers are called one after another on the task that ran the check, and must not block.
public protocol HealthObserver: Sendable {
    /// Takes an event.
    func observe(_ event: HealthEvent)
}
