/// A counter of log records (`logs.metrics`), so that queries and alerts work on logs.
public struct LogMetric: Hashable, Sendable {
    /// The metric's name (`name`), which ends in `_total`.
    public var name: String

    /// Which records count (`query`), in the search language.
    public var query: String

    /// The fields whose values become labels (`by`).
    public var fields: [String] = []

    /// What the metric tells (`help`).
    public var help = ""

    /// Creates a counter.
    public init(_ name: String, query: String, by fields: [String] = [], help: String = "") {
        self.name = name
        self.query = query
        self.fields = fields
        self.help = help
    }
}
