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

    /// Creates a record.
    public init(
        actor: String,
        operation: String,
        resource: String,
        outcome: Outcome,
        reason: String = "",
        component: String = "",
        details: LogFields = [:]
    ) {
        self.actor = actor
        self.operation = operation
        self.resource = resource
        self.outcome = outcome
        self.reason = reason
        self.component = component
        self.details = details
    }
}
