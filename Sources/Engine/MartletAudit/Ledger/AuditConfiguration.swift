/// Where and how a ledger of audit events is kept.
package struct AuditConfiguration: Sendable {
    /// The ledger's directory, made where it is missing; only one process at a time may have it.
    package var directory: String

    /// Whether an event survives a power cut before it is acknowledged; it always survives the end of the process.
    package var isSynced = true

    /// How long events are kept, 365 days unless said otherwise; `nil` keeps them for ever.
    package var retention: Duration? = .seconds(365 * 86_400)

    /// How many bytes the blocks may take before the oldest go, unless they are held; `nil` for no limit.
    package var bytesMax: Int?

    /// How many events a block has, 4,096 unless said otherwise.
    package var blockEventsMax = 4_096

    /// How many bytes a block has, 16 MiB unless said otherwise.
    package var blockBytesMax = 16 << 20

    /// The time after which a block is sealed, 24 hours unless said otherwise.
    package var blockAgeMax: Duration = .seconds(86_400)

    /// How often a checkpoint is written where anything happened, 5 minutes unless said otherwise.
    package var checkpointInterval: Duration = .seconds(300)

    /// How many bytes an event may have, 256 KiB unless said otherwise.
    package var eventBytesMax = 256 << 10

    /// How many bytes of events may wait for the disk before more are refused, 16 MiB unless said otherwise.
    package var pendingBytesMax = 16 << 20

    /// Creates a configuration of which everything but the directory has a default.
    package init(directory: String) {
        self.directory = directory
    }
}
