public import MartletCore

/// One observation that stands for many, with the labels that lead to its trace.
public struct ExemplarSample: Hashable, Sendable {
    /// Labels such as `trace_id`.
    public var labels: LabelSet

    /// What was observed.
    public var value: Double

    /// When, in milliseconds since the epoch.
    public var timestamp: Int64

    /// Creates an exemplar.
    public init(labels: LabelSet, value: Double, timestamp: Int64) {
        self.labels = labels
        self.value = value
        self.timestamp = timestamp
    }
}

/// The exemplars of one series, in order of time.
public struct SeriesExemplars: Hashable, Sendable {
    /// The series' labels.
    public var labels: LabelSet

    /// The exemplars.
    public var exemplars: [ExemplarSample]

    /// Creates a list of the exemplars of a series.
    public init(labels: LabelSet, exemplars: [ExemplarSample]) {
        self.labels = labels
        self.exemplars = exemplars
    }
}

/// Where exemplars are written.
public protocol ExemplarSink: Sendable {
    /// Takes the exemplars of some series; the oldest of all give way to them when there is no more room.
    ///
    /// - Parameter series: The exemplars by series; those the series has already are not kept twice.
    /// - Returns: How many were new and kept; malformed or overlong ones (128 characters of labels) are not.
    @discardableResult
    func append(exemplars series: [SeriesExemplars]) -> Int
}

/// Where exemplars are read.
public protocol ExemplarSource: Sendable {
    /// The exemplars in a range of the series that meet all conditions of at least one selector.
    ///
    /// - Parameters:
    ///   - selectors: The selectors; none asks for nothing.
    ///   - range: The first and the last time wanted, in milliseconds since the epoch.
    /// - Returns: The exemplars, series sorted by label set.
    func exemplars(matching selectors: [[LabelMatcher]], in range: ClosedRange<Int64>) -> [SeriesExemplars]
}
