public import MartletCore

/// What one line of an exposition says.
public enum ExpositionEntry: Hashable, Sendable {
    /// What a metric family is.
    case metadata(String, MetadataLine)
    /// A value of a series.
    case sample(ParsedSample)
}

/// One statement about a metric family.
public enum MetadataLine: Hashable, Sendable {
    /// `# TYPE`
    case type(MetricType)
    /// `# HELP`, escapes resolved.
    case help(String)
    /// `# UNIT`
    case unit(String)
}

/// A sample as it stands in an exposition.
///
/// The labels are not decoded: `labels(of:)` of ``ExpositionParser`` does so, which a scraper that knows the series by its
/// bytes can spare itself.
public struct ParsedSample: Hashable, Sendable {
    /// The line, from 1.
    public var line: Int

    /// Where the series stands, name and labels as written.
    public var series: Range<Int>

    /// The value.
    public var value: Double

    /// The time in milliseconds since the epoch, where the line has one.
    public var timestamp: Int64?

    /// The exemplar, where the line has one (OpenMetrics).
    public var exemplar: ParsedExemplar?

    /// Where the value stands.
    var valueText: Range<Int>
}

/// An exemplar as it stands in an exposition: one observation with what leads to its trace.
public struct ParsedExemplar: Hashable, Sendable {
    /// Where its labels stand, braces included.
    public var labels: Range<Int>

    /// The value observed.
    public var value: Double

    /// The time in milliseconds since the epoch, where the line has one.
    public var timestamp: Int64?
}
