import MartletAlerting
import MartletCore
import MartletLogging

/// One channel's notifications: those that wait, those on their way, and their retries.
///
/// Each channel has its own, so that one that hangs or fails delays no other. A few notifications are under way at
/// once, so that one group's troubles do not hold up the channel's other groups.
actor ChannelQueue {
    /// How many notifications wait at most; one more is given up at once.
    static let waitingMax = 1000

    /// How many notifications are under way at once.
    static let concurrency = 4

    typealias Settle = @Sendable (Notification, _ isDelivered: Bool) async -> Void

    private let id: NotificationChannel.ID
    private var sender: any NotificationSending
    private let environment: DeliveryEnvironment
    private let settle: Settle
    private var waiting: [Notification] = []
    private var underway: [UInt64: Task<Void, Never>] = [:]
    private var counters = NotificationStatistics.Channel()
    private var isStopped = false

    init(
        _ id: NotificationChannel.ID,
        sender: any NotificationSending,
        environment: DeliveryEnvironment,
        settle: @escaping Settle
    ) {
        self.id = id
        self.sender = sender
        self.environment = environment
        self.settle = settle
    }

    var statistics: NotificationStatistics.Channel {
        var current = counters
        current.waiting = waiting.count
        current.underway = underway.count
        return current
    }

    /// Sends through another sender from the next attempt on.
    func replace(sender: any NotificationSending) { self.sender = sender }

    /// Takes a notification; its end is told through `settle`.
    func enqueue(_ notification: Notification) async {
        guard !isStopped else { return await settle(notification, false) }
        guard underway.count >= Self.concurrency else { return start(notification) }
        guard waiting.count < Self.waitingMax else {
            let error = DeliveryError(.queueFull, "\(waiting.count) notifications already wait for the channel")
            giveUp(notification, error, attempts: 0)
            return await settle(notification, false)
        }
        waiting.append(notification)
    }

    /// Lets what is under way come to an end for a while, then cancels it; what waits is given up.
    func stop(within grace: Duration) async {
        isStopped = true
        let abandoned = waiting
        waiting = []
        for notification in abandoned { await settle(notification, false) }
        let tasks = Array(underway.values)
        guard !tasks.isEmpty else { return }
        let reaper = Task {
            try? await Task.sleep(for: grace)
            for task in tasks { task.cancel() }
        }
        for task in tasks { await task.value }
        reaper.cancel()
    }

    private func start(_ notification: Notification) {
        underway[notification.id] = Task { await self.deliver(notification) }
    }

    private func deliver(_ notification: Notification) async {
        let isDelivered = await tryUntilDeadline(notification)
        underway[notification.id] = nil
        if !waiting.isEmpty, !isStopped { start(waiting.removeFirst()) }
        await settle(notification, isDelivered)
    }

    private func tryUntilDeadline(_ notification: Notification) async -> Bool {
        var attempt = 0
        while true {
            attempt += 1
            counters.attempts += 1
            let left = Duration.milliseconds(notification.deadline - environment.clock.millisecondsSinceEpoch)
            do throws(DeliveryError) {
                try await sender.send(notification, timeout: max(left, .seconds(1)))
                counters.delivered += 1
                return true
            } catch {
                counters.failedAttempts[error.reason, default: 0] += 1
                let wait = environment.policy.wait(
                    afterAttempt: attempt,
                    chance: environment.chance(),
                    asked: error.retryAfter
                )
                let now = environment.clock.millisecondsSinceEpoch
                let isInTime = now + Int64(wait / .milliseconds(1)) < notification.deadline
                guard error.isRetryable, isInTime, !isStopped, !Task.isCancelled else {
                    giveUp(notification, error, attempts: attempt)
                    return false
                }
                if attempt == 1 { log(.warn, notification, error, ["attempt": 1, "retry_in": .string("\(wait)")]) }
                guard (try? await environment.pause(wait)) != nil else {
                    giveUp(notification, DeliveryError(.cancelled, "the server is stopping"), attempts: attempt)
                    return false
                }
            }
        }
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
        fields.fields += more.fields
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
