import MartletCore
import MartletEvents
import MartletLogging
import MartletTraceStore

/// The server's trace store, which is not opened before there is something in it.
///
/// A server that nobody sends spans to has no thread, no file and no memory for them.
final class TraceService: Sendable {
    private let logger: Logger
    private let store: LazyStore<TraceStore, EventError>

    /// Creates a service; `failures` is told of spans with the status of an error as they come.
    init(
        _ configuration: EventConfiguration,
        clock: any WallClock,
        logger: Logger,
        failures: @escaping @Sendable ([FailedSpan]) -> Void
    ) {
        self.logger = logger
        store = LazyStore(
            isThere: { TraceStore.isThere(configuration.directory) },
            stopped: .unavailable("the server is stopping"),
            open: { () throws(EventError) in
                try TraceStore(configuration, clock: clock, logger: logger, failures: failures)
            }
        )
    }

    /// The store to put spans into.
    ///
    /// - Throws: `EventError` when its directory cannot be used.
    func storeToWrite() throws(EventError) -> TraceStore { try store.toWrite() }

    /// The store to look into, `nil` where no span ever came.
    ///
    /// - Throws: `EventError` when its directory cannot be used.
    func storeToRead() throws(EventError) -> TraceStore? { try store.toRead() }

    /// The store where it is open already.
    var storeIfOpen: TraceStore? { store.ifOpen }

    /// Seals, expires and bounds what is stored.
    func maintain() {
        do throws(EventError) {
            try storeToRead()?.maintain()
        } catch {
            logger.error("traces cannot be kept", ["error": .string(error.description)])
        }
    }

    /// Makes everything durable; nothing can be stored afterwards.
    func close() {
        do throws(EventError) {
            try store.close()?.close()
        } catch {
            logger.error("the trace store was not closed well", ["error": .string(error.description)])
        }
    }
}
