/// How samples are kept: the `storage` section.
public struct StorageConfiguration: Hashable, Sendable {
    /// When an acknowledged sample is on disk.
    public enum Durability: String, Sendable, CaseIterable {
        /// Before it is acknowledged.
        case each
        /// At the latest one sync interval after.
        case interval
        /// Whenever the operating system writes it; a crash of the process loses nothing, a power cut may.
        case os
    }

    /// How long samples are kept (`retention.raw`, default 24h).
    public var rawRetention: Duration = .seconds(86_400)

    /// How long hourly roll-ups are kept (`retention.hourly`, default 7d).
    public var hourlyRetention: Duration = .seconds(7 * 86_400)

    /// How long daily roll-ups are kept (`retention.daily`, default 30d).
    public var dailyRetention: Duration = .seconds(30 * 86_400)

    /// How many bytes samples may take before the oldest go (`retention.max_bytes`); `nil` for no limit.
    public var bytesMax: Int?

    /// When samples are on disk (`durability`, default `interval`).
    public var durability = Durability.interval

    /// How often the log is synced under ``Durability/interval`` (`sync_interval`, default 100ms).
    public var syncInterval: Duration = .milliseconds(100)

    /// How much older than the newest sample of its series a sample may be (`out_of_order_window`, default 30m).
    public var outOfOrderWindow: Duration = .seconds(30 * 60)

    /// How many series may be live at once (`series_max`); `nil` for the store's own limit.
    public var seriesMax: Int?

    /// How many series one target or sender may write to at once (`series_max_per_target`); `nil` for no limit of its own.
    public var seriesPerTargetMax: Int?

    /// How many series one metric may have at once (`series_max_per_metric`); `nil` for no limit of its own.
    public var seriesPerMetricMax: Int?

    /// Creates the defaults.
    public init() {}
}
