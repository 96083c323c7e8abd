import MartletCore

/// The times that packs need; a parameter, so that tests own them.
protocol PackTime: Sendable {
    /// Seconds since the epoch.
    var seconds: Double { get }
    /// A time that never jumps, for durations.
    var now: ContinuousClock.Instant { get }
}

/// The machine's times.
struct SystemPackTime: PackTime {
    var seconds: Double { SystemWallClock().secondsSinceEpoch }

    var now: ContinuousClock.Instant { .now }
}
