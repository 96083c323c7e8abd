import MartletAudit
import MartletCore
import MartletLogging
import Synchronization

/// The server's ledger of audit events, which is not opened before there is something in it.
final class AuditService: Sendable {
    private enum State {
        case closed
        case idle
        case open(AuditLedger)
    }

    let configuration: AuditConfiguration
    let clock: any WallClock
    private let publisher: AuditPublisher
    private let logger: Logger
    private let state = Mutex(State.idle)
    private let failed = Atomic<Int>(0)

    init(_ configuration: AuditConfiguration, publisher: AuditPublisher, clock: any WallClock, logger: Logger) {
        self.configuration = configuration
        self.publisher = publisher
        self.clock = clock
        self.logger = logger
    }

    /// How many events of the server's own could not be written.
    var failures: Int { failed.load(ordering: .relaxed) }

    /// The ledger to write to.
    func ledgerToWrite() throws(AuditError) -> AuditLedger {
        try state.withLock { state throws(AuditError) in
            switch state {
            case .open(let ledger): return ledger
            case .closed: throw .unavailable("the server is stopping")
            case .idle:
                let publisher = publisher
                let ledger = try AuditLedger(
                    configuration,
                    hashing: AuditHashes(),
                    clock: clock,
                    logger: logger,
                    publish: { publisher.publish($0) }
                )
                state = .open(ledger)
                return ledger
            }
        }
    }

    /// The ledger to look into, `nil` where nothing was ever written.
    func ledgerToRead() throws(AuditError) -> AuditLedger? {
        if let ledger = ledgerIfOpen { return ledger }
        return AuditLedger.isThere(configuration.directory) ? try ledgerToWrite() : nil
    }

    /// The ledger where it is open already.
    var ledgerIfOpen: AuditLedger? {
        state.withLock { state in
            guard case .open(let ledger) = state else { return nil }
            return ledger
        }
    }

    /// Writes an event of the server's own; a failure is logged and counted, since what it tells of has happened.
    func record(_ event: AuditEvent) {
        do throws(AuditError) {
            try ledgerToWrite().append([event.json(time: clock.nanosecondsSinceEpoch)])
        } catch {
            failed.add(1, ordering: .relaxed)
            logger.error(
                "an audit event was not written",
                ["operation": .string(event.operation), "error": .string(error.description)]
            )
        }
    }

    /// Seals, expires and writes checkpoints.
    func maintain() {
        do throws(AuditError) {
            try ledgerToRead()?.maintain()
        } catch {
            logger.error("audit events cannot be kept", ["error": .string(error.description)])
        }
    }

    /// Seals everything, and publishes the last head.
    func close() {
        let ledger = state.withLock { state -> AuditLedger? in
            defer { state = .closed }
            guard case .open(let ledger) = state else { return nil }
            return ledger
        }
        do throws(AuditError) {
            try ledger?.close()
        } catch {
            logger.error("the audit ledger was not closed well", ["error": .string(error.description)])
        }
    }
}
