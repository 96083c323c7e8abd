/// A tier of roll-ups: aggregates of one step, kept for some time after raw samples are gone.
public struct RollupTier: Hashable, Sendable {
    /// The length of a step in whole seconds; a multiple of that of the tier before.
    public var stepSeconds: Int

    /// How long the aggregates are kept.
    public var retention: Duration

    /// Creates a tier.
    public init(stepSeconds: Int, retention: Duration) {
        self.stepSeconds = stepSeconds
        self.retention = retention
    }

    /// Hourly for 7 days and daily for 30.
    public static let standard = [
        RollupTier(stepSeconds: 3600, retention: .seconds(7 * 86_400)),
        RollupTier(stepSeconds: 86_400, retention: .seconds(30 * 86_400)),
    ]

    var stepMilliseconds: Int64 { Int64(stepSeconds) * 1000 }
}
