import MartletAlerting
import MartletCore
import MartletLogging

/// One channel's notifications: those that wait, those on their way, and their retries.
///
/// Each channel has its own, so that one that hangs or fails delays no other. A few notifications are under way at
/// once; one that failed makes room for others until its next attempt.
actor ChannelQueue {
    /// How many notifications wait at most; one more is given up at once.
    static let waitingMax = 20_000

    /// How many notifications are under way at once.
    static let concurrency = 4

    /// What became of a notification.
    enum End: Sendable {
        case delivered(attempts: Int)
        case failed(DeliveryError, attempts: Int)
        /// The server stops; the outbox keeps the notification.
        case postponed
    }

    typealias Settle = @Sendable (Notification, End) async -> Void
    typealias Note = @Sendable (Notification, _ attempts: Int, DeliveryError) async -> Void

    private struct Waiting {
        var notification: Notification
        var attempts: Int
        var notBefore: Int64
    }

    private let id: NotificationChannel.ID
    private var sender: any NotificationSending
    private let environment: DeliveryEnvironment
    private let settle: Settle
    private let note: Note
    /// Those that may go at once, from ``readyStart`` on, and those whose next attempt has a time.
    private var ready: [Waiting] = []
    private var readyStart = 0
    private var delayed: [Waiting] = []
    private var underway: [UInt64: Task<Void, Never>] = [:]
    private var alarm: Task<Void, Never>?
    private var counters = NotificationStatistics.Channel()
    private var isStopped = false

    init(
        _ id: NotificationChannel.ID,
        sender: any NotificationSending,
        environment: DeliveryEnvironment,
        settle: @escaping Settle,
        note: @escaping Note
    ) {
        self.id = id
        self.sender = sender
        self.environment = environment
        self.settle = settle
        self.note = note
    }

    var statistics: NotificationStatistics.Channel {
        var current = counters
        current.waiting = waitingCount
        current.underway = underway.count
        return current
    }

    private var waitingCount: Int { ready.count - readyStart + delayed.count }

    /// Sends through another sender from the next attempt on.
    func replace(sender: any NotificationSending) { self.sender = sender }

    /// Takes a notification; its end is told through `settle`.
    func enqueue(_ notification: Notification, attempts: Int = 0) async {
        guard !isStopped else { return await settle(notification, .postponed) }
        guard waitingCount < Self.waitingMax else {
            let error = DeliveryError(.queueFull, "\(waitingCount) notifications already wait for the channel")
            giveUp(notification, error, attempts: attempts)
            return await settle(notification, .failed(error, attempts: attempts))
        }
        ready.append(Waiting(notification: notification, attempts: attempts, notBefore: .min))
        startDue()
    }

    /// Lets what is under way come to an end for a while, then cancels it; the outbox keeps what waits.
    func stop(within grace: Duration) async {
        isStopped = true
        alarm?.cancel()
        let abandoned = ready[readyStart...] + delayed
        ready = []
        readyStart = 0
        delayed = []
        for entry in abandoned { await settle(entry.notification, .postponed) }
        let tasks = Array(underway.values)
        guard !tasks.isEmpty else { return }
        let reaper = Task {
            try? await Task.sleep(for: grace)
            for task in tasks { task.cancel() }
        }
        for task in tasks { await task.value }
        reaper.cancel()
    }

    /// Starts what may go now, and sets the alarm for what may go next.
    private func startDue() {
        let now = environment.clock.millisecondsSinceEpoch
        if delayed.contains(where: { $0.notBefore <= now }) {
            ready += delayed.filter { $0.notBefore <= now }
            delayed.removeAll { $0.notBefore <= now }
        }
        while underway.count < Self.concurrency, let entry = nextReady() {
            underway[entry.notification.id] = Task { await self.deliver(entry.notification, attempts: entry.attempts) }
        }
        alarm?.cancel()
        alarm = nil
        guard !isStopped, let next = delayed.map(\.notBefore).min() else { return }
        // With many retries one look serves several.
        let wait = Duration.milliseconds(max(delayed.count > 100 ? 100 : 1, next - now))
        alarm = Task { [environment] in
            guard (try? await environment.pause(wait)) != nil, !Task.isCancelled else { return }
            self.startDue()
        }
    }

    private func nextReady() -> Waiting? {
        guard readyStart < ready.count else { return nil }
        defer {
            readyStart += 1
            if readyStart == ready.count || readyStart > 1000 {
                ready.removeFirst(readyStart)
                readyStart = 0
            }
        }
        return ready[readyStart]
    }

    private func deliver(_ notification: Notification, attempts: Int) async {
        let attempt = attempts + 1
        counters.attempts += 1
        let left = Duration.milliseconds(notification.deadline - environment.clock.millisecondsSinceEpoch)
        do throws(DeliveryError) {
            try await sender.send(notification, timeout: max(left, .seconds(1)))
            counters.delivered += 1
            underway[notification.id] = nil
            startDue()
            await settle(notification, .delivered(attempts: attempt))
        } catch {
            counters.failedAttempts[error.reason, default: 0] += 1
            await fail(notification, error, attempt: attempt)
        }
    }

    private func fail(_ notification: Notification, _ error: DeliveryError, attempt: Int) async {
        let wait = environment.policy.wait(
            afterAttempt: attempt,
            chance: environment.chance(),
            asked: error.retryAfter
        )
        let next = environment.clock.millisecondsSinceEpoch + Int64(wait / .milliseconds(1))
        underway[notification.id] = nil
        guard !isStopped, !Task.isCancelled else {
            startDue()
            return await settle(notification, .postponed)
        }
        guard error.isRetryable, next < notification.deadline else {
            giveUp(notification, error, attempts: attempt)
            startDue()
            return await settle(notification, .failed(error, attempts: attempt))
        }
        if attempt == 1 {
            log(
                .warn,
                notification,
                error,
                ["attempt": 1, "retry_in": .string(DurationText.string(milliseconds: Int64(wait / .milliseconds(1))))]
            )
        }
        await note(notification, attempt, error)
        delayed.append(Waiting(notification: notification, attempts: attempt, notBefore: next))
        startDue()
    }

    private func giveUp(_ notification: Notification, _ error: DeliveryError, attempts: Int) {
        counters.failed[error.reason, default: 0] += 1
        log(.error, notification, error, ["attempts": LogValue(attempts)])
    }

    private func log(_ level: LogLevel, _ notification: Notification, _ error: DeliveryError, _ more: LogFields) {
        let names = Set(notification.items.prefix(100).compactMap { $0.alert.labels["alertname"] }).sorted()
        var fields: LogFields = [
            "channel": .string(id.description), "alert": .string(names.prefix(5).joined(separator: ",")),
            "group": .string(notification.groupKey), "error": .string(error.description),
            "reason": .string(error.reason.rawValue),
        ]
        fields.append(contentsOf: more)
        environment.log.log(level, "Failed to send alert notification", fields)
    }
}

/// What deliveries need of the world.
struct DeliveryEnvironment: Sendable {
    let clock: any WallClock
    let policy: RetryPolicy
    let pause: @Sendable (Duration) async throws -> Void
    let chance: @Sendable () -> Double
    let log: Logger
}
