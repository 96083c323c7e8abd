/// A check made of a closure.
public struct ClosureHealthCheck: HealthCheck {
    /// The check's name.
    public var name: String

    /// Whether the program cannot do its work when this fails.
    public var isCritical: Bool

    /// What the check looks at.
    public var kind: HealthKind

    /// The component that the check belongs to.
    public var component: String

    /// How often the check runs.
    public var interval: Duration?

    /// How long a run may take.
    public var timeout: Duration?

    /// How many failures in a row it takes until the state changes.
    public var statusThreshold: Int?

    /// Whether the closure blocks its thread.
    public var isBlocking: Bool

    private let body: @Sendable () async throws -> HealthResult

    /// Creates a check.
    public init(
        _ name: String,
        isCritical: Bool = false,
        kind: HealthKind = .component,
        component: String = "",
        interval: Duration? = nil,
        timeout: Duration? = nil,
        statusThreshold: Int? = nil,
        isBlocking: Bool = false,
        _ body: @escaping @Sendable () async throws -> HealthResult
    ) {
        self.name = name
        self.isCritical = isCritical
        self.kind = kind
        self.component = component
        self.interval = interval
        self.timeout = timeout
        self.statusThreshold = statusThreshold
        self.isBlocking = isBlocking
        self.body = body
    }

    /// Calls the closure.
    ///
    /// - Throws: What the closure throws.
    public func check() async throws -> HealthResult { try await body() }
}
