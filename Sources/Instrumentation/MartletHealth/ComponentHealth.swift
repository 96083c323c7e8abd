/// A part of a program that knows how it is.
///
/// Degraded means that it works, with issues; unhealthy that it needs a restart, which a ``Supervisor`` gives.
public protocol ComponentHealth: Sendable {
    /// How the component is.
    func healthStatus() async -> HealthStatus
}

/// A check that asks a component.
struct ComponentHealthCheck: HealthCheck {
    let name: String
    let isCritical: Bool
    let component: String
    let statusThreshold: Int?
    let subject: any ComponentHealth

    func check() async -> HealthResult {
        let status = await subject.healthStatus()
        return HealthResult(.state(status), status == .healthy ? "component is healthy" : "component is \(status)")
    }
}
