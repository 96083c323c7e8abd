import MartletNotify
import Synchronization

/// What the dispatcher has done, as of the last time that somebody looked.
///
/// The dispatcher's actors are asked without waiting for them, so that a page of metrics never hangs on a receiver:
/// each look starts the next reading and gives the one before.
final class NotificationNumbers: Sendable {
    private let notifier: AlertDispatcher
    private let latest = Mutex(NotificationStatistics())

    init(_ notifier: AlertDispatcher) {
        self.notifier = notifier
    }

    func look() -> NotificationStatistics {
        Task {
            let statistics = await notifier.statistics
            latest.withLock { $0 = statistics }
        }
        return latest.withLock { $0 }
    }
}
