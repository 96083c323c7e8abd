/// What one run of a check found.
public struct HealthResult: Sendable, Hashable {
    /// What the check says of the state.
    public enum Verdict: Sendable, Hashable {
        /// All is well.
        case passed
        /// It failed; how bad that is follows from the check's weight and the number of failures in a row.
        ///
        /// A check that is not critical becomes degraded, and unhealthy from the monitor's alert threshold on; a
        /// critical one becomes unhealthy, and critical from that threshold on.
        case failed
        /// The check knows the state itself.
        case state(HealthStatus)
    }

    /// What the check says of the state.
    public var verdict: Verdict

    /// What it found, in words.
    public var message: String

    /// The particulars, by name.
    public var details: [String: HealthValue]

    /// How long the check took; the monitor fills it in where the check does not.
    public var responseTime: Duration?

    /// Creates a result.
    public init(
        _ verdict: Verdict,
        _ message: String,
        details: [String: HealthValue] = [:],
        responseTime: Duration? = nil
    ) {
        self.verdict = verdict
        self.message = message
        self.details = details
        self.responseTime = responseTime
    }

    /// Whether all is well.
    public var isHealthy: Bool { verdict == .passed || verdict == .state(.healthy) }

    /// All is well.
    public static func healthy(_ message: String, details: [String: HealthValue] = [:]) -> HealthResult {
        HealthResult(.passed, message, details: details)
    }

    /// It failed; the monitor decides how bad that is.
    public static func failed(_ message: String, details: [String: HealthValue] = [:]) -> HealthResult {
        HealthResult(.failed, message, details: details)
    }

    /// It works, with issues.
    public static func degraded(_ message: String, details: [String: HealthValue] = [:]) -> HealthResult {
        HealthResult(.state(.degraded), message, details: details)
    }

    /// It does not work and needs a restart.
    public static func unhealthy(_ message: String, details: [String: HealthValue] = [:]) -> HealthResult {
        HealthResult(.state(.unhealthy), message, details: details)
    }

    /// It does not work, and people have to know at once.
    public static func critical(_ message: String, details: [String: HealthValue] = [:]) -> HealthResult {
        HealthResult(.state(.critical), message, details: details)
    }
}
