public import MartletCore

/// Evaluates expressions for rules; the rule engine's port to the query language.
public protocol RuleQuerying: Sendable {
    /// The value of an expression at a time in milliseconds since the epoch.
    ///
    /// A scalar becomes one element without labels.
    ///
    /// - Throws: ``RuleQueryError`` with the query engine's message.
    func instant(_ expression: String, at time: Int64) throws(RuleQueryError) -> [RuleSample]
}

/// One element of an expression's value.
public struct RuleSample: Hashable, Sendable {
    /// The element's labels.
    public var labels: LabelSet

    /// The element's value.
    public var value: Double

    /// Creates an element.
    public init(labels: LabelSet, value: Double) {
        self.labels = labels
        self.value = value
    }
}

/// Why an expression has no value.
public struct RuleQueryError: Error, Hashable, CustomStringConvertible {
    /// The query engine's message.
    public let description: String

    /// Creates an error.
    public init(_ description: String) { self.description = description }
}
