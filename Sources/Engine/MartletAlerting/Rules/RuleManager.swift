public import MartletCore
public import MartletLogging
import Synchronization

/// Takes the alerts that have to be told; the rule engine's port to notification.
public protocol AlertReceiving: Sendable {
    /// Takes alerts that fire, still fire or have ended.
    func receive(_ alerts: [Alert]) async
}

/// Evaluates rule groups, each at its interval, and hands their alerts on.
///
/// An evaluation that is due while the group's previous one is still running is left out and counted.
public actor RuleManager {
    /// An alert that has ended, for the history.
    public struct PastAlert: Sendable, Hashable {
        /// The rule's name.
        public var rule: String

        /// The alert as it was when it ended.
        public var alert: ActiveAlert
    }

    private struct Entry {
        var state: RuleGroupState
        var schedule: EvaluationSchedule
        var task: Task<Void, Never>?
        var isEvaluating = false
        var generation = 0
        var due: Int64
    }

    /// How many ended alerts the history holds.
    public static let historyMax = 1000

    private var entries: [RuleGroup.Key: Entry] = [:]
    private var history: [PastAlert] = []
    private var isStarted = false
    private var evaluator: RuleEvaluator
    private nonisolated let published = Mutex<[RuleGroupState]>([])
    private let receiver: any AlertReceiving
    private let clock: any WallClock
    private let sleepMax: Int64
    private let executor: (any TaskExecutor)?
    private let log: Logger

    /// Creates a manager without groups.
    ///
    /// - Parameters:
    ///   - evaluator: Evaluates the groups.
    ///   - receiver: Takes the alerts.
    ///   - clock: Tells when groups are due.
    ///   - executor: Where evaluations run; they may take long and never suspend, so that a server gives them
    ///     threads of their own. `nil` for the shared ones.
    ///   - sleepMax: The longest sleep of a group, after which it looks at the clock again in case that was set.
    ///   - log: Where the life of alerts is told.
    public init(
        evaluator: RuleEvaluator,
        receiver: any AlertReceiving,
        clock: any WallClock = SystemWallClock(),
        executor: (any TaskExecutor)? = nil,
        sleepMax: Duration = .seconds(10),
        log: Logger = .silent
    ) {
        self.evaluator = evaluator
        self.receiver = receiver
        self.clock = clock
        self.executor = executor
        self.sleepMax = max(1, sleepMax.wholeMilliseconds)
        self.log = log
    }

    // MARK: - Life

    /// Replaces the groups; rules that are there before and after keep their alerts.
    ///
    /// Series of rules that are gone are marked stale. Of groups with one file and name the first counts.
    ///
    /// - Parameters:
    ///   - groups: The groups from now on.
    ///   - evaluator: What evaluates them from now on, where external labels or address have changed; `nil` for the
    ///     same as before.
    public func apply(_ groups: [RuleGroup], evaluator: RuleEvaluator? = nil) {
        if let evaluator { self.evaluator = evaluator }
        var wanted: [RuleGroup.Key: RuleGroup] = [:]
        for group in groups where wanted[group.key] == nil { wanted[group.key] = group }
        for (key, entry) in entries where wanted[key] == nil {
            entry.task?.cancel()
            entries[key] = nil
            // One that is being evaluated is given up when that has ended.
            if !entry.isEvaluating { self.evaluator.abandon(entry.state, at: clock.millisecondsSinceEpoch) }
        }
        for (key, group) in wanted where entries[key]?.state.group != group { replace(key, with: group) }
        publish()
    }

    private func replace(_ key: RuleGroup.Key, with group: RuleGroup) {
        var state = RuleGroupState(group)
        let earlier = entries[key]
        if let earlier { state.adopt(earlier.state) }
        let schedule = EvaluationSchedule(group)
        earlier?.task?.cancel()
        entries[key] = Entry(
            state: state,
            schedule: schedule,
            isEvaluating: earlier?.isEvaluating ?? false,
            generation: (earlier?.generation ?? 0) + 1,
            due: schedule.next(after: clock.millisecondsSinceEpoch)
        )
        if isStarted { startTask(key) }
    }

    /// Begins to evaluate; a second call does nothing.
    public func start() {
        guard !isStarted else { return }
        isStarted = true
        for key in entries.keys {
            guard let schedule = entries[key]?.schedule else { continue }
            entries[key]?.due = schedule.next(after: clock.millisecondsSinceEpoch)
            startTask(key)
        }
    }

    /// Ends evaluations and waits for those that run.
    public func stop() async {
        isStarted = false
        let tasks = entries.values.compactMap(\.task)
        for key in entries.keys { entries[key]?.task = nil }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func startTask(_ key: RuleGroup.Key) {
        guard let generation = entries[key]?.generation else { return }
        entries[key]?.task = Task(executorPreference: executor) { [weak self] in
            while !Task.isCancelled {
                guard let wait = await self?.step(key, generation: generation) else { return }
                try? await Task.sleep(for: .milliseconds(wait))
            }
        }
    }

    /// Evaluates a group if it is due; answers for how many milliseconds to sleep, or `nil` when the group is gone.
    private func step(_ key: RuleGroup.Key, generation: Int) async -> Int64? {
        guard let entry = entries[key], entry.generation == generation else { return nil }
        let now = clock.millisecondsSinceEpoch
        // After the clock was set back the old time would be long in coming.
        if entry.due - now > 2 * entry.schedule.interval { entries[key]?.due = entry.schedule.next(after: now) }
        if now >= entry.due {
            let time = entry.schedule.latest(notAfter: now)
            entries[key]?.due = time + entry.schedule.interval
            entries[key]?.state.missedEvaluations += UInt64(max(0, (time - entry.due) / entry.schedule.interval))
            await evaluate(key, at: time)
        }
        guard let due = entries[key]?.due else { return nil }
        return max(0, min(due - clock.millisecondsSinceEpoch, sleepMax))
    }

    // MARK: - Evaluation

    /// Evaluates all groups once, at a time in milliseconds since the epoch or else now.
    public func evaluateNow(at time: Int64? = nil) async {
        let time = time ?? clock.millisecondsSinceEpoch
        for key in entries.keys.sorted() { await evaluate(key, at: time) }
    }

    private func evaluate(_ key: RuleGroup.Key, at time: Int64) async {
        guard let entry = entries[key] else { return }
        guard !entry.isEvaluating else {
            entries[key]?.state.missedEvaluations += 1
            return
        }
        entries[key]?.isEvaluating = true
        let (state, outcome) = await Self.evaluated(entry.state, by: evaluator, at: time)
        finish(key, generation: entry.generation, state, at: time)
        tell(outcome, at: time)
        if !outcome.alerts.isEmpty { await receiver.receive(outcome.alerts) }
    }

    @concurrent
    private static func evaluated(
        _ state: RuleGroupState,
        by evaluator: RuleEvaluator,
        at time: Int64
    ) async -> (RuleGroupState, RuleEvaluator.Outcome) {
        var state = state
        let outcome = evaluator.evaluate(&state, at: time)
        return (state, outcome)
    }

    /// Puts an evaluated group back, which may have been replaced or removed meanwhile.
    private func finish(_ key: RuleGroup.Key, generation: Int, _ state: RuleGroupState, at time: Int64) {
        guard var entry = entries[key] else { return evaluator.abandon(state, at: time) }
        entry.isEvaluating = false
        var state = state
        state.missedEvaluations = entry.state.missedEvaluations
        if entry.generation == generation { entry.state = state } else { entry.state.adopt(state) }
        entries[key] = entry
        publish()
    }

    private func tell(_ outcome: RuleEvaluator.Outcome, at time: Int64) {
        for (rule, transition) in outcome.transitions {
            switch transition {
            case .pending(let alert):
                log.debug("Alert pending", ["rule": .string(rule), "labels": .string(alert.labels.description)])
            case .fired(let alert):
                log.warn(
                    "Alert firing",
                    [
                        "rule": .string(rule), "labels": .string(alert.labels.description),
                        "value": .double(alert.value),
                    ]
                )
            case .resolved(let alert):
                let milliseconds = time - (alert.firedAt ?? alert.activeAt)
                log.info(
                    "Alert resolved",
                    [
                        "rule": .string(rule), "labels": .string(alert.labels.description),
                        "duration_seconds": .double(Double(milliseconds) / 1000),
                    ]
                )
                history.append(PastAlert(rule: rule, alert: alert))
                if history.count > Self.historyMax { history.removeFirst(history.count - Self.historyMax) }
            }
        }
    }

    // MARK: - Looking

    /// The groups with what is known of their rules, ordered by file and name.
    public var groups: [RuleGroupState] {
        entries.sorted { $0.key < $1.key }.map(\.value.state)
    }

    /// The groups as they were after the last change or evaluation; it waits for nobody, so that pages can show it.
    public nonisolated var snapshot: [RuleGroupState] { published.withLock { $0 } }

    private func publish() {
        let groups = groups
        published.withLock { $0 = groups }
    }

    /// The alerts that are pending or firing.
    public var activeAlerts: [ActiveAlert] {
        allAlerts.filter { $0.state != .inactive }
    }

    /// The alerts that are pending, firing or resolved within the last quarter of an hour.
    public var allAlerts: [ActiveAlert] {
        groups.flatMap { $0.rules.flatMap { $0.machine.alerts.values.sorted { $0.labels < $1.labels } } }
    }

    /// The latest ``historyMax`` alerts that ended, oldest first; kept in memory only.
    public var pastAlerts: [PastAlert] { history }
}
