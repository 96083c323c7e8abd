public import MartletCore

/// Keeps children running: starts them, asks for their health, restarts those that fail or are unhealthy, and gives up
/// when that happens too often.
///
/// ```swift
/// let workers = Supervisor("workers", strategy: .oneForOne)
/// await workers.add(ChildSpecification(actor: "cart") { CartActor() })
/// let root = Supervisor("root", strategy: .restForOne)
/// await root.add(ChildSpecification("database", connect))
/// await root.add(ChildSpecification(workers))
/// try await root.run()     // until the task is cancelled, or the root itself has given up
/// ```
///
/// Children start in the order added and end in the opposite one. A child that is unhealthy
/// ``ChildSpecification/healthThreshold`` times in a row is restarted like one that failed; a degraded one never is.
public actor Supervisor: ComponentHealth {
    /// The supervisor's name.
    public nonisolated let name: String

    /// The path of names from the top; the name alone until it runs below another.
    public private(set) var path: String

    private let strategy: SupervisionStrategy
    private let intensity: RestartIntensity
    private let timer: any MonotonicTimer
    private let observers: [any SupervisionObserver]
    private var specifications: [String: ChildSpecification] = [:]
    private var machine: SupervisionMachine
    private var lives: [String: Life] = [:]
    private var statuses: [String: HealthStatus] = [:]
    private var nextLife = 0
    private var isRunning = false
    private let endings: AsyncStream<Ending>
    private let report: AsyncStream<Ending>.Continuation

    /// The path of the supervisor that runs the current task.
    @TaskLocal private static var parentPath: String?

    /// How deep supervisors may stand below one another.
    private static let depthMax = 64

    private struct Life {
        let number: Int
        let task: Task<Void, Never>
        let done: FirstAnswer<Void>
        let watch: Task<Void, Never>?
    }

    private enum Ending: Sendable {
        case ended(child: String, life: Int, SupervisionMachine.Ending, reason: String)
        case checked(child: String, life: Int, HealthStatus)
        case due(children: [String], failure: String?, failedAt: Int64)
    }

    /// Creates a supervisor without children.
    ///
    /// - Parameters:
    ///   - name: The supervisor's name.
    ///   - strategy: Who is restarted when a child fails.
    ///   - intensity: How many restarts within how long are allowed.
    ///   - backoff: How long to wait before a restart.
    ///   - timer: The time.
    ///   - observers: Who hears of what happens.
    public init(
        _ name: String,
        strategy: SupervisionStrategy = .oneForOne,
        intensity: RestartIntensity = RestartIntensity(),
        backoff: RestartBackoff = RestartBackoff(),
        timer: any MonotonicTimer = SystemTimer(),
        observers: [any SupervisionObserver] = []
    ) {
        self.name = name
        path = name
        self.strategy = strategy
        self.intensity = intensity
        self.timer = timer
        self.observers = observers
        machine = SupervisionMachine(strategy: strategy, intensity: intensity, backoff: backoff)
        // Unbounded, yet small: a child's life ends once, and its health is asked for again only after it was told.
        (endings, report) = AsyncStream.makeStream()
    }

    // MARK: - Children

    /// Adds a child, which starts at once where the supervisor runs.
    ///
    /// - Returns: Whether it was added; a second child of the same name is not.
    @discardableResult
    public func add(_ child: ChildSpecification) -> Bool {
        guard machine.add(child.name, restart: child.restart) else { return false }
        specifications[child.name] = child
        if isRunning {
            start(child.name)
            tellChildren()
        }
        return true
    }

    /// Ends a child and forgets it.
    public func remove(_ child: String) async {
        await end([child])
        machine.remove(child)
        specifications[child] = nil
        statuses[child] = nil
        tellChildren()
    }

    /// The names of the children, in the order added.
    public var children: [String] { machine.order }

    /// The names of the children that run now.
    public var runningChildren: [String] { machine.order.filter { machine.children[$0]?.state == .running } }

    /// The worst of the children's states.
    ///
    /// A child that waits for its restart, or has ended in failure, is unhealthy.
    public func healthStatus() -> HealthStatus {
        machine.order.reduce(.healthy) { max($0, status(of: $1)) }
    }

    /// A check for each child, under the path of the supervisor, to be added to a ``HealthMonitor``.
    ///
    /// - Parameter isCritical: Whether the checks are critical.
    /// - Returns: The checks; children that are added later are not among them.
    public func healthChecks(isCritical: Bool = false) -> [ClosureHealthCheck] {
        machine.order.map { child in
            ClosureHealthCheck("\(path)/\(child)", isCritical: isCritical, component: "\(path)/\(child)") {
                [weak self] in
                guard let status = await self?.status(of: child) else { return .healthy("supervisor is gone") }
                return HealthResult(.state(status), "child is \(status)")
            }
        }
    }

    // MARK: - Running

    /// Runs the children until the task is cancelled, then ends them.
    ///
    /// - Throws: ``SupervisorError`` when the children fail too often; they have ended then.
    public func run() async throws {
        precondition(!isRunning, "supervisor \(name) runs already")
        isRunning = true
        path = Self.parentPath.map { "\($0)/\(name)" } ?? name
        let depth = path.split(separator: "/").count
        precondition(depth <= Self.depthMax, "supervisors stand at most \(Self.depthMax) deep; got \(path)")
        machine.reset()
        tell(.supervisorStarted(strategy: strategy, depth: depth))
        for child in machine.order { start(child) }
        tellChildren()
        let failure = await withTaskCancellationHandler {
            await supervise()
        } onCancel: {
            report.yield(.due(children: [], failure: nil, failedAt: -1))
        }
        isRunning = false
        await end(machine.order.reversed())
        tellChildren()
        if let failure { throw failure }
    }

    private func supervise() async -> SupervisorError? {
        for await event in endings {
            if Task.isCancelled { return nil }
            switch event {
            case .ended(let child, let life, let ending, let reason) where lives[child]?.number == life:
                if let failure = await take(child, ending, reason: reason) { return failure }
            case .checked(let child, let life, let status) where lives[child]?.number == life:
                if let failure = await take(child, status) { return failure }
            case .due(let children, let failure, let failedAt):
                for child in children where machine.children[child]?.state == .waiting && lives[child] == nil {
                    tell(.backoff(child: child, delay: .zero))
                    start(child, failure: failure, failedAt: failedAt)
                }
                tellChildren()
            default: break  // News of an earlier life.
            }
        }
        return nil
    }

    /// Decides about a child that has ended, or has to.
    private func take(
        _ child: String,
        _ ending: SupervisionMachine.Ending,
        reason: String
    ) async -> SupervisorError? {
        let now = timer.nanoseconds
        var failureType: String?
        if case .failed(let type) = ending {
            failureType = type
            statuses[child] = .unhealthy
            tell(.failed(child: child, failureType: type, reason: reason))
        } else {
            tell(.stopped(child: child))
        }
        lives[child]?.watch?.cancel()
        lives[child] = nil
        switch machine.ended(child, ending, at: now) {
        case .stop:
            tell(.decided(.stop, child: child))
        case .escalate:
            tell(.intensityExceeded(child: child))
            tell(.decided(.escalate, child: child))
            return .intensityExceeded(
                supervisor: path,
                child: child,
                reason: reason,
                restartsMax: intensity.restartsMax,
                window: intensity.window
            )
        case .restart(let affected, let delay):
            tell(.decided(.restart, child: child))
            await end(affected.reversed().filter { $0 != child })
            for other in affected where other != child { machine.wait(other) }
            tell(.backoff(child: child, delay: delay))
            let report = report
            let timer = timer
            Task {
                try? await timer.sleep(for: delay)
                report.yield(.due(children: affected, failure: failureType, failedAt: now))
            }
        }
        tellChildren()
        return nil
    }

    /// Takes what was found of a running child.
    private func take(_ child: String, _ status: HealthStatus) async -> SupervisorError? {
        statuses[child] = status
        tell(.healthChecked(child: child, status))
        let threshold = specifications[child]?.healthThreshold ?? 1
        guard machine.found(child, status, threshold: threshold) else {
            if status != .healthy { tell(.decided(.resume, child: child)) }
            tellChildren()
            return nil
        }
        await end([child])
        return await take(child, .failed(type: "unhealthy"), reason: "health is \(status)")
    }

    // MARK: - Lives

    private func start(_ child: String, failure: String? = nil, failedAt: Int64? = nil) {
        guard let specification = specifications[child] else { return }
        nextLife += 1
        let number = nextLife
        let done = FirstAnswer<Void>()
        let path = path
        let report = report
        let body = specification.body
        let task = Task {
            var ending = SupervisionMachine.Ending.returned
            var reason = "returned"
            do {
                try await Self.$parentPath.withValue(path, operation: body)
            } catch {
                ending = .failed(type: Self.failureType(of: error))
                reason = String(describing: error)
            }
            done.give(())
            report.yield(.ended(child: child, life: number, ending, reason: reason))
        }
        let watch = specification.health.map { self.watch(specification, $0, life: number) }
        lives[child] = Life(number: number, task: task, done: done, watch: watch)
        statuses[child] = .healthy
        let now = timer.nanoseconds
        machine.started(child, at: now)
        tell(
            .started(
                child: child,
                isRestart: failedAt != nil,
                failureType: failedAt == nil ? nil : failure ?? "returned",
                sinceFailure: failedAt.map { .nanoseconds(now - $0) }
            )
        )
    }

    /// Asks for a child's health on its interval; one that does not answer within an interval is unhealthy.
    private func watch(
        _ specification: ChildSpecification,
        _ health: @escaping @Sendable () async throws -> HealthStatus,
        life: Int
    ) -> Task<Void, Never> {
        let timer = timer
        let report = report
        let child = specification.name
        let interval = max(.milliseconds(1), specification.healthInterval)
        let question = HealthQuestion(health, timer: timer)
        return Task {
            while (try? await timer.sleep(for: interval)) != nil {
                report.yield(.checked(child: child, life: life, await question.ask(limit: interval)))
            }
        }
    }

    /// Ends children one after another and waits for each, but not for ever.
    private func end(_ children: [String]) async {
        for child in children {
            guard let life = lives.removeValue(forKey: child) else { continue }
            life.watch?.cancel()
            life.task.cancel()
            let timeout = specifications[child]?.shutdownTimeout ?? .seconds(5)
            let timer = timer
            let answer = FirstAnswer<Bool>()
            let alarm = Task { if (try? await timer.sleep(for: timeout)) != nil { answer.give(false) } }
            Task {
                await life.done.value
                answer.give(true)
            }
            let isDone = await answer.value
            alarm.cancel()
            machine.stopped(child)
            tell(isDone ? .stopped(child: child) : .abandoned(child: child))
        }
    }

    private func status(of child: String) -> HealthStatus {
        switch machine.children[child]?.state {
        case .running: statuses[child] ?? .healthy
        case .waiting: .unhealthy
        case .stopped, nil: statuses[child] == .unhealthy ? .unhealthy : .healthy
        }
    }

    // MARK: - Telling

    private func tell(_ event: SupervisionEvent) {
        for observer in observers { observer.observe(event, supervisor: path) }
    }

    private func tellChildren() {
        var counts: [String: Int] = [:]
        for state in SupervisionMachine.State.allCases { counts[state.rawValue] = machine.count(state) }
        let states = machine.order.map { status(of: $0) }
        tell(.children(counts, unhealthy: states.count { $0 != .healthy }, worst: states.max() ?? .healthy))
    }

    /// A word for the kind of an error: what it says itself, or its type with the case's name.
    static func failureType(of error: any Error) -> String {
        if let typed = error as? any FailureTyped { return typed.failureType }
        return String(describing: type(of: error))
    }
}
