public import MartletCore
import Synchronization

/// Runs checks on their intervals and remembers what they found.
///
/// ```swift
/// let health = HealthMonitor()
/// health.register("cache", kind: .dependency) {
///     try await cache.ping()
///     return .healthy("cache answers")
/// }
/// health.start()
/// …
/// let report = health.report   // never runs a check
/// ```
///
/// A check runs at once when the monitor starts, then on its interval, shifted by a part of ``Configuration/jitter`` that
/// its name decides, so that many checks don't run at one moment. Asking for the report, however often, runs nothing. A
/// check that hangs is given up after its timeout and isn't started again until it has come back, so that one bad check
/// holds one task and delays no other.
public final class HealthMonitor: Sendable {
    struct State {
        var checks: [String: CheckState] = [:]
        var order: [String] = []
        var observers: [any HealthObserver] = []
        var history: [HealthTransition] = []
        var historyDropped: UInt64 = 0
        var overall: HealthStatus = .healthy
        var isRunning = false
        var subscribers: [Int: AsyncStream<HealthTransition>.Continuation] = [:]
        var nextSubscriber = 0
    }

    /// How the monitor works.
    public let configuration: Configuration

    let clock: any WallClock
    let timer: any MonotonicTimer
    let state = Mutex(State())
    let blocking = BlockingExecutor()

    /// Creates a monitor without checks.
    ///
    /// - Parameters:
    ///   - configuration: Intervals, timeouts, thresholds and bounds.
    ///   - clock: The time of day, for records.
    ///   - timer: The time that intervals and timeouts are measured by.
    public init(
        _ configuration: Configuration = Configuration(),
        clock: any WallClock = SystemWallClock(),
        timer: any MonotonicTimer = SystemTimer()
    ) {
        self.configuration = configuration
        self.clock = clock
        self.timer = timer
    }

    deinit {
        for check in state.withLock({ $0.checks }).values { check.loop?.cancel() }
    }

    // MARK: - Checks

    /// Adds a check; one of the same name is replaced.
    ///
    /// On a running monitor the check runs at once.
    ///
    /// - Returns: Whether there was room; a monitor has at most ``Configuration/checksMax`` checks.
    @discardableResult
    public func add(_ check: some HealthCheck) -> Bool {
        let (previous, isAdded) = state.withLock { state -> (Task<Void, Never>?, Bool) in
            let previous = state.checks[check.name]
            guard previous != nil || state.checks.count < configuration.checksMax else { return (nil, false) }
            if previous == nil { state.order.append(check.name) }
            var fresh = CheckState(check, configuration)
            if state.isRunning { fresh.loop = loop(of: check) }
            state.checks[check.name] = fresh
            return (previous?.loop, true)
        }
        previous?.cancel()
        return isAdded
    }

    /// Adds a closure as a check.
    ///
    /// - Parameters:
    ///   - name: The check's name.
    ///   - isCritical: Whether the program cannot do its work when this fails.
    ///   - kind: What the check looks at.
    ///   - component: The component that the check belongs to, as a path such as `shop/cart`.
    ///   - body: Looks, and says how it is.
    /// - Returns: Whether there was room.
    @discardableResult
    public func register(
        _ name: String,
        isCritical: Bool = false,
        kind: HealthKind = .component,
        component: String = "",
        _ body: @escaping @Sendable () async throws -> HealthResult
    ) -> Bool {
        add(ClosureHealthCheck(name, isCritical: isCritical, kind: kind, component: component, body))
    }

    /// Adds a closure that says only yes or no, or throws.
    ///
    /// - Parameters:
    ///   - name: The check's name.
    ///   - isCritical: Whether the program cannot do its work when this fails.
    ///   - kind: What the check looks at.
    ///   - component: The component that the check belongs to.
    ///   - isGood: Whether all is well.
    /// - Returns: Whether there was room.
    @discardableResult
    public func add(
        _ name: String,
        isCritical: Bool = false,
        kind: HealthKind = .component,
        component: String = "",
        where isGood: @escaping @Sendable () async throws -> Bool
    ) -> Bool {
        register(name, isCritical: isCritical, kind: kind, component: component) {
            try await isGood() ? .healthy("\(name) is healthy") : .failed("\(name) failed")
        }
    }

    /// Adds a component that knows how it is.
    ///
    /// - Parameters:
    ///   - subject: The component.
    ///   - path: Where it stands, such as `shop/cart`; its check has this name.
    ///   - isCritical: Whether the program cannot do its work without it.
    /// - Returns: Whether there was room.
    @discardableResult
    public func add(component subject: some ComponentHealth, at path: String, isCritical: Bool = false) -> Bool {
        add(
            ComponentHealthCheck(
                name: path,
                isCritical: isCritical,
                component: path,
                statusThreshold: nil,
                subject: subject
            )
        )
    }

    /// Takes a check away; does nothing where there is none of that name.
    public func remove(named name: String) {
        let (removed, events) = state.withLock { state -> (CheckState?, [HealthEvent]) in
            guard let removed = state.checks.removeValue(forKey: name) else { return (nil, []) }
            state.order.removeAll { $0 == name }
            return (removed, [.removed(name: name)] + overallEvents(&state, at: clock.millisecondsSinceEpoch))
        }
        removed?.loop?.cancel()
        tell(events)
    }

    /// The names of the checks, in the order added.
    public var checkNames: [String] { state.withLock(\.order) }

    // MARK: - Running

    /// Begins to run the checks; does nothing on a running monitor.
    public func start() {
        state.withLock { state in
            guard !state.isRunning else { return }
            state.isRunning = true
            for name in state.order {
                if let check = state.checks[name]?.check { state.checks[name]?.loop = loop(of: check) }
            }
        }
    }

    /// Ends the checks and every stream of changes; what is known stays.
    public func stop() {
        let (loops, subscribers) = state.withLock { state in
            state.isRunning = false
            let loops = state.checks.values.compactMap(\.loop)
            for name in state.order { state.checks[name]?.loop = nil }
            let subscribers = Array(state.subscribers.values)
            state.subscribers = [:]
            return (loops, subscribers)
        }
        for loop in loops { loop.cancel() }
        for subscriber in subscribers { subscriber.finish() }
    }

    /// Whether checks run on their intervals.
    public var isRunning: Bool { state.withLock(\.isRunning) }

    /// Runs all checks now, side by side, and waits for them; each has its timeout.
    ///
    /// A check that runs already is joined, not started twice.
    ///
    /// - Returns: What is known afterwards.
    @discardableResult
    public func runAllChecks() async -> HealthReport {
        await withDiscardingTaskGroup { group in
            for name in checkNames { group.addTask { await self.run(named: name) } }
        }
        return report
    }

    /// What is known, after running the checks if any of it is older than so long.
    ///
    /// For a service that asks now and then instead of starting the monitor; requests that come together share a run.
    ///
    /// - Parameter age: How old a result may be.
    /// - Returns: What is known then.
    public func report(notOlderThan age: Duration) async -> HealthReport {
        let now = clock.millisecondsSinceEpoch
        let stale = state.withLock { state in
            state.order.filter { name in
                guard let last = state.checks[name]?.record.lastCheck else { return true }
                return Duration.milliseconds(now - last) > age
            }
        }
        await withDiscardingTaskGroup { group in
            for name in stale { group.addTask { await self.run(named: name) } }
        }
        return report
    }

    // MARK: - What is known

    /// What is known now; runs no check.
    public var report: HealthReport {
        let records = state.withLock { state in state.order.compactMap { state.checks[$0]?.record } }
        return HealthReport(records, mode: configuration.mode, timestamp: clock.millisecondsSinceEpoch)
    }

    /// Whether the whole is healthy.
    public var isHealthy: Bool { report.status.isHealthy }

    /// What is not well, one line a check: `cache: connection refused`.
    public var issues: [String] { report.issues }

    /// The last runs of a check, oldest first; empty where there is none of that name.
    public func runs(of name: String) -> [HealthRun] { state.withLock { $0.checks[name]?.runs ?? [] } }

    /// The changes of state, oldest first.
    ///
    /// - Parameters:
    ///   - since: Only changes at or after this time, in milliseconds since the epoch.
    ///   - check: Only those of the check; the empty name asks for those of the whole.
    /// - Returns: At most ``Configuration/historyMax`` changes; older ones are forgotten.
    public func history(since: Int64 = .min, check: String? = nil) -> [HealthTransition] {
        state.withLock(\.history).filter { $0.time >= since && (check == nil || $0.check == check) }
    }

    /// How many changes were forgotten because there were too many.
    public var historyDropped: UInt64 { state.withLock(\.historyDropped) }

    // MARK: - Hearing of changes

    /// Adds an observer, which hears of everything from now on.
    public func add(observer: some HealthObserver) {
        state.withLock { $0.observers.append(observer) }
    }

    /// The changes of state from now on, until the monitor stops or the reader leaves.
    ///
    /// A reader that is slow loses the oldest changes above 64; one beyond 64 readers gets an ended stream.
    public func changes() -> AsyncStream<HealthTransition> {
        let (stream, continuation) = AsyncStream<HealthTransition>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let id: Int? = state.withLock { state in
            guard state.subscribers.count < 64 else { return nil }
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = continuation
            return state.nextSubscriber
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.subscribers.removeValue(forKey: id) }
        }
        return stream
    }
}
