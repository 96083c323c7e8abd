import MartletFiles
import Synchronization

/// A store's numbers.
public struct EventStatistics: Sendable {
    /// Events in memory.
    public var activeEvents = 0

    /// About how many bytes of memory they take.
    public var activeBytes = 0

    /// Sealed blocks.
    public var blocks = 0

    /// Events in blocks.
    public var blockEvents = 0

    /// The bytes of the blocks.
    public var blockBytes = 0

    /// The bytes of the log.
    public var logBytes = 0

    /// Blocks written since the start.
    public var seals = 0

    /// Blocks written anew in a smaller form since the start.
    public var compactions = 0

    /// How long that took, in seconds.
    public var compactionSeconds = 0.0

    /// The bytes of the blocks that were replaced by it.
    public var compactionBytesRead = 0

    /// The bytes of those that took their place.
    public var compactionBytesWritten = 0

    /// How often a block could not be written anew since the start.
    public var compactionFailures = 0

    /// Blocks deleted for their age since the start.
    public var expiredBlocks = 0

    /// Blocks deleted for their size since the start.
    public var evictedBlocks = 0

    /// Damaged records that were skipped at the start.
    public var damagedRecords = 0

    /// Blocks that could not be opened.
    public var damagedBlocks = 0

    /// Failed writes to the log since the start.
    public var logFailures = 0

    /// Why nothing can be written, while that is so.
    public var failure: String?

    /// Creates numbers that are all zero.
    public init() {}
}

extension EventStore {
    /// The numbers as they are now.
    package var statistics: EventStatistics {
        var result = EventStatistics()
        maintenance.withLock { maintenance in
            result.seals = maintenance.seals
            result.compactions = maintenance.compactions
            result.compactionSeconds = maintenance.compactionSeconds
            result.compactionBytesRead = maintenance.compactionBytesRead
            result.compactionBytesWritten = maintenance.compactionBytesWritten
            result.compactionFailures = maintenance.compactionFailures
            result.expiredBlocks = maintenance.expired
            result.evictedBlocks = maintenance.evicted
        }
        writer.withLock { writer in
            result.logBytes = writer.byteCount
            result.logFailures = writer.failures
            result.failure = writer.failure
        }
        head.withLock { head in
            result.activeEvents = head.active.count + (head.frozen?.events.count ?? 0)
            result.activeBytes = head.active.byteCount + (head.frozen?.events.byteCount ?? 0)
            result.blocks = head.blocks.count
            for block in head.blocks {
                result.blockEvents += block.file.count
                result.blockBytes += block.file.byteCount
            }
        }
        result.damagedRecords = opened.damagedRecords
        result.damagedBlocks = opened.damagedBlocks.count
        return result
    }
}
