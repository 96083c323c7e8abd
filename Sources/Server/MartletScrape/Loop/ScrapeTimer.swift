/// Time that only goes forward, and waiting for it; a parameter, so that tests own it.
public protocol ScrapeTimer: Sendable {
    /// Nanoseconds since some fixed moment.
    var nanoseconds: Int64 { get }

    /// Waits until ``nanoseconds`` has reached a time.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(untilNanoseconds: Int64) async throws
}

/// The machine's own time.
public struct SystemScrapeTimer: ScrapeTimer {
    private let start = ContinuousClock.now

    /// Creates a timer that shows the time since its creation.
    public init() {}

    /// Nanoseconds since the timer's creation.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Waits.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(untilNanoseconds: Int64) async throws {
        try await Task.sleep(until: start + .nanoseconds(untilNanoseconds), clock: .continuous)
    }
}
