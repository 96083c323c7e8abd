public import MartletHealth
public import MartletLogging

/// Tells the log what a health monitor sees.
///
/// A good run is told at debug, a bad one as a warning, or as an error where the check is critical or has failed as often
/// in a row as the alert threshold says.
public struct HealthLog: HealthObserver {
    private let log: Logger

    /// Creates an observer that tells a logger.
    public init(_ log: Logger) {
        self.log = log
    }

    /// Tells of an event.
    public func observe(_ event: HealthEvent) {
        switch event {
        case .checked(let record, let run): checked(record, run)
        case .changed(let transition): changed(transition, "Health status changed")
        case .overallChanged(let transition): changed(transition, "System health status changed")
        case .thresholdExceeded(let record):
            log.error(
                HealthEvent.thresholdMessage,
                [
                    "check": .string(record.name), "failure_count": .integer(Int64(record.failureCount)),
                    "message": .string(record.message),
                ]
            )
        case .removed: break
        }
    }

    private func checked(_ record: HealthRecord, _ run: HealthRun) {
        let milliseconds = run.duration / .milliseconds(1)
        if run.isHealthy {
            log.debug(
                "Health check passed",
                [
                    "check": .string(record.name), "message": .string(run.message),
                    "duration_ms": .double(milliseconds),
                ]
            )
            return
        }
        let isGrave = record.isCritical || record.failureCount >= record.alertThreshold
        log.log(
            isGrave ? .error : .warn,
            "Health check failed",
            [
                "check": .string(record.name), "failure_count": .integer(Int64(record.failureCount)),
                "message": .string(run.message), "duration_ms": .double(milliseconds),
            ]
        )
    }

    private func changed(_ transition: HealthTransition, _ message: String) {
        var fields: LogFields = [
            "from": .string(transition.from.rawValue), "to": .string(transition.to.rawValue),
            "message": .string(transition.message),
        ]
        if !transition.check.isEmpty { fields.prepend("check", .string(transition.check)) }
        log.log(transition.to > transition.from ? .warn : .info, message, fields)
    }
}
