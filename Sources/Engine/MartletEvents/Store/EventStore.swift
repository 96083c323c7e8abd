package import MartletCore
package import MartletFiles
package import MartletLogging
import Synchronization

/// A durable store of events of one kind in one directory: what traces and logs share.
///
/// Events go to a write-ahead log and to memory, where they can be searched at once, and are sealed into immutable
/// blocks of columns, which are deleted whole when they are too old or too much. Any number of threads may append, read
/// and maintain at once; calls block for as long as the disk takes. The files are described in `docs/formats/events.md`.
package final class EventStore<Kind: EventKind>: Sendable {
    /// What memory holds and which blocks there are.
    struct Head: Sendable {
        var active: Kind.Active
        /// What is being sealed; log files below its sequence are superfluous once it is.
        var frozen: Frozen?
        var blocks: [StoredBlock<Kind>] = []
        var pending: [UInt8] = []
        var ticket: UInt64 = 0
        var activeSince: Int64?
        var appended = 0
    }

    struct Frozen: Sendable {
        var events: Kind.Active
        var logSequence: UInt64
    }

    /// What only one maintaining caller at a time touches.
    struct Maintenance: Sendable {
        var nextBlock: UInt64
        var expired = 0
        var evicted = 0
        var eventsDropped = 0
        var seals = 0
        var compactions = 0
        var compactionSeconds = 0.0
        var compactionBytesRead = 0
        var compactionBytesWritten = 0
        var compactionFailures = 0
        var compactionRetryAt = Int64.min

        /// The numbers of blocks that are as small as they get, or damaged.
        var settled: Set<UInt64> = []

        /// The numbers of blocks that cannot be made one with those beside them.
        var unmergeable: Set<UInt64> = []

        /// When the pages of blocks were given back last, in milliseconds.
        var forgottenAt: Int64 = 0

        /// When freed memory was given back last, in milliseconds.
        var trimmedAt: Int64 = 0
    }

    package let configuration: EventConfiguration
    let kind: Kind
    let clock: any WallClock
    let logger: Logger
    let fileSystem: any FileSystem
    let randomSalt: @Sendable () -> UInt32

    // Always locked in this order: maintenance, writer, head.
    let maintenance: Mutex<Maintenance>
    let writer: Mutex<EventLog>
    let head: Mutex<Head>

    /// Whether the log refuses writes, so that callers need not wait for the writer to find out.
    let isFailing = Atomic<Bool>(false)

    /// Whether a log file was begun.
    let hasLog = Atomic<Bool>(false)

    /// Log files below this number are superfluous.
    let sealedSequence: Atomic<UInt64>
    let retryAt: Mutex<ContinuousClock.Instant>
    let opened: EventOpening<Kind>.Report
    private let isClosed = Atomic<Bool>(false)
    private let lock: any FileLock
    private let sync = Mutex<BackgroundSync?>(nil)

    /// Opens a store, making the directory where it is missing, and reads the log.
    ///
    /// - Throws: ``EventError`` when the directory cannot be used or another process has it.
    package init(
        _ configuration: EventConfiguration,
        kind: Kind,
        clock: any WallClock = SystemWallClock(),
        logger: Logger = .silent,
        fileSystem: any FileSystem = POSIXFileSystem(),
        randomSalt: @escaping @Sendable () -> UInt32 = { .random(in: .min ... .max) }
    ) throws(EventError) {
        let opening = try EventOpening(configuration, kind, clock, logger, fileSystem, salt: randomSalt())
        self.configuration = configuration
        self.kind = kind
        self.clock = clock
        self.logger = logger
        self.fileSystem = fileSystem
        self.randomSalt = randomSalt
        lock = opening.lock
        opened = opening.report
        maintenance = Mutex(Maintenance(nextBlock: opening.nextBlock))
        writer = Mutex(opening.log)
        head = Mutex(opening.head)
        retryAt = Mutex(.now)
        sealedSequence = Atomic(opening.sealedSequence)
        if case .interval(let milliseconds) = configuration.durability {
            let thread = BackgroundSync.start(delayMilliseconds: milliseconds) { [weak self] in self?.syncLog() }
            sync.withLock { $0 = thread }
            // Without a thread every write is synced at once, which is slower and promises more.
            if thread == nil { writer.withLock { $0.durability = .each } }
        }
    }

    deinit {
        guard !isClosed.load(ordering: .relaxed) else { return }
        stopSync()
        // Nobody is left to tell an error to; what was acknowledged is with the system already.
        try? writer.withLock { writer throws(FileError) in try writer.close() }
        lock.release()
    }

    /// Makes everything durable and gives the directory back; afterwards nothing can be appended.
    ///
    /// - Throws: ``EventError`` `unavailable` when the last writes could not be made durable.
    package func close() throws(EventError) {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        stopSync()
        defer { lock.release() }
        try writer.withLock { writer throws(EventError) in
            if writer.failure != nil { try recover(&writer) }
            do throws(FileError) {
                try writer.write(head.withLock { Self.take(&$0) })
                try writer.close()
            } catch {
                throw unavailable(error)
            }
        }
    }

    /// Gives the directory back as a killed process would: nothing more is written or synced.
    package func abandon() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        stopSync()
        lock.release()
    }

    /// Looks at everything there is: memory under the lock that writers need, then what is immutable without it.
    ///
    /// - Parameters:
    ///   - memory: Looks at the events in memory; writers wait meanwhile.
    ///   - blocks: Looks at what is being sealed and at the blocks, newest last.
    /// - Returns: What the second look gave.
    /// - Throws: What the second look throws.
    package func read<Result>(
        memory: (Kind.Active) -> Result,
        blocks: (Result, Kind.Active?, [StoredBlock<Kind>]) throws(EventError) -> Result
    ) throws(EventError) -> Result {
        let (result, frozen, sealed) = head.withLock { head in
            (memory(head.active), head.frozen?.events, head.blocks)
        }
        return try blocks(result, frozen, sealed)
    }

    /// Looks at what memory holds; writers wait meanwhile.
    package func look<Result>(_ body: (Kind.Active) -> Result) -> Result { head.withLock { body($0.active) } }

    /// Throws once the store is closed.
    func requireOpen() throws(EventError) {
        guard !isClosed.load(ordering: .relaxed) else {
            throw .unavailable("cannot write to \(configuration.directory): the store is closed")
        }
    }

    /// Asks for a sync of the log within the interval.
    func askForSync() { sync.withLock { $0 }?.ask() }

    private func stopSync() {
        let thread = sync.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.stop()
    }

    private func syncLog() {
        writer.withLock { writer in
            do throws(FileError) { try writer.sync() } catch { noteFailure(error) }
        }
    }
}

/// A block of the store with its file.
package struct StoredBlock<Kind: EventKind>: Sendable {
    /// The file.
    package let file: BlockFile

    /// What the kind of events makes of it.
    package let content: Kind.Block
}
