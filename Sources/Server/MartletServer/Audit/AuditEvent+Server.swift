import MartletAudit

extension AuditEvent {
    /// The configuration was read again.
    static func reload(_ file: String, problem: String?) -> AuditEvent {
        AuditEvent(
            actor: "operator",
            operation: "configuration.reload",
            resource: file,
            outcome: problem == nil ? "success" : "failure",
            reason: problem ?? "",
            component: "server"
        )
    }

    /// Somebody did something about alerts.
    static func alerting(
        _ operation: String,
        by actor: String,
        resource: String,
        reason: String = "",
        problem: String? = nil
    ) -> AuditEvent {
        AuditEvent(
            actor: actor.isEmpty ? "unknown" : actor,
            operation: operation,
            resource: resource,
            outcome: problem == nil ? "success" : "failure",
            reason: problem ?? reason,
            component: "alerting"
        )
    }
}
