public import MartletCore
import Synchronization

/// Counts what succeeded and what failed, since the start and within windows that end now.
///
/// ```swift
/// let validations = Outcomes()
/// validations.record(isSuccess: true)
/// let ever = validations.successRate()
/// let lately = validations.successRate(over: .seconds(300))
/// ```
///
/// Within windows time counts in steps of a 720th of the longest window, which bounds what is kept.
public final class Outcomes: Sendable {
    private struct Step {
        var number: Int64
        var successes = 0
        var failures = 0
    }

    private struct State {
        var successes = 0
        var failures = 0
        var steps: [Step] = []
    }

    /// How many steps the longest window has.
    private static let stepsMax: Int64 = 720

    private let clock: any WallClock
    private let stepMilliseconds: Int64
    private let state = Mutex(State())

    /// Creates a count at zero.
    ///
    /// - Parameters:
    ///   - windowMax: The longest window that will be asked for; an hour unless said otherwise.
    ///   - clock: The time.
    public init(windowMax: Duration = .seconds(3600), clock: any WallClock = SystemWallClock()) {
        self.clock = clock
        stepMilliseconds = max(1, windowMax.wholeNanoseconds / 1_000_000 / Self.stepsMax)
    }

    /// Counts one outcome, or several alike.
    public func record(isSuccess: Bool, count: Int = 1) {
        let number = clock.millisecondsSinceEpoch / stepMilliseconds
        state.withLock { state in
            if isSuccess { state.successes += count } else { state.failures += count }
            // A clock that was set back counts into the newest step.
            if state.steps.last.map({ $0.number < number }) ?? true { state.steps.append(Step(number: number)) }
            let place = state.steps.count - 1
            if isSuccess { state.steps[place].successes += count } else { state.steps[place].failures += count }
            if state.steps.count > 2 * Int(Self.stepsMax) {
                state.steps.removeAll { $0.number <= number - Self.stepsMax }
            }
        }
    }

    /// The share of successes since the start, from 0 through 1; `nil` where nothing was counted.
    public func successRate() -> Double? {
        state.withLock { Self.share($0.successes, $0.failures) }
    }

    /// The share of successes within a window that ends now; `nil` where nothing was counted in it.
    ///
    /// - Parameter window: How far back; beyond the longest window it counts as that.
    /// - Returns: The share, from 0 through 1.
    public func successRate(over window: Duration) -> Double? {
        let steps = max(1, min(Self.stepsMax, window.wholeNanoseconds / 1_000_000 / stepMilliseconds))
        let first = clock.millisecondsSinceEpoch / stepMilliseconds - steps
        return state.withLock { state in
            let recent = state.steps.reversed().prefix { $0.number > first }
            return Self.share(recent.reduce(0) { $0 + $1.successes }, recent.reduce(0) { $0 + $1.failures })
        }
    }

    private static func share(_ successes: Int, _ failures: Int) -> Double? {
        successes + failures > 0 ? Double(successes) / Double(successes + failures) : nil
    }
}

extension WorkflowHealthCheck {
    /// Creates the check over counted outcomes.
    ///
    /// - Parameters:
    ///   - name: The check's name.
    ///   - window: How far back is looked; five minutes unless said otherwise.
    ///   - successRateMin: The lowest good share of successful validations.
    ///   - validations: What was validated, and how it went.
    ///   - criticalViolations: The number of critical security violations in a window.
    public init(
        _ name: String = "workflow",
        window: Duration = .seconds(300),
        successRateMin: Double = 0.9,
        validations: Outcomes,
        criticalViolations: @escaping @Sendable (Duration) async throws -> Int = { _ in 0 }
    ) {
        self.init(
            name,
            window: window,
            successRateMin: successRateMin,
            successRate: { validations.successRate(over: $0) },
            criticalViolations: criticalViolations
        )
    }
}
