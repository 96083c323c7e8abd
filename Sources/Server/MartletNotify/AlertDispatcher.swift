public import MartletAlerting
public import MartletConfiguration
public import MartletCore
public import MartletHTTPClient
public import MartletLogging

/// Takes the alerts of rules, groups and routes them, and sees to it that receivers are told.
///
/// What is told, and when, is decided by ``AlertDispatch``; this actor keeps the time and the channels.
public actor AlertDispatcher: AlertReceiving {
    /// How long the loop sleeps at most while there are groups.
    private static let tick: Duration = .milliseconds(500)

    private var dispatch = AlertDispatch(route: nil, channels: [:])
    private var queues: [NotificationChannel.ID: ChannelQueue] = [:]
    private var loop: Task<Void, Never>?
    private var isRunning = false
    private let http: any HTTPSending
    private let clock: any WallClock
    private let environment: DeliveryEnvironment

    /// Creates a dispatcher that tells nobody until ``apply(_:externalURL:)``.
    ///
    /// - Parameters:
    ///   - http: Sends requests.
    ///   - clock: Tells the time.
    ///   - policy: How deliveries are tried again.
    ///   - log: Where failures are told.
    ///   - pause: Waits; replaced by tests.
    ///   - chance: A random number from 0 up to 1.
    public init(
        http: any HTTPSending,
        clock: any WallClock = SystemWallClock(),
        policy: RetryPolicy = RetryPolicy(),
        log: Logger = .silent,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.http = http
        self.clock = clock
        environment = DeliveryEnvironment(clock: clock, policy: policy, pause: pause, chance: chance, log: log)
    }

    // MARK: - Configuration

    /// Replaces routes and receivers; what was told stays told.
    public func apply(_ configuration: NotificationConfiguration, externalURL: String) async {
        var senders: [NotificationChannel: any NotificationSending] = [:]
        for receiver in configuration.receivers {
            for (index, webhook) in receiver.webhooks.enumerated() {
                let id = NotificationChannel.ID(receiver: receiver.name, kind: "webhook", index: index)
                senders[NotificationChannel(id, sendsResolved: webhook.sendsResolved)] = WebhookSender(
                    webhook,
                    externalURL: externalURL,
                    http: http
                )
            }
        }
        await apply(route: configuration.route, senders: senders)
    }

    /// Replaces routes and channels by ones of any kind.
    public func apply(route: Route?, senders: [NotificationChannel: any NotificationSending]) async {
        var channels: [String: [NotificationChannel]] = [:]
        for channel in senders.keys.sorted(by: { $0.id < $1.id }) {
            channels[channel.id.receiver, default: []].append(channel)
        }
        let wanted = Dictionary(senders.map { ($0.key.id, $0.value) }, uniquingKeysWith: { $1 })
        let removed = queues.filter { wanted[$0.key] == nil }
        for id in removed.keys { queues[id] = nil }
        dispatch.apply(route: route, channels: channels, at: clock.millisecondsSinceEpoch)
        for (id, sender) in wanted {
            if let queue = queues[id] {
                await queue.replace(sender: sender)
            } else {
                queues[id] = ChannelQueue(id, sender: sender, environment: environment) { [weak self] in
                    await self?.settle($0, isDelivered: $1)
                }
            }
        }
        for queue in removed.values { await queue.stop(within: .zero) }
        startLoop()
    }

    // MARK: - Life

    /// Begins to look at groups as their time comes; a second call does nothing.
    public func start() {
        isRunning = true
        startLoop()
    }

    /// Ends: nothing new is told, and what is under way gets a while to arrive.
    public func stop(within grace: Duration = .seconds(5)) async {
        isRunning = false
        let running = loop
        loop = nil
        running?.cancel()
        await running?.value
        await withTaskGroup(of: Void.self) { group in
            for queue in queues.values { group.addTask { await queue.stop(within: grace) } }
        }
    }

    /// Takes alerts that fire, still fire or have ended.
    public func receive(_ alerts: [Alert]) async {
        dispatch.insert(alerts, at: clock.millisecondsSinceEpoch)
        if isRunning { await flush(at: clock.millisecondsSinceEpoch) }
        startLoop()
    }

    /// Looks at every group whose time has come by now.
    public func flushNow() async { await flush(at: clock.millisecondsSinceEpoch) }

    private func flush(at time: Int64) async {
        for notification in dispatch.flush(at: time) {
            guard let queue = queues[notification.channel] else {
                dispatch.settle(notification, isDelivered: false, at: time)
                continue
            }
            await queue.enqueue(notification)
        }
    }

    private func settle(_ notification: Notification, isDelivered: Bool) {
        dispatch.settle(notification, isDelivered: isDelivered, at: clock.millisecondsSinceEpoch)
    }

    /// Runs the loop while there are groups to look at.
    private func startLoop() {
        guard isRunning, loop == nil, !dispatch.groups.isEmpty else { return }
        loop = Task { [weak self] in
            while !Task.isCancelled {
                guard let wait = await self?.turn() else { return }
                try? await Task.sleep(for: wait)
            }
        }
    }

    /// One turn of the loop; answers how long to sleep, or `nil` when there are no groups left.
    private func turn() async -> Duration? {
        let now = clock.millisecondsSinceEpoch
        await flush(at: now)
        guard isRunning, let next = dispatch.nextFlush else {
            if isRunning { loop = nil }
            return nil
        }
        return max(.milliseconds(1), min(.milliseconds(next - now), Self.tick))
    }

    // MARK: - Looking

    /// What was done and what is held.
    public var statistics: NotificationStatistics {
        get async {
            var statistics = NotificationStatistics()
            statistics.groups = dispatch.groups.count
            statistics.alerts = dispatch.groups.values.reduce(0) { $0 + $1.alerts.count }
            statistics.droppedAlerts = dispatch.droppedAlerts
            for (id, queue) in queues { statistics.channels[id] = await queue.statistics }
            return statistics
        }
    }

    /// The groups, ordered by key.
    public var groups: [AlertGroup] { dispatch.groups.values.sorted { $0.key < $1.key } }
}
