public import MartletCore

/// All series of one declared metric at the moment it is read, in columns: what a renderer writes fastest.
///
/// The label texts were written down when the series came up, and are handed out without a copy; only the numbers are new.
public struct MetricBlock: Sendable {
    /// The numbers of the series, in the order of the labels.
    public enum Values: Sendable {
        /// Counters: the whole part of each, and the fractional part where any has one.
        case counts([UInt64], fractions: [Double])
        /// Gauges.
        case numbers([Double])
        /// Histograms: the counts of all buckets of the first, not added up, then those of the second and so on, and
        /// the sum of each. There is one bucket more than bounds.
        case histograms(upperBounds: [Double], counts: [UInt64], sums: [Double])
        /// Anything else, and what collectors brought.
        case series([MetricSeries])
    }

    /// The name as declared.
    public let name: String

    /// Type, help and unit.
    public let metadata: MetricMetadata

    /// What the metric was declared as.
    public let kind: MetricKind

    /// The labels of all series, one after another, each as `code="200",method="get"`.
    ///
    /// They are sorted by name, with `\`, `"` and newline escaped. Not used for `.series`.
    public let labelText: [UInt8]

    /// Where the labels of each series end in ``labelText``.
    public let labelEnds: [UInt32]

    /// The numbers.
    public let values: Values

    init(
        name: String,
        metadata: MetricMetadata,
        kind: MetricKind,
        labelText: [UInt8] = [],
        labelEnds: [UInt32] = [],
        values: Values
    ) {
        self.name = name
        self.metadata = metadata
        self.kind = kind
        self.labelText = labelText
        self.labelEnds = labelEnds
        self.values = values
    }

    init(_ family: MetricFamily) {
        self.init(name: family.name, metadata: family.metadata, kind: family.kind, values: .series(family.series))
    }

    /// How many series there are.
    public var count: Int {
        if case .series(let series) = values { series.count } else { labelEnds.count }
    }
}
