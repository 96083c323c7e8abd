public import MartletCore
import MartletFiles
public import MartletLogging
public import MartletSeries
import Synchronization

/// A durable store of time series in one directory.
///
/// Samples go to a write-ahead log and to memory, from where they are sealed into compressed segments, which are merged
/// and in time rolled up. Any number of threads may append, read and maintain at once; calls block for as long as the
/// disk takes, so call them from threads or tasks that may wait. One process at a time has the directory.
///
/// Memory: eight bytes a sample that is not sealed yet, and some 300 bytes a series that is written to. The files are
/// described in `docs/formats/wal.md` and `docs/formats/segment.md`.
public final class TimeSeriesStore: SampleSink, SampleColumnSink, SeriesSource, Sendable {
    /// What only one maintaining caller at a time touches.
    struct Maintenance: Sendable {
        var nextSegment: UInt64
        var expired = 0
        var evicted = 0
        var merges = 0
        var seals = 0
        var samplesDeleted = 0
        var warnedOfSize = false

        /// Files that should be gone and may not be, by the number of their segment; later segments name them as
        /// replaced, so that they never come back.
        var leftovers: [UInt64: String] = [:]
        let codec = ChunkCodec()
    }

    let configuration: Configuration
    let clock: any WallClock
    let logger: Logger
    let fileSystem: any FileSystem
    let timeline: Timeline
    let randomSalt: @Sendable () -> UInt32

    // Always locked in this order: maintenance, writer, head.
    let maintenance: Mutex<Maintenance>
    let writer: Mutex<LogWriter>
    let head: Mutex<Head>

    // Where those who append and commit wait for each other, before they lock anything.
    let appenders = Turnstile()
    let committers = Turnstile()

    /// Whether the log refuses writes, so that callers need not wait for the writer to find out.
    let isFailing = Atomic<Bool>(false)

    /// When writing may be tried again after a failure.
    let retryAt: Mutex<ContinuousClock.Instant>
    let opened: OpeningReport
    let exemplarRing: Mutex<ExemplarRing>
    let metadataTable: Mutex<MetadataTable>
    private let isClosed = Atomic<Bool>(false)
    private let lock: any FileLock
    private let sync = Mutex<BackgroundSync?>(nil)

    /// Opens a store, making the directory where it is missing, and reads the log.
    ///
    /// - Parameters:
    ///   - configuration: Where and how to store.
    ///   - clock: The time that retention and limits go by.
    ///   - logger: Told about damage and failures.
    /// - Throws: ``StoreError`` when the directory cannot be used, another process has it, or a setting makes no sense.
    public convenience init(
        _ configuration: Configuration,
        clock: any WallClock = SystemWallClock(),
        logger: Logger = .silent
    ) throws(StoreError) {
        try self.init(configuration, clock: clock, logger: logger, fileSystem: POSIXFileSystem())
    }

    init(
        _ configuration: Configuration,
        clock: any WallClock,
        logger: Logger,
        fileSystem: any FileSystem,
        steadyClock: (@Sendable () -> Int64)? = nil,
        randomSalt: @escaping @Sendable () -> UInt32 = { .random(in: .min ... .max) }
    ) throws(StoreError) {
        try configuration.check()
        let now = clock.millisecondsSinceEpoch
        let opening = try Opening(configuration, now: now, logger, fileSystem, salt: randomSalt())
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.fileSystem = fileSystem
        self.randomSalt = randomSalt
        // A clock that is not the machine's is a simulated one, which is right by definition.
        let isReal = clock is SystemWallClock
        let start = ContinuousClock.now
        let steady: @Sendable () -> Int64 = {
            isReal ? (ContinuousClock.now - start).milliseconds : clock.millisecondsSinceEpoch
        }
        timeline = Timeline(
            wall: now,
            newest: isReal || steadyClock != nil ? opening.newestTime : nil,
            steadyNow: steadyClock ?? steady
        )
        lock = opening.lock
        opened = opening.report
        maintenance = Mutex(Maintenance(nextSegment: opening.nextSegment))
        writer = Mutex(opening.writer)
        head = Mutex(opening.head)
        retryAt = Mutex(.now)
        exemplarRing = Mutex(opening.exemplars)
        metadataTable = Mutex(MetadataTable(metricsMax: configuration.metadataMax))
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
    /// - Throws: ``SeriesError`` `storageUnavailable` when the last writes could not be made durable.
    public func close() throws(SeriesError) {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        stopSync()
        defer { lock.release() }
        try maintenance.withLock { _ throws(SeriesError) in
            try writer.withLock { writer throws(SeriesError) in
                if writer.failure != nil { try recover(&writer) }
                do throws(FileError) {
                    try writer.write(head.withLock { $0.log.take() })
                    try writer.close()
                } catch {
                    throw unavailable(error)
                }
            }
        }
    }

    /// Gives the directory back as a killed process would: nothing more is written or synced.
    func abandon() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        stopSync()
        lock.release()
    }

    /// Throws once the store is closed.
    func requireOpen() throws(SeriesError) {
        guard !isClosed.load(ordering: .relaxed) else {
            throw .storageUnavailable("cannot write to \(configuration.directory): the store is closed")
        }
    }

    /// Asks for a sync of the log within the interval.
    func askForSync() {
        sync.withLock { $0 }?.ask()
    }

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
