public import MartletCore

/// Who did what to what, how it ended, and why.
public struct AuditRecord: Sendable, Hashable {
    /// How an operation ended.
    public enum Outcome: String, Sendable, CaseIterable {
        /// It was done.
        case success
        /// It was tried and failed.
        case failure
        /// It was not allowed.
        case denied
    }

    /// Who: a user, a service, an address.
    public var actor: String
    /// What was done, such as `secret.read`.
    public var operation: String
    /// What it was done to.
    public var resource: String
    /// How it ended.
    public var outcome: Outcome
    /// Why it ended so, or why it was done.
    public var reason: String
    /// The part of the program that did it.
    public var component: String
    /// The particulars.
    public var details: LogFields
    /// The trace in which it was done; that of the current span where none is given.
    public var traceID: TraceID?

    /// Creates a record.
    public init(
        actor: String,
        operation: String,
        resource: String,
        outcome: Outcome,
        reason: String = "",
        component: String = "",
        details: LogFields = [:],
        traceID: TraceID? = nil
    ) {
        self.actor = actor
        self.operation = operation
        self.resource = resource
        self.outcome = outcome
        self.reason = reason
        self.component = component
        self.details = details
        self.traceID = traceID
    }
}

extension AuditRecord {
    /// A breach of the rules as a record: who is the sandbox or the program, what the kind of breach, why what was done about it.
    ///
    /// - Parameters:
    ///   - event: The breach.
    ///   - program: The program that tells.
    public init(_ event: SecurityEvent, program: String) {
        var details = LogFields(event.fields.filter { $0.1 != .null && $0.0 != "violation_type" })
        details.prepend("event_type", "security_event")
        let trace = event.context.traceID.flatMap { TraceID($0) }
        if trace == nil, let other = event.context.traceID { details.append("trace", .string(other)) }
        self.init(
            actor: event.context.sandboxID ?? program,
            operation: event.violationType,
            resource: event.resource ?? event.capability ?? "",
            outcome: .denied,
            reason: event.actionTaken,
            component: program,
            details: details,
            traceID: trace
        )
    }
}
