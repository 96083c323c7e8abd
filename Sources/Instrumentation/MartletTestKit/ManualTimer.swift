public import MartletCore
import Synchronization

/// A timer and a clock that stand still until a test moves them.
///
/// ```swift
/// let timer = ManualTimer()
/// let monitor = HealthMonitor(clock: timer, timer: timer)
/// monitor.start()
/// await timer.waitForSleepers(1)
/// timer.advance(by: .seconds(30))
/// ```
public final class ManualTimer: MonotonicTimer, WallClock {
    private struct Sleeper {
        let deadline: Int64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now: Int64
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// Creates a timer that shows a time, given in milliseconds since the epoch.
    public init(milliseconds: Int64 = 0) {
        state = Mutex(State(now: milliseconds * 1_000_000))
    }

    /// The time the timer shows.
    public var nanoseconds: Int64 { state.withLock(\.now) }

    /// The time the timer shows, as a time of day.
    public var nanosecondsSinceEpoch: Int64 { nanoseconds }

    /// How many tasks wait for a later time.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// The times that tasks wait for, in ascending order.
    public var deadlines: [Int64] { state.withLock { $0.sleepers.values.map(\.deadline).sorted() } }

    /// Moves the time forward and wakes those whose time has come, the earliest first.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration.wholeNanoseconds
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map(\.value)
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }

    /// Waits until the timer shows a time.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(untilNanoseconds deadline: Int64) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isAwake = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return false }
                    if deadline <= state.now { return true }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(returning: false)
        }
        state.withLock { _ = $0.cancelled.remove(id) }
        if !isAwake || Task.isCancelled { throw CancellationError() }
    }

    /// Waits, in real time, until at least so many tasks sleep.
    ///
    /// - Returns: Whether that came to pass within two minutes.
    @discardableResult
    public func waitForSleepers(_ count: Int) async -> Bool {
        let start = ContinuousClock.now
        while sleeperCount < count {
            if ContinuousClock.now - start > .seconds(120) { return false }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return true
    }
}
