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

    /// Creates a record.
    public init(nanosecondsSinceEpoch: Int64, level: LogLevel, target: String, message: String, fields: LogFields = [:])
    {
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
        self.level = level
        self.target = target
        self.message = message
        self.fields = fields
    }
}

/// Where records go.
public protocol LogSink: Sendable {
    /// Takes a record; it may be called from any thread and does not fail.
    func write(_ record: LogRecord)
}
