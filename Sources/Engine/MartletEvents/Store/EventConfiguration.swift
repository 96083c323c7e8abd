public import MartletFiles

/// Where and how a store of events works.
public struct EventConfiguration: Sendable {
    /// The store's directory, made where it is missing; only one process at a time may have it.
    public var directory: String

    /// When an acknowledged event survives a power cut, within 100 milliseconds unless said otherwise.
    public var durability = LogDurability.interval(milliseconds: 100)

    /// How long events are kept, 7 days unless said otherwise.
    public var retention: Duration = .seconds(7 * 86_400)

    /// How many bytes log and blocks may take before the oldest blocks go, 8 GiB unless said otherwise.
    public var bytesMax = 8 << 30

    /// How many events are held in memory before they are sealed into a block, 262,144 unless said otherwise.
    public var activeEventsMax = 1 << 18

    /// How many bytes of memory events may take before they are sealed, 64 MiB unless said otherwise.
    public var activeBytesMax = 64 << 20

    /// The time after which events in memory are sealed, 2 hours unless said otherwise.
    public var activeAgeMax: Duration = .seconds(7200)

    /// The time after which a sealed block is written anew in a smaller form that takes longer to search, an hour unless
    /// said otherwise.
    public var coldAge: Duration = .seconds(3600)

    /// The size at which a new log file is begun, 32 MiB unless said otherwise.
    public var logFileBytesMax = 32 << 20

    /// How long after a failed write the next one is tried, 250 milliseconds unless said otherwise.
    public var retryInterval: Duration = .milliseconds(250)

    /// Creates a configuration of which everything but the directory has a default.
    public init(directory: String) {
        self.directory = directory
    }
}

extension Duration {
    /// Whole milliseconds, at most some 10,000 years so that adding to a time cannot overflow.
    package var wholeMilliseconds: Int64 {
        let limit: Int64 = 315_360_000_000_000
        let seconds = components.seconds
        guard seconds < limit / 1000 else { return limit }
        return seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
