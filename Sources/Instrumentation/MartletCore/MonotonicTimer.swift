/// Time that only goes forward, and waiting for it; a parameter of everything that waits, so that tests own it.
public protocol MonotonicTimer: Sendable {
    /// Nanoseconds since some fixed moment.
    var nanoseconds: Int64 { get }

    /// Waits until ``nanoseconds`` has reached a time; returns at once where it has.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(untilNanoseconds deadline: Int64) async throws
}

extension MonotonicTimer {
    /// Waits for a length of time.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await sleep(untilNanoseconds: nanoseconds + duration.wholeNanoseconds)
    }
}

/// The machine's own time.
public struct SystemTimer: MonotonicTimer {
    private let start = ContinuousClock.now

    /// Creates a timer that shows the time since its creation.
    public init() {}

    /// Nanoseconds since the timer's creation.
    public var nanoseconds: Int64 { (ContinuousClock.now - start).wholeNanoseconds }

    /// Waits.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(untilNanoseconds deadline: Int64) async throws {
        try await Task.sleep(until: start + .nanoseconds(deadline), clock: .continuous)
    }
}

extension Duration {
    /// The duration in whole nanoseconds, cut off; the nearest that 64 bits hold for longer ones.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in seconds with their fraction.
    public var inSeconds: Double { self / .seconds(1) }
}
