public import MartletCore

/// All series of one metric name at the moment they are read, with what the name means.
public struct MetricFamily: Hashable, Sendable {
    /// The name as declared: a counter's with `_total`, a histogram's without `_bucket`.
    public var name: String

    /// Type, help and unit.
    public var metadata: MetricMetadata

    /// What the metric was declared as; differs from the type for timers alone.
    public var kind: MetricKind

    /// The series; no two have the same labels.
    public var series: [MetricSeries]

    /// The name of the collector that brought it; empty for a metric that is declared in the registry itself.
    public var collector = ""

    /// Creates a family.
    ///
    /// - Parameters:
    ///   - name: The name as declared.
    ///   - metadata: Type, help and unit.
    ///   - kind: What the metric was declared as; `nil` for what the type says.
    ///   - series: The series.
    public init(_ name: String, metadata: MetricMetadata, kind: MetricKind? = nil, series: [MetricSeries]) {
        self.name = name
        self.metadata = metadata
        self.kind = kind ?? MetricKind(metadata.type)
        self.series = series
    }
}
