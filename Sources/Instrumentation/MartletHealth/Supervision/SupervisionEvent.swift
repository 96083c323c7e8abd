/// Something that happened below a supervisor; what observers log, count and record.
public enum SupervisionEvent: Sendable {
    /// What a supervisor decided about an ended child.
    public enum Decision: String, Sendable, CaseIterable {
        /// It is started again.
        case restart
        /// It is left as it is: degraded, or not yet unhealthy often enough.
        case resume
        /// It stays ended.
        case stop
        /// The supervisor gives up and fails itself.
        case escalate
    }

    /// The supervisor began to run, with so many levels of supervisors above it.
    case supervisorStarted(strategy: SupervisionStrategy, depth: Int)
    /// A child was started; `duration` is since its failure where it was restarted.
    case started(child: String, isRestart: Bool, failureType: String?, sinceFailure: Duration?)
    /// A child failed.
    case failed(child: String, failureType: String, reason: String)
    /// A child ended without failing, or because it was told to.
    case stopped(child: String)
    /// A child did not end in time after it was cancelled, and was left behind.
    case abandoned(child: String)
    /// What was decided.
    case decided(Decision, child: String)
    /// A child is started again after this delay; zero when the wait is over.
    case backoff(child: String, delay: Duration)
    /// The children failed more often than allowed.
    case intensityExceeded(child: String)
    /// A child's health was asked for.
    case healthChecked(child: String, HealthStatus)
    /// How many children are in which state: `running`, `waiting`, `stopped`; and how many of them are not healthy.
    case children([String: Int], unhealthy: Int, worst: HealthStatus)
}

/// Sees what supervisors do; the port through which logs, metrics and audit trails hear of it.
///
/// Observers are called on the supervisor and must not block.
public protocol SupervisionObserver: Sendable {
    /// Takes an event; `supervisor` is the path of names from the top, such as `root/workers`.
    func observe(_ event: SupervisionEvent, supervisor: String)
}
