import MartletAudit
import MartletCore
import MartletLogging
import Synchronization

/// The server's ledger of audit events, which is not opened before there is something in it.
final class AuditService: Sendable {
    let configuration: AuditConfiguration
    let clock: any WallClock
    private let logger: Logger
    private let ledger: LazyStore<AuditLedger, AuditError>
    private let failed = Atomic<Int>(0)

    init(_ configuration: AuditConfiguration, publisher: AuditPublisher, clock: any WallClock, logger: Logger) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        ledger = LazyStore(
            isThere: { AuditLedger.isThere(configuration.directory) },
            stopped: .unavailable("the server is stopping"),
            open: { () throws(AuditError) in
                try AuditLedger(
                    configuration,
                    hashing: AuditHashes(),
                    clock: clock,
                    logger: logger,
                    publish: { publisher.publish($0) }
                )
            }
        )
    }

    /// How many events of the server's own could not be written.
    var failures: Int { failed.load(ordering: .relaxed) }

    /// The ledger to write to.
    func ledgerToWrite() throws(AuditError) -> AuditLedger { try ledger.toWrite() }

    /// The ledger to look into, `nil` where nothing was ever written.
    func ledgerToRead() throws(AuditError) -> AuditLedger? { try ledger.toRead() }

    /// The ledger where it is open already.
    var ledgerIfOpen: AuditLedger? { ledger.ifOpen }

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
        do throws(AuditError) {
            try ledger.close()?.close()
        } catch {
            logger.error("the audit ledger was not closed well", ["error": .string(error.description)])
        }
    }
}
