import MartletCore
import MartletLogging
import Synchronization

/// One channel of an ``AlertManager``: a queue of its own, so that a bad channel delays no other.
final class ChannelRun: Sendable {
    let name: String
    private let handler: any AlertNotificationHandler
    private let timer: any MonotonicTimer
    private let log: Logger
    private let timeout: Duration
    private let attempts: Int
    private let queue: AsyncStream<AlertNotice>.Continuation
    private let task: Mutex<Task<Void, Never>?>
    private let counts = Mutex((sent: UInt64(0), failed: UInt64(0), dropped: UInt64(0)))

    /// How many notices wait at most.
    static let waitingMax = 1000

    init(
        _ name: String,
        _ handler: any AlertNotificationHandler,
        timer: any MonotonicTimer,
        timeout: Duration,
        attempts: Int,
        log: Logger
    ) {
        self.name = name
        self.handler = handler
        self.timer = timer
        self.timeout = timeout
        self.attempts = max(1, attempts)
        self.log = log
        let (stream, continuation) = AsyncStream<AlertNotice>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.waitingMax)
        )
        queue = continuation
        task = Mutex(nil)
        let work = Task { [weak self] in
            for await notice in stream { await self?.deliver(notice) }
        }
        task.withLock { $0 = work }
    }

    deinit { queue.finish() }

    var statistics: (sent: UInt64, failed: UInt64, dropped: UInt64) { counts.withLock(\.self) }

    func tell(_ notice: AlertNotice) {
        guard case .dropped = queue.yield(notice) else { return }
        counts.withLock { $0.dropped += 1 }
        log.error(
            "Failed to send alert notification",
            ["channel": .string(name), "alert": .string(notice.alertID), "error": "too many notices wait"]
        )
    }

    /// Takes no more notices and waits for those that wait, each with its timeout.
    func close() async {
        queue.finish()
        await task.withLock(\.self)?.value
    }

    private func deliver(_ notice: AlertNotice) async {
        var reason = ""
        for attempt in 1...attempts {
            if attempt > 1 { try? await timer.sleep(for: .seconds(1 << min(attempt - 2, 5))) }
            guard let failure = await attemptOnce(notice) else {
                counts.withLock { $0.sent += 1 }
                return
            }
            reason = failure
        }
        counts.withLock { $0.failed += 1 }
        log.error(
            "Failed to send alert notification",
            ["channel": .string(name), "alert": .string(notice.alertID), "error": .string(reason)]
        )
    }

    /// Tries once; gives the reason where it failed.
    private func attemptOnce(_ notice: AlertNotice) async -> String? {
        let (answers, answer) = AsyncStream<String?>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let handler = handler
        let timer = timer
        let timeout = timeout
        let work = Task {
            do {
                try await handler.send(notice)
                answer.yield(nil)
            } catch {
                answer.yield(String(describing: error))
            }
        }
        let alarm = Task {
            if (try? await timer.sleep(for: timeout)) != nil { answer.yield("no answer within \(timeout)") }
        }
        var result: String?
        for await failure in answers {
            result = failure
            break
        }
        work.cancel()
        alarm.cancel()
        return result
    }
}
