import Synchronization

/// The actor that lives now, of those that a child's restarts have made.
final class CurrentActor<Child: SupervisedActor>: Sendable {
    private let current = Mutex<Child?>(nil)

    func set(_ child: Child) {
        current.withLock { $0 = child }
    }

    func healthStatus() async -> HealthStatus {
        guard let child = current.withLock(\.self) else { return .healthy }
        return await child.healthStatus()
    }
}
