/// How many restarts within how long are still recovery, and not a loop.
public struct RestartIntensity: Sendable, Hashable {
    /// How many restarts there may be within ``window``.
    public var restartsMax: Int

    /// The length of time that restarts are counted over.
    public var window: Duration

    /// Creates an intensity; three restarts in five seconds unless said otherwise.
    public init(restartsMax: Int = 3, within window: Duration = .seconds(5)) {
        self.restartsMax = restartsMax
        self.window = window
    }
}

/// How long a supervisor waits before it restarts a child: longer after each failure, up to a bound.
public struct RestartBackoff: Sendable, Hashable {
    /// The wait before the first restart.
    public var first: Duration

    /// The longest wait.
    public var longest: Duration

    /// By how much each wait is longer than the one before.
    public var factor: Double

    /// How long a child must have run for its failures to be forgotten.
    public var resetAfter: Duration

    /// Creates a backoff; 100 ms doubling up to 30 s unless said otherwise.
    public init(
        first: Duration = .milliseconds(100),
        longest: Duration = .seconds(30),
        factor: Double = 2,
        resetAfter: Duration = .seconds(60)
    ) {
        self.first = first
        self.longest = longest
        self.factor = factor
        self.resetAfter = resetAfter
    }

    /// No wait.
    public static let none = RestartBackoff(first: .zero, longest: .zero)

    /// The wait before the restart after that many failures in a row.
    ///
    /// - Complexity: O(*n*), at most 64 steps.
    public func delay(afterFailures count: Int) -> Duration {
        var delay = first
        for _ in 1..<max(1, min(count, 64)) {
            delay = min(delay * max(1, factor), longest)
        }
        return min(delay, longest)
    }
}
