import MartletConfiguration
import Synchronization

/// What the status pages tell of the running configuration.
final class ServerStatus: Sendable {
    /// One state of affairs.
    struct Snapshot: Sendable {
        /// The configuration in force.
        var configuration: Configuration
        /// When it was loaded, in milliseconds since the epoch.
        var loadTime: Int64
        /// Whether the last attempt to load one was good.
        var isLastReloadGood = true
        /// When the last attempt failed, in milliseconds since the epoch; `nil` where it was good.
        var failedReloadTime: Int64?
        /// When the server was started, in milliseconds since the epoch.
        let startTime: Int64
        /// Who is told of alerts.
        var notification = NotificationConfiguration()
    }

    private let state: Mutex<Snapshot>

    init(_ configuration: Configuration, now: Int64) {
        state = Mutex(Snapshot(configuration: configuration, loadTime: now, startTime: now))
    }

    var snapshot: Snapshot { state.withLock { $0 } }

    func loaded(_ configuration: Configuration, now: Int64) {
        state.withLock {
            $0.configuration = configuration
            $0.loadTime = now
            $0.isLastReloadGood = true
            $0.failedReloadTime = nil
        }
    }

    func alerting(_ notification: NotificationConfiguration) {
        state.withLock { $0.notification = notification }
    }

    func failedToLoad(now: Int64) {
        state.withLock {
            $0.isLastReloadGood = false
            $0.failedReloadTime = now
        }
    }
}
