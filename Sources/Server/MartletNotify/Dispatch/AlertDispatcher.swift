public import MartletAlerting
public import MartletCore
public import MartletLogging
public import MartletSeries

/// Takes the alerts of rules and other senders, groups and routes them, and sees to it that receivers are told.
///
/// What is told, and when, is decided by ``AlertDispatch``; this actor keeps the time, the channels and the durable state.
/// A notification is on the disk before it is sent, and leaves it when the receiver has answered.
public actor AlertDispatcher: AlertReceiving {
    /// How long the loop sleeps at most while there are groups.
    private static let tick: Duration = .milliseconds(500)

    /// How many changes are kept for another try while the disk takes none.
    private static let unsavedMax = 200_000

    var dispatch = AlertDispatch(AlertPlan())
    private var queues: [NotificationChannel.ID: ChannelQueue] = [:]
    private var senders: [NotificationChannel.ID: any NotificationSending] = [:]
    private var loop: Task<Void, Never>?
    private var isRunning = false
    private var unsaved: [AlertStore.Operation] = []
    private var restored: AlertStore.Restored?
    private var saveFailures: UInt64 = 0
    private var isStateFailing = false
    let clock: any WallClock
    let store: AlertStore?
    private let environment: DeliveryEnvironment
    private let log: Logger

    /// Creates a dispatcher that tells nobody until ``apply(_:senders:)``.
    ///
    /// - Parameters:
    ///   - store: Where the state outlives a restart; `nil` to keep it in memory only.
    ///   - clock: Tells the time.
    ///   - policy: How deliveries are tried again.
    ///   - log: Where failures are told.
    ///   - pause: Waits; replaced by tests.
    ///   - chance: A random number from 0 up to 1.
    public init(
        store: AlertStore? = nil,
        clock: any WallClock = SystemWallClock(),
        policy: RetryPolicy = RetryPolicy(),
        log: Logger = .silent,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.store = store
        self.clock = clock
        self.log = log
        environment = DeliveryEnvironment(clock: clock, policy: policy, pause: pause, chance: chance, log: log)
    }

    // MARK: - Configuration

    /// Replaces routes and channels by ones of any kind.
    public func apply(route: Route?, senders: [NotificationChannel: any NotificationSending]) async {
        await apply(AlertPlan(route: route), senders: senders)
    }

    /// Replaces what is told to whom; the plan's channels are those of the senders.
    ///
    /// What was told stays told.
    public func apply(_ plan: AlertPlan, senders wanted: [NotificationChannel: any NotificationSending]) async {
        var plan = plan
        plan.channels = [:]
        for channel in wanted.keys.sorted(by: { $0.id < $1.id }) {
            plan.channels[channel.id.receiver, default: []].append(channel)
        }
        senders = Dictionary(wanted.map { ($0.key.id, $0.value) }, uniquingKeysWith: { $1 })
        let removed = queues.filter { senders[$0.key] == nil }
        for id in removed.keys { queues[id] = nil }
        dispatch.apply(plan, at: clock.millisecondsSinceEpoch)
        if let restored {
            // Only now is it known which groups the alerts belong to.
            dispatch.restore(
                records: restored.records,
                silences: restored.silences,
                told: restored.told,
                underway: restored.outbox.map(\.notification),
                nextID: restored.nextID,
                at: clock.millisecondsSinceEpoch
            )
        }
        for (id, sender) in senders {
            if let queue = queues[id] {
                await queue.replace(sender: sender)
            } else {
                queues[id] = queue(id, sender)
            }
        }
        for queue in removed.values { await queue.stop(within: .zero) }
        await takeUpOutbox()
        startLoop()
    }

    private func queue(_ id: NotificationChannel.ID, _ sender: any NotificationSending) -> ChannelQueue {
        ChannelQueue(id, sender: sender, environment: environment) { [weak self] in
            await self?.settle($0, $1)
        } note: { [weak self] in
            await self?.note($0, attempts: $1, $2)
        }
    }

    /// Takes back what was there before a restart; called once, before ``apply(_:senders:)``.
    public func restore(patterns: any PatternCompiler) async {
        guard let store else { return }
        do {
            let restored = try await store.restore(patterns: patterns)
            self.restored = restored
            if restored.damaged > 0 {
                log.error("rows of the alerting state cannot be read", ["rows": LogValue(restored.damaged)])
            }
        } catch {
            log.error("the alerting state cannot be read", ["error": .string(String(describing: error))])
        }
    }

    /// Sends what was on its way before a restart; messages for channels that are gone are given up.
    private func takeUpOutbox() async {
        let outbox = restored?.outbox ?? []
        restored = nil
        for (notification, attempts) in outbox {
            if let queue = queues[notification.channel] {
                await queue.enqueue(notification, attempts: attempts)
            } else {
                let error = DeliveryError(.cancelled, "the channel is no longer in the configuration")
                await settle(notification, .failed(error, attempts: attempts))
            }
        }
    }

    // MARK: - Life

    /// Begins to look at groups as their time comes; a second call does nothing.
    public func start() {
        isRunning = true
        startLoop()
    }

    /// Ends: nothing new is told, and what is under way gets a while to arrive; the outbox keeps the rest.
    public func stop(within grace: Duration = .seconds(5)) async {
        isRunning = false
        let running = loop
        loop = nil
        running?.cancel()
        await running?.value
        await withTaskGroup(of: Void.self) { group in
            for queue in queues.values { group.addTask { await queue.stop(within: grace) } }
        }
        await save([])
        await store?.close()
    }

    /// Takes alerts that fire, still fire or have ended.
    public func receive(_ alerts: [Alert]) async { _ = await accept(alerts) }

    /// Takes alerts, and answers when they are durable.
    ///
    /// - Returns: Whether the disk has them; if not, they are held in memory, and another try is made soon.
    public func accept(_ alerts: [Alert]) async -> Bool {
        dispatch.insert(alerts, at: clock.millisecondsSinceEpoch)
        let isSaved = await save([])
        if isRunning { await flush(at: clock.millisecondsSinceEpoch) }
        startLoop()
        return isSaved
    }

    /// Looks at every group whose time has come by now.
    public func flushNow() async { await flush(at: clock.millisecondsSinceEpoch) }

    private func flush(at time: Int64) async {
        let notifications = dispatch.flush(at: time)
        var ready: [Notification] = []
        for notification in notifications {
            if queues[notification.channel] == nil {
                dispatch.settle(notification, isDelivered: false, at: time)
            } else {
                ready.append(notification)
            }
        }
        // A message that the disk does not take is sent all the same: told twice is better than never.
        await save(ready.map(AlertStore.Operation.decided))
        for notification in ready {
            guard let queue = queues[notification.channel] else { continue }
            await queue.enqueue(notification)
        }
    }

    private func settle(_ notification: Notification, _ end: ChannelQueue.End) async {
        let time = clock.millisecondsSinceEpoch
        var record = DeliveryRecord(
            time: time,
            channel: notification.channel.description,
            group: notification.groupKey,
            status: notification.isAcknowledgement ? "acknowledged" : notification.status.rawValue,
            alerts: notification.items.count,
            attempts: 0,
            result: "delivered"
        )
        switch end {
        case .postponed: return
        case .delivered(let attempts):
            record.attempts = attempts
            dispatch.settle(notification, isDelivered: true, at: time)
            let events = dispatch.events(of: notification, isDelivered: true, detail: "", at: time)
            await save([.delivered(notification, record)] + events.map { .change(.event($0)) })
        case .failed(let error, let attempts):
            record.attempts = attempts
            record.result = error.reason.rawValue
            record.error = error.description
            dispatch.settle(notification, isDelivered: false, at: time)
            let detail = error.description
            let events = dispatch.events(of: notification, isDelivered: false, detail: detail, at: time)
            await save([.dead(notification, record)] + events.map { .change(.event($0)) })
        }
    }

    private func note(_ notification: Notification, attempts: Int, _ error: DeliveryError) async {
        await save([.retried(notification.id, attempts: attempts, error: error.description)])
    }

    /// Makes durable what the dispatch has changed, and more.
    ///
    /// - Returns: Whether everything that has changed so far is on the disk.
    @discardableResult
    func save(_ operations: [AlertStore.Operation]) async -> Bool {
        let changes = dispatch.takeChanges()
        guard let store else { return true }
        let batch = unsaved + changes.map(AlertStore.Operation.change) + operations
        unsaved = []
        guard !batch.isEmpty else { return true }
        do {
            try await store.commit(batch)
            if isStateFailing { log.info("the alerting state is durable again") }
            isStateFailing = false
            return true
        } catch {
            saveFailures += 1
            unsaved = batch + unsaved
            if unsaved.count > Self.unsavedMax { unsaved.removeFirst(unsaved.count - Self.unsavedMax) }
            if !isStateFailing {
                log.error("the alerting state is not durable", ["error": .string(String(describing: error))])
            }
            isStateFailing = true
            return false
        }
    }

    /// Runs the loop while there are groups to look at.
    func startLoop() {
        guard isRunning, loop == nil, !dispatch.isIdle else { return }
        loop = Task { [weak self] in
            while !Task.isCancelled {
                guard let wait = await self?.turn() else { return }
                try? await Task.sleep(for: wait)
            }
        }
    }

    /// One turn of the loop; answers how long to sleep, or `nil` when there is nothing left to look at.
    private func turn() async -> Duration? {
        let now = clock.millisecondsSinceEpoch
        await flush(at: now)
        guard isRunning, !dispatch.isIdle else {
            if isRunning { loop = nil }
            return nil
        }
        let next = dispatch.nextFlush ?? .max
        return max(.milliseconds(1), next == .max ? Self.tick : min(.milliseconds(next - now), Self.tick))
    }

    // MARK: - Looking

    /// What was done and what is held.
    public var statistics: NotificationStatistics {
        get async {
            var statistics = NotificationStatistics()
            statistics.groups = dispatch.groups.count
            statistics.alerts = dispatch.groups.values.reduce(0) { $0 + $1.alerts.count }
            statistics.droppedAlerts = dispatch.droppedAlerts
            statistics.saveFailures = saveFailures
            for (id, queue) in queues { statistics.channels[id] = await queue.statistics }
            return statistics
        }
    }

    /// The groups, ordered by key.
    public var groups: [AlertGroup] { dispatch.groups.values.sorted { $0.key < $1.key } }

    /// A channel's sender.
    func sender(of id: NotificationChannel.ID) -> (any NotificationSending)? { senders[id] }

    /// The channels, ordered.
    public var channels: [NotificationChannel.ID] { senders.keys.sorted() }
}
