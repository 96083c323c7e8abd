public import MartletCore

/// The log records that were made with one library.
public struct ScopeLogs: Hashable, Sendable {
    /// The library.
    public var scope: InstrumentationScope

    /// The records.
    public var entries: [LogEntry]

    /// The schema of the records' attributes; empty where nothing was said.
    public var schemaURL: String

    /// Creates the records of a library.
    public init(scope: InstrumentationScope = InstrumentationScope(), entries: [LogEntry] = [], schemaURL: String = "")
    {
        self.scope = scope
        self.entries = entries
        self.schemaURL = schemaURL
    }
}
