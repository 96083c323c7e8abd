import MartletCore
import MartletEvents
import MartletLogging
import MartletTraceStore
import Synchronization

/// The server's trace store, which is not opened before there is something in it.
///
/// A server that nobody sends spans to has no thread, no file and no memory for them.
final class TraceService: Sendable {
    private enum State {
        case closed
        case idle
        case open(TraceStore)
    }

    private let configuration: EventConfiguration
    private let clock: any WallClock
    private let logger: Logger
    private let failures: @Sendable ([FailedSpan]) -> Void
    private let state = Mutex(State.idle)

    /// Creates a service; `failures` is told of spans with the status of an error as they come.
    init(
        _ configuration: EventConfiguration,
        clock: any WallClock,
        logger: Logger,
        failures: @escaping @Sendable ([FailedSpan]) -> Void
    ) {
        self.failures = failures
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
    }

    /// The store to put spans into.
    ///
    /// - Throws: `EventError` when its directory cannot be used.
    func storeToWrite() throws(EventError) -> TraceStore {
        try state.withLock { state throws(EventError) in
            switch state {
            case .open(let store): return store
            case .closed: throw .unavailable("the server is stopping")
            case .idle:
                let store = try TraceStore(configuration, clock: clock, logger: logger, failures: failures)
                state = .open(store)
                return store
            }
        }
    }

    /// The store to look into, `nil` where no span ever came.
    ///
    /// - Throws: `EventError` when its directory cannot be used.
    func storeToRead() throws(EventError) -> TraceStore? {
        if let store = storeIfOpen { return store }
        return TraceStore.isThere(configuration.directory) ? try storeToWrite() : nil
    }

    /// The store where it is open already.
    var storeIfOpen: TraceStore? {
        state.withLock { state in
            guard case .open(let store) = state else { return nil }
            return store
        }
    }

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
        let store = state.withLock { state -> TraceStore? in
            defer { state = .closed }
            guard case .open(let store) = state else { return nil }
            return store
        }
        do throws(EventError) {
            try store?.close()
        } catch {
            logger.error("the trace store was not closed well", ["error": .string(error.description)])
        }
    }
}
