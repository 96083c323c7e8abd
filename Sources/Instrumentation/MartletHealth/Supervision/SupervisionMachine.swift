/// What a supervisor does about its children: endings in, decisions out.
///
/// Times are nanoseconds of one timer.
struct SupervisionMachine {
    /// A child's life as the supervisor sees it.
    enum State: String, CaseIterable {
        case running, waiting, stopped
    }

    /// How a child ended, or why it has to.
    enum Ending {
        case returned
        case failed(type: String)
    }

    enum Decision: Equatable {
        /// These children are ended and, after the delay, started, in the order given.
        case restart([String], after: Duration)
        /// The child stays ended.
        case stop
        /// The children fail too often: the supervisor gives up.
        case escalate
    }

    struct Child {
        let restart: ChildSpecification.Restart
        var state = State.stopped
        var startedAt: Int64 = 0
        var failuresInRow = 0
        var unhealthyInRow = 0
    }

    let strategy: SupervisionStrategy
    let intensity: RestartIntensity
    let backoff: RestartBackoff
    private(set) var order: [String] = []
    private(set) var children: [String: Child] = [:]
    /// When children were restarted, within the window.
    private var restarts: [Int64] = []

    init(strategy: SupervisionStrategy, intensity: RestartIntensity, backoff: RestartBackoff) {
        self.strategy = strategy
        self.intensity = intensity
        self.backoff = backoff
    }

    mutating func add(_ name: String, restart: ChildSpecification.Restart) -> Bool {
        guard children[name] == nil else { return false }
        order.append(name)
        children[name] = Child(restart: restart)
        return true
    }

    mutating func remove(_ name: String) {
        children[name] = nil
        order.removeAll { $0 == name }
    }

    mutating func started(_ name: String, at time: Int64) {
        children[name]?.state = .running
        children[name]?.startedAt = time
        children[name]?.unhealthyInRow = 0
    }

    /// Notes that a child was ended to be started again together with another.
    mutating func wait(_ name: String) { children[name]?.state = .waiting }

    mutating func stopped(_ name: String) { children[name]?.state = .stopped }

    /// Decides about a child that has ended.
    mutating func ended(_ name: String, _ ending: Ending, at time: Int64) -> Decision {
        guard var child = children[name] else { return .stop }
        let isFailure = if case .failed = ending { true } else { false }
        let isRestarted = child.restart == .permanent || (child.restart == .transient && isFailure)
        guard isRestarted else {
            children[name]?.state = .stopped
            return .stop
        }
        let ran = time - child.startedAt
        child.failuresInRow = .nanoseconds(ran) >= backoff.resetAfter ? 1 : child.failuresInRow + 1
        child.state = .waiting
        children[name] = child
        guard noteRestart(at: time) else {
            children[name]?.state = .stopped
            return .escalate
        }
        let affected = affected(by: name)
        for other in affected { children[other]?.state = .waiting }
        return .restart(affected, after: backoff.delay(afterFailures: child.failuresInRow))
    }

    /// Takes the state a child was found in; says whether it has to be restarted.
    ///
    /// Degraded is not a reason: it works.
    mutating func found(_ name: String, _ status: HealthStatus, threshold: Int) -> Bool {
        guard children[name]?.state == .running else { return false }
        guard status >= .unhealthy else {
            children[name]?.unhealthyInRow = 0
            return false
        }
        let count = (children[name]?.unhealthyInRow ?? 0) + 1
        children[name]?.unhealthyInRow = count
        return count >= max(1, threshold)
    }

    /// Forgets the restarts: a new life of the supervisor.
    mutating func reset() {
        restarts = []
        for name in order { children[name]?.failuresInRow = 0 }
    }

    func count(_ state: State) -> Int { children.values.count { $0.state == state } }

    private func affected(by name: String) -> [String] {
        guard let place = order.firstIndex(of: name) else { return [] }
        let candidates =
            switch strategy {
            case .oneForOne: order[place...place]
            case .oneForAll: order[...]
            case .restForOne: order[place...]
            }
        // One that ended for good, or was never to come back, stays so.
        return candidates.filter { $0 == name || children[$0]?.state != .stopped }
    }

    private mutating func noteRestart(at time: Int64) -> Bool {
        restarts.removeAll { .nanoseconds(time - $0) >= intensity.window }
        guard restarts.count < intensity.restartsMax else { return false }
        restarts.append(time)
        return true
    }
}
