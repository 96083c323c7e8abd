public import MartletHealth
public import MartletLogging

/// Tells the log what supervisors do: one record a restart, with supervisor, child and reason.
public struct SupervisionLog: SupervisionObserver {
    private let log: Logger

    /// Creates an observer that tells a logger.
    public init(_ log: Logger) {
        self.log = log
    }

    /// Tells of an event; health checks and the counts of children are left to metrics.
    public func observe(_ event: SupervisionEvent, supervisor: String) {
        func fields(_ child: String, _ rest: (String, LogValue)...) -> LogFields {
            var fields: LogFields = ["supervisor": .string(supervisor), "child": .string(child)]
            fields.append(contentsOf: LogFields(rest))
            return fields
        }
        switch event {
        case .started(let child, let isRestart, let type, _):
            if isRestart {
                log.warn("Child restarted", fields(child, ("reason", .string(type ?? "unknown"))))
            } else {
                log.info("Child started", fields(child))
            }
        case .failed(let child, let type, let reason):
            log.error("Child failed", fields(child, ("failure_type", .string(type)), ("reason", .string(reason))))
        case .stopped(let child): log.info("Child stopped", fields(child))
        case .abandoned(let child): log.error("Child did not stop in time and was left behind", fields(child))
        case .intensityExceeded(let child): log.error("Supervisor gives up: too many restarts", fields(child))
        default: break
        }
    }
}
