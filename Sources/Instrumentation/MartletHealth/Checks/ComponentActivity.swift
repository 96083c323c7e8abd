public import MartletCore
import Synchronization

/// Counts what a component does, and says by that how it is: the check for components without one of their own.
///
/// ```swift
/// let activity = ComponentActivity()
/// health.add(component: activity, at: "shop/cart")
/// …
/// activity.received()
/// activity.processed()      // or activity.failed()
/// ```
///
/// Unhealthy: messages wait, and none was processed for ``stallLimit``. Degraded: more than ``errorShareMax`` of the
/// messages of the last five minutes failed.
public final class ComponentActivity: ComponentHealth {
    private struct Counts {
        var received: UInt64 = 0
        var processed: UInt64 = 0
        var failed: UInt64 = 0
        /// When messages began to wait with none being processed.
        var waitingSince: Int64?
    }

    /// How long messages may wait without one being processed; 30 seconds unless said otherwise.
    public let stallLimit: Duration

    /// The highest good share of failed messages; a tenth unless said otherwise.
    public let errorShareMax: Double

    private let clock: any WallClock
    private let counts = Mutex(Counts())
    private let window: CountWindow

    /// Creates the activity of a component that has done nothing yet.
    ///
    /// - Parameters:
    ///   - stallLimit: How long messages may wait without one being processed.
    ///   - errorShareMax: The highest good share of failed messages.
    ///   - clock: The time.
    public init(
        stallLimit: Duration = .seconds(30),
        errorShareMax: Double = 0.1,
        clock: any WallClock = SystemWallClock()
    ) {
        self.stallLimit = stallLimit
        self.errorShareMax = errorShareMax
        self.clock = clock
        window = CountWindow(.seconds(300), clock: clock)
    }

    /// Notes that a message came.
    public func received() {
        let now = clock.millisecondsSinceEpoch
        counts.withLock { counts in
            counts.received += 1
            if counts.waitingSince == nil { counts.waitingSince = now }
        }
    }

    /// Notes that a message was processed.
    public func processed() { finish { $0.processed += 1 } }

    /// Notes that a message was processed and failed.
    public func failed() {
        finish {
            $0.processed += 1
            $0.failed += 1
        }
    }

    /// How many messages wait.
    public var waiting: UInt64 { counts.withLock { $0.received > $0.processed ? $0.received - $0.processed : 0 } }

    /// How the component is by its counts.
    public func healthStatus() -> HealthStatus {
        let now = clock.millisecondsSinceEpoch
        let counts = counts.withLock(\.self)
        let (failed, processed) = window.difference(Double(counts.failed), Double(counts.processed))
        if let since = counts.waitingSince, .milliseconds(now - since) >= stallLimit { return .unhealthy }
        return processed > 0 && failed / processed > errorShareMax ? .degraded : .healthy
    }

    private func finish(_ change: (inout Counts) -> Void) {
        let now = clock.millisecondsSinceEpoch
        counts.withLock { counts in
            change(&counts)
            counts.waitingSince = counts.received > counts.processed ? now : nil
        }
    }
}
