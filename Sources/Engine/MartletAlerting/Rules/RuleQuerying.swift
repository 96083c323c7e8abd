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

    /// The values of several expressions that do not depend on one another, in their order.
    func instant(
        _ expressions: [String],
        at time: Int64
    ) -> [Result<[RuleSample], RuleQueryError>]

    /// The names of the metrics that an expression reads, or `nil` where it may read any.
    func metricNames(in expression: String) -> Set<String>?

    /// The newest sample of each series of a metric with some labels, up to a time and not older than so much; for
    /// taking up alerts where an earlier run of the server left them.
    func newest(
        _ labels: LabelSet,
        through time: Int64,
        notOlderThan age: Int64
    ) throws(RuleQueryError) -> [(labels: LabelSet, sample: Sample)]
}

extension RuleQuerying {
    /// One after the other.
    public func instant(_ expressions: [String], at time: Int64) -> [Result<[RuleSample], RuleQueryError>] {
        expressions.map { expression in
            do throws(RuleQueryError) {
                return .success(try instant(expression, at: time))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Any: so that all rules are evaluated one after the other.
    public func metricNames(in expression: String) -> Set<String>? { nil }

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
