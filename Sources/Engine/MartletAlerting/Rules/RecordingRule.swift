/// Stores an expression's value as new series.
public struct RecordingRule: Hashable, Sendable {
    /// The new series' metric name.
    public var record: String

    /// The expression in PromQL.
    public var expression: String

    /// Labels for the new series; an empty value removes the label.
    public var labels: [String: String]

    /// Creates a rule.
    public init(record: String, expression: String, labels: [String: String] = [:]) {
        self.record = record
        self.expression = expression
        self.labels = labels
    }
}
