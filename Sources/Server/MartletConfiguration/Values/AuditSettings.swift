/// How audit events are kept: the `audit` section.
public struct AuditSettings: Hashable, Sendable {
    /// How long events are kept (`retention`, default 365d; `forever` keeps them).
    public var retention: Duration? = .seconds(365 * 86_400)

    /// How many bytes events may take before the oldest go, unless held (`max_bytes`); `nil` for no limit.
    public var bytesMax: Int?

    /// Whether an event is synced before it is acknowledged (`durability`: `each`, the default, or `os`).
    public var isSynced = true

    /// How often a checkpoint is written where anything happened (`checkpoints.interval`, default 5m).
    public var checkpointInterval: Duration = .seconds(300)

    /// Whether heads are written to the server's log (`checkpoints.log`, default true).
    public var publishesToLog = true

    /// A file that heads are appended to (`checkpoints.file`).
    public var publishFile: String?

    /// A URL that heads are posted to (`checkpoints.webhook`).
    public var publishWebhook: String?

    /// How many events a block has at most (`block_events`, default 4096).
    public var blockEvents = 4_096

    /// Creates the defaults.
    public init() {}
}
