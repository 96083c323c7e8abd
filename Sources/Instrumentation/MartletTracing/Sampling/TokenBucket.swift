public import MartletCore
import Synchronization

/// Lets so many through a second, and at once as many as a second brings; at least one.
public final class TokenBucket: Sendable {
    private struct State {
        var tokens: Double
        var last: Int64
    }

    private let perSecond: Double
    private let most: Double
    private let timer: any MonotonicTimer
    private let state: Mutex<State>

    /// Creates a full bucket.
    ///
    /// - Parameters:
    ///   - perSecond: How many come in a second; 0 lets nothing through.
    ///   - timer: Where time comes from.
    public init(perSecond: Double, timer: any MonotonicTimer = SystemTimer()) {
        self.perSecond = max(0, perSecond)
        most = perSecond > 0 ? max(1, perSecond) : 0
        self.timer = timer
        state = Mutex(State(tokens: most, last: timer.nanoseconds))
    }

    /// Takes one; false where there is none.
    public func take() -> Bool {
        let now = timer.nanoseconds
        return state.withLock { state in
            state.tokens = min(most, state.tokens + Double(max(0, now - state.last)) / 1e9 * perSecond)
            state.last = max(now, state.last)
            guard state.tokens >= 1 else { return false }
            state.tokens -= 1
            return true
        }
    }
}
