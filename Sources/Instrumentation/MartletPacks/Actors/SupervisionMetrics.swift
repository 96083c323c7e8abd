public import MartletHealth
import MartletMetrics

/// Records what supervisors do as metrics.
public struct SupervisionMetrics: SupervisionObserver {
    private let metrics: ActorMetrics

    init(_ metrics: ActorMetrics) {
        self.metrics = metrics
    }

    /// Takes an event.
    public func observe(_ event: SupervisionEvent, supervisor: String) {
        let families = metrics.supervisors
        let system = metrics.system
        func child(_ name: String) -> String { metrics.label(actorClass: name, path: "\(supervisor)/\(name)") }
        switch event {
        case .supervisorStarted(let strategy, let depth):
            families.strategy[system, supervisor, strategy.rawValue].set(to: 1)
            let deepest = families.treeDepth[system]
            if Double(depth) > deepest.value { deepest.set(to: depth) }
        case .started(let name, let isRestart, let type, let sinceFailure):
            metrics.lifecycle.spawns[system, child(name)].increment()
            let alive = metrics.lifecycle.alive[system, child(name)]
            alive.increment()
            let peak = metrics.lifecycle.peakAlive[system, child(name)]
            if alive.value > peak.value { peak.set(to: alive.value) }
            guard isRestart else { return }
            families.restarts[labels: [system, supervisor, child(name), type ?? "unknown"]].increment()
            if let sinceFailure { families.restartDuration[system, supervisor].observe(sinceFailure) }
        case .failed(let name, let type, _):
            families.failures[labels: [system, supervisor, child(name), type]].increment()
            ended(child(name), reason: "failure")
        case .stopped(let name): ended(child(name), reason: "normal")
        case .abandoned(let name): ended(child(name), reason: "abandoned")
        case .decided(let decision, _):
            families.decisions[system, supervisor, decision.rawValue].increment()
            if decision == .escalate { families.escalations[system, supervisor].increment() }
        case .backoff(let name, let delay):
            families.backoff[system, supervisor, child(name)].set(to: delay / .seconds(1))
        case .intensityExceeded: families.restartIntensityExceeded[system, supervisor].increment()
        case .healthChecked(_, let status): families.healthChecks[system, supervisor, status.rawValue].increment()
        case .children(let counts, let unhealthy, let worst):
            for (state, count) in counts { families.children[system, supervisor, state].set(to: count) }
            families.unhealthyChildren[system, supervisor].set(to: unhealthy)
            families.healthStatus[system, supervisor].set(to: worst.level)
        }
    }

    private func ended(_ child: String, reason: String) {
        metrics.lifecycle.shutdowns[metrics.system, child, reason].increment()
        metrics.lifecycle.alive[metrics.system, child].decrement()
    }
}
