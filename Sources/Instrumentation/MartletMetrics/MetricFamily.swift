public import MartletCore

/// All series of one metric name at the moment they are read, with what the name means.
public struct MetricFamily: Hashable, Sendable {
    /// The name as declared: a counter's with `_total`, a histogram's without `_bucket`.
    public var name: String

    /// Type, help and unit.
    public var metadata: MetricMetadata

    /// The series; no two have the same labels.
    public var series: [MetricSeries]

    /// Creates a family.
    public init(_ name: String, metadata: MetricMetadata, series: [MetricSeries]) {
        self.name = name
        self.metadata = metadata
        self.series = series
    }
}
