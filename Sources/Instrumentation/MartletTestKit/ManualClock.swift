public import MartletCore
import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualClock: WallClock {
    private let time: Atomic<Int64>

    /// Creates a clock that shows a time, given in milliseconds since the epoch.
    public init(milliseconds: Int64 = 0) {
        time = Atomic(milliseconds * 1_000_000)
    }

    /// The time the clock shows.
    public var nanosecondsSinceEpoch: Int64 { time.load(ordering: .acquiring) }

    /// Moves the clock forward, or back for a negative duration.
    public func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        time.add(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .acquiringAndReleasing)
    }

    /// Sets the clock to a time, given in milliseconds since the epoch.
    public func set(milliseconds: Int64) {
        time.store(milliseconds * 1_000_000, ordering: .releasing)
    }
}
