/// One execution of a function in a sandbox: `event_type` is `wasm_execution`.
public struct ExecutionEvent: Sendable {
    /// Where it happened.
    public var context: EventContext
    /// The execution.
    public var executionID: String?
    /// The function.
    public var function: String
    /// How long it took, in milliseconds.
    public var durationMilliseconds: Double
    /// Whether it succeeded.
    public var success: Bool
    /// How much memory it used, in bytes.
    public var memoryUsed: Int64?
    /// How much fuel it used.
    public var fuelConsumed: Int64?
    /// What went wrong.
    public var error: String?
    /// What else is worth telling.
    public var customFields: LogFields
    /// The level, where success and failure are not to decide.
    public var level: LogLevel?

    /// Creates an event.
    public init(
        function: String,
        durationMilliseconds: Double,
        success: Bool,
        executionID: String? = nil,
        memoryUsed: Int64? = nil,
        fuelConsumed: Int64? = nil,
        error: String? = nil,
        customFields: LogFields = [:],
        level: LogLevel? = nil,
        context: EventContext = EventContext()
    ) {
        self.context = context
        self.executionID = executionID
        self.function = function
        self.durationMilliseconds = durationMilliseconds
        self.success = success
        self.memoryUsed = memoryUsed
        self.fuelConsumed = fuelConsumed
        self.error = error
        self.customFields = customFields
        self.level = level
    }

    var fields: [(String, LogValue)] {
        [
            ("execution_id", .init(optional: executionID)), ("function", .string(function)),
            ("duration_ms", .double(durationMilliseconds)), ("success", .bool(success)),
            ("memory_used", .init(optional: memoryUsed)), ("fuel_consumed", .init(optional: fuelConsumed)),
            ("error", .init(optional: error)), ("custom_fields", .fields(customFields)),
        ]
    }
}
