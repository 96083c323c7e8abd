import MartletCore
import MartletEvents
import MartletLogStore
import MartletLogging
import MartletOTLP
import MartletSeries
import Synchronization

/// The server's log store, which is not opened before there is something in it.
///
/// A server that nobody sends logs to has no thread, no file and no memory for them.
final class LogService: Sendable {
    /// Where the store was when it was opened.
    private final class Opening: Sendable {
        let sequence = Atomic<UInt64>(0)
    }

    private let configuration: EventConfiguration
    private let logger: Logger
    private let prepare: @Sendable (LogService) -> Void
    private let store: LazyStore<LogStore, EventError>
    private let opening: Opening
    private let isNearlyFull = Mutex(false)

    /// Creates a service; `prepare` is called before each look, where the records are copies of what stands elsewhere.
    init(
        _ configuration: EventConfiguration,
        format: String = "martlet logs 1",
        patterns: any PatternCompiler,
        clock: any WallClock,
        logger: Logger,
        prepare: @escaping @Sendable (LogService) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.prepare = prepare
        let opening = Opening()
        self.opening = opening
        store = LazyStore(
            isThere: { LogStore.isThere(configuration.directory) },
            stopped: .unavailable("the server is stopping"),
            open: { () throws(EventError) in
                let store = try LogStore(
                    configuration,
                    format: format,
                    patterns: patterns,
                    codec: ZstandardCodec(),
                    clock: clock,
                    logger: logger
                )
                // Nobody has the store yet, so that no record can have come.
                opening.sequence.store(store.nextSequence, ordering: .releasing)
                return store
            }
        )
    }

    /// The store to put records into.
    ///
    /// - Throws: `EventError` when its directory cannot be used.
    func storeToWrite() throws(EventError) -> LogStore { try store.toWrite() }

    /// The store to look into, `nil` where no record ever came.
    ///
    /// - Throws: `EventError` when its directory cannot be used.
    func storeToRead() throws(EventError) -> LogStore? {
        prepare(self)
        return try store.toRead()
    }

    /// The number of the first record that came since the server started.
    var firstSequence: UInt64 { opening.sequence.load(ordering: .acquiring) }

    /// The store where it is open already.
    var storeIfOpen: LogStore? { store.ifOpen }

    /// Takes records; when this returns they survive the process.
    ///
    /// - Throws: `EventError` `unavailable` while nothing can be stored.
    @discardableResult
    func append(_ request: LogsRequest) throws(EventError) -> LogStore.Outcome {
        try storeToWrite().append(request)
    }

    /// Seals, expires and bounds what is stored.
    func maintain() {
        do throws(EventError) {
            guard let store = try storeToRead() else { return }
            warnWhenNearlyFull(store.statistics)
            store.maintain()
        } catch {
            logger.error("logs cannot be kept", ["error": .string(error.description)])
        }
    }

    /// How many bytes the records may take before the oldest go.
    var bytesMax: Int { configuration.bytesMax }

    /// Says once that nine tenths of the limit are taken, before the oldest blocks are dropped; again after it was under eight.
    private func warnWhenNearlyFull(_ statistics: EventStatistics) {
        let bytes = statistics.logBytes + statistics.blockBytes
        let isNew = isNearlyFull.withLock { known in
            let was = known
            known = bytes >= configuration.bytesMax / 10 * (was ? 8 : 9)
            return known && !was
        }
        guard isNew else { return }
        logger.warn(
            "the store is nearly full: the oldest blocks are dropped soon",
            [
                "bytes": LogValue(bytes), "bytesMax": LogValue(configuration.bytesMax),
                "remedy": "raise max_bytes, or shorten the retention",
            ]
        )
    }

    /// Makes everything durable; nothing can be stored afterwards.
    func close() {
        do throws(EventError) {
            try store.close()?.close()
        } catch {
            logger.error("the log store was not closed well", ["error": .string(error.description)])
        }
    }
}
