/// A breach of the rules, or an attempt at one: `event_type` is `security_event`.
public struct SecurityEvent: Sendable {
    /// Where it happened.
    public var context: EventContext
    /// What kind of breach, such as `capability_denied`.
    public var violationType: String
    /// The right that was missing.
    public var capability: String?
    /// What it was wanted for.
    public var resource: String?
    /// The limit that was passed.
    public var threshold: Double?
    /// The value that passed it.
    public var actualValue: Double?
    /// What was done about it, such as `blocked`.
    public var actionTaken: String

    /// Creates an event.
    public init(
        violationType: String,
        actionTaken: String,
        capability: String? = nil,
        resource: String? = nil,
        threshold: Double? = nil,
        actualValue: Double? = nil,
        context: EventContext = EventContext()
    ) {
        self.context = context
        self.violationType = violationType
        self.capability = capability
        self.resource = resource
        self.threshold = threshold
        self.actualValue = actualValue
        self.actionTaken = actionTaken
    }

    var fields: [(String, LogValue)] {
        [
            ("violation_type", .string(violationType)), ("capability", .init(optional: capability)),
            ("resource", .init(optional: resource)), ("threshold", .init(optional: threshold)),
            ("actual_value", .init(optional: actualValue)), ("action_taken", .string(actionTaken)),
        ]
    }
}
