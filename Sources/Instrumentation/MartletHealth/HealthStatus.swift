/// How well something works, from well to not at all.
///
/// The order is that of aggregation: the state of a whole is the worst of its parts' states.
public enum HealthStatus: String, Sendable, CaseIterable, Comparable {
    /// All is well.
    case healthy
    /// It works, with issues; nothing needs a restart.
    case degraded
    /// It does not work and needs a restart.
    case unhealthy
    /// It does not work, and people have to know at once.
    case critical

    /// The state as a number from 0, healthy, through 3, critical; what the metrics show.
    public var level: Int {
        switch self {
        case .healthy: 0
        case .degraded: 1
        case .unhealthy: 2
        case .critical: 3
        }
    }

    /// Whether all is well; false for degraded too.
    public var isHealthy: Bool { self == .healthy }

    /// Orders from well to not at all.
    public static func < (left: HealthStatus, right: HealthStatus) -> Bool { left.level < right.level }
}
