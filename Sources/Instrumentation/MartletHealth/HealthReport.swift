/// How the whole is, and each check.
public struct HealthReport: Sendable, Hashable {
    /// How the state of the whole follows from the checks.
    public enum Mode: String, Sendable, CaseIterable {
        /// The worst of the critical checks; the others make it degraded at most.
        case fourStates = "standard"
        /// Three words: critical as soon as a critical check is not healthy, degraded as soon as another is not, healthy
        /// otherwise.
        case threeWords = "s0"

        /// The state of the whole.
        public func overall(_ records: some Sequence<HealthRecord>) -> HealthStatus {
            records.reduce(.healthy) { max($0, contribution(of: $1)) }
        }

        private func contribution(of record: HealthRecord) -> HealthStatus {
            switch self {
            case .fourStates: record.isCritical ? record.status : min(record.status, .degraded)
            case .threeWords: record.isHealthy ? .healthy : record.isCritical ? .critical : .degraded
            }
        }
    }

    /// The state of the whole.
    public let status: HealthStatus

    /// What is known of each check, in the order added.
    public let checks: [HealthRecord]

    /// When this was put together, in milliseconds since the epoch.
    public let timestamp: Int64

    /// How ``status`` follows from ``checks``.
    public let mode: Mode

    /// Puts a report together.
    public init(_ checks: [HealthRecord], mode: Mode = .fourStates, timestamp: Int64) {
        status = mode.overall(checks)
        self.checks = checks
        self.timestamp = timestamp
        self.mode = mode
    }

    /// Whether each check has run at least once.
    public var isComplete: Bool { checks.allSatisfy { $0.lastCheck != nil } }

    /// What is not well, one line a check: `cache: connection refused`.
    public var issues: [String] { checks.filter { !$0.isHealthy }.map { "\($0.name): \($0.message)" } }

    /// The status code for load balancers: 200 for healthy and degraded, 503 for unhealthy and critical.
    ///
    /// - Parameter isAlways200: Whether the answer is 200 in any case, for those who read the body.
    /// - Returns: 200 or 503.
    public func httpStatusCode(isAlways200: Bool = false) -> Int {
        isAlways200 || status <= .degraded ? 200 : 503
    }

    /// The components with their parts, from the checks' paths.
    public var components: HealthComponent { HealthComponent(self) }
}
