public import MartletCore
public import MartletSeries

/// Evaluates expressions for rules; the rule engine's port to the query language.
public protocol RuleQuerying: Sendable {
    /// The value of an expression at a time in milliseconds since the epoch.
    ///
    /// A scalar becomes one element without labels.
    ///
    /// - Throws: ``RuleQueryError`` with the query engine's message.
    func instant(_ expression: String, at time: Int64) throws(RuleQueryError) -> [RuleSample]

    /// The newest sample of each series of a metric with some labels, up to a time and not older than so much; for
    /// taking up alerts where an earlier run of the server left them.
    func newest(
        _ labels: LabelSet,
        through time: Int64,
        notOlderThan age: Int64
    ) throws(RuleQueryError) -> [(labels: LabelSet, sample: Sample)]
}

extension RuleQuerying {
    /// Nothing: such a source remembers no earlier run.
    public func newest(
        _ labels: LabelSet,
        through time: Int64,
        notOlderThan age: Int64
    ) throws(RuleQueryError) -> [(labels: LabelSet, sample: Sample)] {
        []
    }
}

/// One element of an expression's value.
public struct RuleSample: Hashable, Sendable {
    /// The element's labels.
    public var labels: LabelSet

    /// The element's value; the sum where there is a histogram.
    public var value: Double

    /// The native histogram, where the element is one.
    public var histogram: NativeHistogram?

    /// Creates an element.
    public init(labels: LabelSet, value: Double, histogram: NativeHistogram? = nil) {
        self.labels = labels
        self.value = value
        self.histogram = histogram
    }
}

/// Why an expression has no value.
public struct RuleQueryError: Error, Hashable, CustomStringConvertible {
    /// The query engine's message.
    public let description: String

    /// Creates an error.
    public init(_ description: String) { self.description = description }
}
