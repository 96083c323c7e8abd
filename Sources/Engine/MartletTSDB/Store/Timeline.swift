import MartletCore
import Synchronization

/// The time that deletions go by, which a clock that was set wrong cannot rush.
///
/// The wall clock is compared with one that only ever advances. Where it ran ahead of that by more than it should, the
/// old time goes on to count until the new one has held for hours: a clock that is set right later has cost nothing,
/// and one that was wrong before is believed in the end.
final class Timeline: Sendable {
    /// How far the wall clock may run ahead without being doubted, in milliseconds.
    static let allowance: Int64 = 10 * 60_000

    /// How long a clock that jumped ahead is doubted, in milliseconds.
    static let doubtful: Int64 = 6 * 3_600_000

    private struct State {
        var wall: Int64
        var steady: Int64
        var doubtedSince: Int64?
        /// What is taken from the wall clock while it is doubted.
        var excess: Int64 = 0
    }

    private let state: Mutex<State>
    private let steadyNow: @Sendable () -> Int64

    /// Creates a timeline.
    ///
    /// - Parameters:
    ///   - wall: The time of day now, in milliseconds since the epoch.
    ///   - newest: The newest time of all that is stored; a clock far behind it or ahead is doubted at first.
    ///   - steadyNow: Milliseconds of a clock that is never set.
    init(wall: Int64, newest: Int64?, steadyNow: @escaping @Sendable () -> Int64) {
        self.steadyNow = steadyNow
        let steady = steadyNow()
        var state = State(wall: wall, steady: steady)
        if let newest, wall - newest > Self.doubtful {
            state.excess = wall - newest
            state.doubtedSince = steady
        }
        self.state = Mutex(state)
    }

    /// The time that may be relied on, given the time of day.
    func reliable(_ wall: Int64) -> Int64 {
        let steady = steadyNow()
        return state.withLock { state in
            let ahead = (wall - state.wall) - (steady - state.steady)
            if ahead > Self.allowance {
                state.excess += ahead
                state.doubtedSince = steady
            } else if ahead < -Self.allowance, state.excess > 0 {
                state.excess = max(0, state.excess + ahead)
                if state.excess < Self.allowance { (state.excess, state.doubtedSince) = (0, nil) }
            }
            (state.wall, state.steady) = (wall, steady)
            if let since = state.doubtedSince, steady - since >= Self.doubtful {
                (state.excess, state.doubtedSince) = (0, nil)
            }
            return wall - state.excess
        }
    }

    /// Whether the wall clock is doubted at the moment.
    var isDoubtful: Bool { state.withLock { $0.doubtedSince != nil } }

    /// The oldest time that a retention keeps.
    func oldest(_ wall: Int64, _ retention: Duration) -> Int64 { reliable(wall) - retention.milliseconds }
}
