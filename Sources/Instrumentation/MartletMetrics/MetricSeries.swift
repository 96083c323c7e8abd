public import MartletCore

/// One series of a metric family at the moment it is read.
///
/// A state set has one series a state, whose value is 1 or 0 and whose label of the family's name says which state; an
/// info has one series whose value is 1.
public struct MetricSeries: Hashable, Sendable {
    /// The labels, without the metric's name; constant labels are among them.
    public var labels: LabelSet

    /// What the series says.
    public var value: MetricValue

    /// When that was so, in milliseconds since the epoch; `nil` for now, which is what nearly all series mean.
    public var timestamp: Int64?

    /// When counting began, in milliseconds since the epoch; `nil` for gauges and where nobody noted it.
    public var created: Int64?

    /// A counter's latest exemplar; those of histograms are in their buckets.
    public var exemplar: Exemplar?

    /// Creates a series.
    public init(
        labels: LabelSet = .empty,
        value: MetricValue,
        timestamp: Int64? = nil,
        created: Int64? = nil,
        exemplar: Exemplar? = nil
    ) {
        self.labels = labels
        self.value = value
        self.timestamp = timestamp
        self.created = created
        self.exemplar = exemplar
    }

    /// Creates a series of a counter or gauge.
    public init(labels: LabelSet = .empty, _ number: Double, timestamp: Int64? = nil) {
        self.init(labels: labels, value: .number(number), timestamp: timestamp)
    }
}
