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
    private enum State {
        case closed
        case idle
        case open(LogStore)
    }

    private let configuration: EventConfiguration
    private let format: String
    private let patterns: any PatternCompiler
    private let clock: any WallClock
    private let logger: Logger
    private let prepare: @Sendable (LogService) -> Void
    private let state = Mutex(State.idle)
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
        self.format = format
        self.patterns = patterns
        self.clock = clock
        self.logger = logger
        self.prepare = prepare
    }

    /// The store to put records into.
    ///
    /// - Throws: `EventError` when its directory cannot be used.
    func storeToWrite() throws(EventError) -> LogStore {
        try state.withLock { state throws(EventError) in
            switch state {
            case .open(let store): return store
            case .closed: throw .unavailable("the server is stopping")
            case .idle:
                let store = try LogStore(
                    configuration,
                    format: format,
                    patterns: patterns,
                    codec: ZstandardCodec(),
                    clock: clock,
                    logger: logger
                )
                state = .open(store)
                return store
            }
        }
    }

    /// The store to look into, `nil` where no record ever came.
    ///
    /// - Throws: `EventError` when its directory cannot be used.
    func storeToRead() throws(EventError) -> LogStore? {
        prepare(self)
        if let store = storeIfOpen { return store }
        return LogStore.isThere(configuration.directory) ? try storeToWrite() : nil
    }

    /// The store where it is open already.
    var storeIfOpen: LogStore? {
        state.withLock { state in
            guard case .open(let store) = state else { return nil }
            return store
        }
    }

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
        let store = state.withLock { state -> LogStore? in
            defer { state = .closed }
            guard case .open(let store) = state else { return nil }
            return store
        }
        do throws(EventError) {
            try store?.close()
        } catch {
            logger.error("the log store was not closed well", ["error": .string(error.description)])
        }
    }
}
