public import MartletCore

/// One series of a metric family at the moment it is read.
public struct MetricSeries: Hashable, Sendable {
    /// The labels, without the metric's name.
    public var labels: LabelSet

    /// What the series says.
    public var value: MetricValue

    /// When that was so, in milliseconds since the epoch; `nil` for now, which is what nearly all series mean.
    public var timestamp: Int64?

    /// Creates a series.
    public init(labels: LabelSet = .empty, value: MetricValue, timestamp: Int64? = nil) {
        self.labels = labels
        self.value = value
        self.timestamp = timestamp
    }

    /// Creates a series of a counter or gauge.
    public init(labels: LabelSet = .empty, _ number: Double, timestamp: Int64? = nil) {
        self.init(labels: labels, value: .number(number), timestamp: timestamp)
    }
}
