package import MartletCore
package import MartletFiles
package import MartletLogging
import Synchronization

/// A durable, append-only ledger of audit events in which every change shows.
///
/// Events that become durable together form a commit, whose hash stands on the one before; commits form blocks, which have a tree
/// over their events and stand on one another too; checkpoints authenticate how far the ledger has come with a key that is thrown
/// away after each. An event is any bytes, JSON by convention. Any number of threads may append and read at once; calls block for as
/// long as the disk takes. The files are described in `docs/formats/audit-chain.md`.
package final class AuditLedger: Sendable {
    /// What a batch of events came to, once it is known.
    final class Batch: Sendable {
        let result = Mutex<Result<UInt64, AuditError>?>(nil)
    }

    /// Events that wait for whoever holds the writer's lock.
    struct Pending: Sendable {
        var batch = Batch()
        var events: [[UInt8]] = []
        var byteCount = 0
    }

    package let configuration: AuditConfiguration
    package let chain: AuditChain
    let files: AuditFiles
    let clock: any WallClock
    let logger: Logger
    let publish: @Sendable (AuditHead) -> Void
    let writer: Mutex<AuditState>
    let pending = Mutex(Pending())
    private let lock: any FileLock
    private let isReleased = Atomic<Bool>(false)

    /// Opens a ledger, making the directory where it is missing.
    ///
    /// - Parameters:
    ///   - configuration: Where it is and how it works.
    ///   - hashing: Computes hashes.
    ///   - clock: Tells when events are taken.
    ///   - logger: Is told of what goes wrong.
    ///   - fileSystem: The files.
    ///   - random: Gives thirty-two unpredictable bytes, for the first key.
    ///   - publish: Is given each checkpoint, to be kept elsewhere; called outside of all locks.
    /// - Throws: ``AuditError`` when the directory cannot be used or another process has it.
    package init(
        _ configuration: AuditConfiguration,
        hashing: any AuditHashing,
        clock: any WallClock = SystemWallClock(),
        logger: Logger = .silent,
        fileSystem: any FileSystem = POSIXFileSystem(),
        random: () -> AuditHash = { AuditLedger.randomHash() },
        publish: @escaping @Sendable (AuditHead) -> Void = { _ in }
    ) throws(AuditError) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.publish = publish
        chain = AuditChain(hashing)
        files = AuditFiles(directory: configuration.directory, fileSystem: fileSystem)
        do throws(FileError) {
            try fileSystem.createDirectory(files.blocks)
            lock = try fileSystem.lock("\(configuration.directory)/lock")
            let format = "\(configuration.directory)/format"
            let text = try files.read(format)
            if let text, text != Array(AuditFiles.formatText.utf8) {
                lock.release()
                throw FileError(
                    code: FileError.exists,
                    operation: "use",
                    path: format,
                    reason: "it is not of a ledger of this version"
                )
            }
            if text == nil { try files.replace(format, with: Array(AuditFiles.formatText.utf8)) }
            let opening = AuditOpening(configuration: configuration, files: files, chain: chain, logger: logger)
            writer = Mutex(try opening.open(random: random))
        } catch {
            throw .unavailable("\(error); \(error.remedy)")
        }
    }

    deinit {
        release()
    }

    /// Gives the lock back, once: its descriptor may be another file's afterwards.
    private func release() {
        if !isReleased.exchange(true, ordering: .acquiringAndReleasing) { lock.release() }
    }

    /// Thirty-two bytes from the system's source of randomness.
    package static func randomHash() -> AuditHash {
        let bytes = (0..<AuditHash.byteCount).map { _ in UInt8.random(in: .min ... .max) }
        return AuditHash(bytes.span)
    }

    /// Whether there is a ledger in a directory.
    package static func isThere(_ directory: String, fileSystem: any FileSystem = POSIXFileSystem()) -> Bool {
        let files = AuditFiles(directory: directory, fileSystem: fileSystem)
        return (try? files.read("\(directory)/format")) != nil
    }

    /// Seals what is open, writes the last checkpoint, and gives the directory back.
    ///
    /// - Throws: ``AuditError`` when that cannot be made durable; everything acknowledged stays in the open block.
    package func close() throws(AuditError) {
        var heads: [AuditHead] = []
        defer { release() }
        try writer.withLock { state throws(AuditError) in
            guard !state.isClosed else { return }
            state.isClosed = true
            if state.active != nil { heads += try seal(&state) } else { heads += try writeCheckpoint(&state) }
            try? state.checkpointFile?.close()
        }
        for head in heads { publish(head) }
    }

    /// Gives the directory back as a killed process would: nothing more is written.
    package func abandon() {
        writer.withLock { $0.isClosed = true }
        release()
    }

    /// How far the ledger has come, as a head without a code.
    package var head: AuditHead { writer.withLock { currentHead($0) } }

    /// The key for the checkpoints to come; who keeps it elsewhere can verify them.
    package var key: AuditKey { writer.withLock { $0.key } }

    func unavailable(_ error: FileError) -> AuditError { .unavailable("\(error); \(error.remedy)") }

    func requireOpen(_ state: AuditState) throws(AuditError) {
        if state.isClosed { throw .unavailable("the audit ledger in \(configuration.directory) is closed") }
    }
}
