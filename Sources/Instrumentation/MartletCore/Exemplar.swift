/// One observation that stands for many, with what leads to its details: most often the id of the trace it was part of.
///
/// - SeeAlso: [OpenMetrics, exemplars](https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#exemplars)
public struct Exemplar: Hashable, Sendable {
    /// What tells this observation from others, such as `trace_id`; OpenMetrics allows 128 characters in all.
    public var labels: LabelSet

    /// What was observed: the amount of a counter's increment, the value in a histogram's bucket.
    public var value: Double

    /// When it was observed, in milliseconds since the epoch; `nil` where nobody noted it.
    public var timestamp: Int64?

    /// Creates an exemplar.
    public init(labels: LabelSet, value: Double, timestamp: Int64? = nil) {
        self.labels = labels
        self.value = value
        self.timestamp = timestamp
    }
}
