public import MartletCore

/// One thing that happened.
public struct LogRecord: Sendable {
    /// When, in nanoseconds since the epoch.
    public var nanosecondsSinceEpoch: Int64
    /// How much it matters.
    public var level: LogLevel
    /// Which part of the program tells it, such as `scrape`.
    public var target: String
    /// What happened, in words that stay the same from one time to the next.
    public var message: String
    /// The particulars.
    public var fields: LogFields
    /// The span in which it happened, if in one.
    public var context: SpanContext?
    /// How many records this one stands for; more than one where the others of its kind were sampled away.
    public var weight: Int
    /// Whether the fields are all there is to tell, so that a JSON line holds them and nothing else.
    public var isEvent: Bool

    /// Creates a record.
    ///
    /// - Parameters:
    ///   - nanosecondsSinceEpoch: When.
    ///   - level: How much it matters.
    ///   - target: Which part of the program tells it.
    ///   - message: What happened.
    ///   - fields: The particulars.
    ///   - context: The span in which it happened.
    ///   - weight: How many records it stands for, at least 1.
    ///   - isEvent: Whether the fields are all there is to tell.
    public init(
        nanosecondsSinceEpoch: Int64,
        level: LogLevel,
        target: String,
        message: String,
        fields: LogFields = [:],
        context: SpanContext? = nil,
        weight: Int = 1,
        isEvent: Bool = false
    ) {
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
        self.level = level
        self.target = target
        self.message = message
        self.fields = fields
        self.context = context
        self.weight = max(1, weight)
        self.isEvent = isEvent
    }
}
