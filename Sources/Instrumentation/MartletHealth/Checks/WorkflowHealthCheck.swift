import MartletCore

/// Judges a workflow engine by its validations and its security over the last five minutes.
public struct WorkflowHealthCheck: HealthCheck {
    /// `workflow` unless said otherwise.
    public let name: String

    /// Critical.
    public let isCritical = true

    private let window: Duration
    private let successRateMin: Double
    private let successRate: @Sendable (Duration) async throws -> Double?
    private let criticalViolations: @Sendable (Duration) async throws -> Int

    /// Creates the check.
    ///
    /// - Parameters:
    ///   - name: The check's name.
    ///   - window: How far back is looked; five minutes unless said otherwise.
    ///   - successRateMin: The lowest good share of successful validations.
    ///   - successRate: The share over a window, from 0 through 1; `nil` where nothing was validated.
    ///   - criticalViolations: The number of critical security violations in a window.
    public init(
        _ name: String = "workflow",
        window: Duration = .seconds(300),
        successRateMin: Double = 0.9,
        successRate: @escaping @Sendable (Duration) async throws -> Double?,
        criticalViolations: @escaping @Sendable (Duration) async throws -> Int
    ) {
        self.name = name
        self.window = window
        self.successRateMin = successRateMin
        self.successRate = successRate
        self.criticalViolations = criticalViolations
    }

    /// How a workflow engine is, in the short form that load balancers of such engines read.
    public struct Verdict: Sendable, Hashable {
        /// Why it is not healthy; `nil` when it is.
        public let reason: String?

        /// The share of successful validations in the window; `nil` where nothing was validated.
        public let successRate: Double?

        /// `healthy` or `unhealthy`.
        public var status: String { reason == nil ? "healthy" : "unhealthy" }

        /// `{"status":"unhealthy","reason":"…"}`, or `{"status":"healthy","success_rate":0.97}`.
        public var json: String {
            if let reason { return "{\"status\":\"unhealthy\",\"reason\":\(JSONText.quoted(reason))}" }
            return "{\"status\":\"healthy\",\"success_rate\":\(successRate.map(FloatText.shortest) ?? "null")}"
        }
    }

    /// Judges now.
    ///
    /// - Throws: What the readings throw.
    public func verdict() async throws -> Verdict {
        let rate = try await successRate(window)
        if let rate, rate < successRateMin { return Verdict(reason: "High validation failure rate", successRate: rate) }
        let violations = try await criticalViolations(window)
        return Verdict(reason: violations > 0 ? "Critical security violations" : nil, successRate: rate)
    }

    /// Looks.
    ///
    /// - Throws: What the readings throw.
    public func check() async throws -> HealthResult {
        let verdict = try await verdict()
        let details: [String: HealthValue] = verdict.successRate.map { ["success_rate": .double($0)] } ?? [:]
        return verdict.reason.map { .unhealthy($0, details: details) }
            ?? .healthy("Workflow is healthy", details: details)
    }
}
