public import MartletHealth
public import MartletLogging

/// Records in an audit trail what supervisors do: restarts, children that were left behind, and supervisors that give up.
///
/// Who is the supervisor, what is done to is the child. Give it beside ``SupervisionLog``, which tells of starts and stops too.
public struct SupervisionAudit: SupervisionObserver {
    private let audit: any AuditSink

    /// Creates an observer that writes to an audit trail.
    public init(_ audit: any AuditSink) {
        self.audit = audit
    }

    /// Records an event.
    public func observe(_ event: SupervisionEvent, supervisor: String) {
        let (operation, child, outcome, reason): (String, String, AuditRecord.Outcome, String)
        switch event {
        case .started(let name, true, let type, _):
            (operation, child, outcome, reason) = ("supervision.restart", name, .success, type ?? "unknown")
        case .abandoned(let name):
            (operation, child, outcome) = ("supervision.abandon", name, .failure)
            reason = "it did not end in time after it was cancelled"
        case .intensityExceeded(let name):
            (operation, child, outcome) = ("supervision.give_up", name, .failure)
            reason = "it failed more often than allowed"
        default: return
        }
        audit.write(
            AuditRecord(
                actor: supervisor,
                operation: operation,
                resource: child,
                outcome: outcome,
                reason: reason,
                component: "supervision"
            )
        )
    }
}
