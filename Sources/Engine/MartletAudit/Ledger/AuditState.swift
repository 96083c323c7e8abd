import MartletFiles

/// What the writer of a ledger knows; whoever holds its lock writes for all who wait.
struct AuditState: Sendable {
    /// A sealed block whose events are there.
    struct Block: Sendable {
        var summary: AuditBlockSummary
        var hash: AuditHash
        var byteCount: Int
    }

    /// The block that commits go to.
    struct Active: Sendable {
        var header: AuditBlockHeader
        var file: (any WritableFile)?
        /// How many bytes of the file are acknowledged.
        var byteCount: Int
        var commits: UInt64 = 0
        var leaves: [AuditHash] = []
        var firstTime: Int64 = 0
        var lastTime: Int64 = 0

        func summary(lastCommit: AuditHash, root: AuditHash) -> AuditBlockSummary {
            AuditBlockSummary(
                header: header,
                commits: commits,
                events: UInt64(leaves.count),
                firstTime: firstTime,
                lastTime: lastTime,
                lastCommit: lastCommit,
                root: root
            )
        }
    }

    var ledger: AuditHash
    var blocks: [Block] = []
    var active: Active?
    /// The number of the last sealed block, deleted ones included.
    var lastBlock: UInt64 = 0
    var lastBlockHash: AuditHash
    var lastCommit: UInt64 = 0
    var lastCommitHash: AuditHash
    var lastEvent: UInt64 = 0
    var lastTime: Int64 = 0
    var holds: [AuditHold] = []
    var key: AuditKey
    var lastHead: AuditHead?
    var checkpointFile: (any WritableFile)?
    var checkpointTime: Int64 = 0
    /// Why the active file is not to be written any more.
    var failure: String?
    var failures = 0
    var blocksDeleted = 0
    var isClosed = false

    var head: (block: UInt64, commit: UInt64) { (lastBlock, lastCommit) }

    var byteCount: Int { blocks.reduce(active?.byteCount ?? 0) { $0 + $1.byteCount } }
}
