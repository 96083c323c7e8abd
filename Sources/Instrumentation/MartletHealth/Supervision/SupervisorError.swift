/// Why a supervisor ended.
public enum SupervisorError: FailureTyped, Hashable, CustomStringConvertible {
    /// Its children failed more often than its intensity allows.
    case intensityExceeded(supervisor: String, child: String, reason: String, restartsMax: Int, window: Duration)

    /// The kind of failure as a metric's label.
    public var failureType: String { "intensity_exceeded" }

    /// What failed, with the last reason.
    public var description: String {
        switch self {
        case .intensityExceeded(let supervisor, let child, let reason, let restartsMax, let window):
            """
            supervisor \(supervisor) gave up: more than \(restartsMax) restarts in \(window); the last to fail was \
            \(child): \(reason)
            """
        }
    }
}
