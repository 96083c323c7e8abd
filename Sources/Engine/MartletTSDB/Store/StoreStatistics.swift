public import MartletSeries

/// What a store holds and what it went through, for metrics and status pages.
public struct StoreStatistics: Hashable, Sendable {
    /// How many series are being written to.
    public var series = 0

    /// How many samples are in memory, not yet sealed.
    public var headSamples = 0

    /// The bytes of memory that series and their unsealed samples take.
    public var headBytes = 0

    /// How many sealed segments there are.
    public var segments = 0

    /// How many samples the segments hold.
    public var segmentSamples = 0

    /// The bytes of the segments on disk.
    public var segmentBytes = 0

    /// How many segments of roll-ups there are.
    public var rollupSegments = 0

    /// The bytes of roll-ups on disk, by the tier's step in seconds.
    public var rollupBytes: [Int: Int] = [:]

    /// How many aggregates the roll-ups hold, by the tier's step in seconds.
    public var rollupPoints: [Int: Int] = [:]

    /// How often memory was sealed into a segment since the store was opened.
    public var seals = 0

    /// How often segments were merged since the store was opened.
    public var merges = 0

    /// How many samples and aggregates went with dropped segments.
    public var samplesDropped = 0

    /// How many exemplars are in memory.
    public var exemplars = 0

    /// How many metrics are described.
    public var metadata = 0

    /// How many descriptions found no room.
    public var metadataDropped = 0

    /// Whether the clock jumped ahead, so that deletions go by its old time for some hours.
    public var isClockDoubtful = false

    /// How many log files there are.
    public var logFiles = 0

    /// The bytes of the log on disk.
    public var logBytes = 0

    /// The oldest time stored, in milliseconds since the epoch; `nil` where nothing is.
    public var oldestTime: Int64?

    /// The newest time stored, in milliseconds since the epoch; `nil` where nothing is.
    public var newestTime: Int64?

    /// How long reading the log took when the store was opened.
    public var replaySeconds = 0.0

    /// How many samples came from the log when the store was opened.
    public var replayedSamples = 0

    /// How many damaged log records were skipped when the store was opened.
    public var damagedRecords = 0

    /// How many damaged blocks readers came upon, and segments that could not be opened.
    public var damagedBlocks = 0

    /// How many samples were taken since the store was opened.
    public var appended = 0

    /// How many samples were refused since the store was opened, by reason.
    public var rejected: [AppendResult.Reason: Int] = [:]

    /// How many segments were dropped because they were too old.
    public var segmentsExpired = 0

    /// How many segments were dropped because the store was too large.
    public var segmentsEvicted = 0

    /// How many writes to the log failed.
    public var logFailures = 0

    /// Why samples are refused at the moment; `nil` when all is well.
    public var failure: String?

    /// The bytes of segments, roll-ups and log.
    public var diskBytes: Int { rollupBytes.values.reduce(segmentBytes + logBytes, +) }
}
