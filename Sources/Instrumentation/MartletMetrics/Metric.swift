public import MartletCore

/// One series as a flat record: what lists and JSON are made of.
public struct Metric: Hashable, Sendable {
    /// The metric's name.
    public var name: String
    /// What it was declared as.
    public var type: MetricKind
    /// What it says.
    public var value: MetricValue
    /// Its labels.
    public var labels: LabelSet
    /// When, in milliseconds since the epoch.
    public var timestamp: Int64
    /// What it means, one sentence.
    public var description: String
    /// Its unit; empty for a plain number.
    public var unit: String

    /// Creates a record.
    public init(
        name: String,
        type: MetricKind,
        value: MetricValue,
        labels: LabelSet = .empty,
        timestamp: Int64,
        description: String = "",
        unit: String = ""
    ) {
        self.name = name
        self.type = type
        self.value = value
        self.labels = labels
        self.timestamp = timestamp
        self.description = description
        self.unit = unit
    }

    /// Creates the record of a family's series.
    ///
    /// - Parameters:
    ///   - series: The series.
    ///   - family: Its family.
    ///   - now: The time of series that have none of their own, in milliseconds since the epoch.
    public init(_ series: MetricSeries, of family: MetricFamily, now: Int64) {
        self.init(
            name: family.name,
            type: family.kind,
            value: series.value,
            labels: series.labels,
            timestamp: series.timestamp ?? now,
            description: family.metadata.help,
            unit: family.metadata.unit
        )
    }
}
