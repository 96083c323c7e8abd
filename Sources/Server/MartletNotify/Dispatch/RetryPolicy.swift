/// How long to wait before a delivery is tried again.
///
/// The wait doubles with each attempt, up to a maximum, and is cut by chance to between half and all of that, so that
/// receivers that were down are not asked by all at once. What a receiver asks for by `Retry-After` counts instead
/// where it is longer.
public struct RetryPolicy: Hashable, Sendable {
    /// The wait after the first attempt.
    public var first: Duration

    /// The longest wait that the policy itself gives.
    public var longest: Duration

    /// The longest wait that a receiver may ask for.
    public var longestAsked: Duration

    /// Creates a policy.
    public init(
        first: Duration = .milliseconds(500),
        longest: Duration = .seconds(60),
        longestAsked: Duration = .seconds(600)
    ) {
        self.first = first
        self.longest = longest
        self.longestAsked = longestAsked
    }

    /// The wait after an attempt.
    ///
    /// - Parameters:
    ///   - attempt: How many attempts were made, from 1.
    ///   - chance: A random number from 0 up to 1.
    ///   - asked: What the receiver asked for.
    /// - Returns: The wait.
    public func wait(afterAttempt attempt: Int, chance: Double, asked: Duration? = nil) -> Duration {
        let full = min(first * (1 << min(max(attempt - 1, 0), 30)), longest)
        let own = full / 2 + full / 2 * min(max(chance, 0), 1)
        return max(own, min(asked ?? .zero, longestAsked))
    }
}
