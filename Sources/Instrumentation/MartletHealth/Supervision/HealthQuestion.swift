import MartletCore
import Synchronization

/// Asks for a health state again and again; while a question has no answer, none is asked beside it.
final class HealthQuestion: Sendable {
    private let isOpen = Atomic(false)
    private let health: @Sendable () async throws -> HealthStatus
    private let timer: any MonotonicTimer

    init(_ health: @escaping @Sendable () async throws -> HealthStatus, timer: any MonotonicTimer) {
        self.health = health
        self.timer = timer
    }

    /// The state; unhealthy where the answer is an error or takes longer than the limit.
    func ask(limit: Duration) async -> HealthStatus {
        if isOpen.exchange(true, ordering: .acquiringAndReleasing) { return .unhealthy }
        let answer = FirstAnswer<HealthStatus>()
        Task {
            let status = (try? await health()) ?? .unhealthy
            isOpen.store(false, ordering: .releasing)
            answer.give(status)
        }
        let timer = timer
        let alarm = Task { if (try? await timer.sleep(for: limit)) != nil { answer.give(.unhealthy) } }
        let status = await answer.value
        alarm.cancel()
        return status
    }
}
