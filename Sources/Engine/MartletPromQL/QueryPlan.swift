/// How a query was evaluated: one node of a tree that follows the expression, with what it took.
public struct QueryPlan: Hashable, Sendable {
    /// What the node does, in PromQL: `sum by (mode)`, `rate`, `node_cpu_seconds_total{mode="idle"}[5m]`.
    public var operation: String

    /// How it was done, such as `newest samples`, `window summaries` or `columns`; empty where there is only one way.
    public var method: String

    /// How many series came out; 0 for scalars and texts.
    public var series: Int

    /// How many samples the node and those below it read from the source.
    public var samplesRead: Int

    /// How many values came out.
    public var values: Int

    /// How long the node and those below it took.
    public var duration: Duration

    /// What the node's value is made of, in the order of the text.
    public var children: [QueryPlan]

    /// Creates a node.
    public init(
        operation: String,
        method: String = "",
        series: Int = 0,
        samplesRead: Int = 0,
        values: Int = 0,
        duration: Duration = .zero,
        children: [QueryPlan] = []
    ) {
        self.operation = operation
        self.method = method
        self.series = series
        self.samplesRead = samplesRead
        self.values = values
        self.duration = duration
        self.children = children
    }
}
