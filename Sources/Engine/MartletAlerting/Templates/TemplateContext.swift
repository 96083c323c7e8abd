public import MartletCore
public import MartletSeries

/// What a template sees of the world while it is expanded.
public struct TemplateContext: Sendable {
    /// What `.` stands for.
    public var data: TemplateValue

    /// The values of the variables that the template was parsed with, each with its `$`.
    public var variables: [String: TemplateValue]

    /// The time of the evaluation, in milliseconds since the epoch.
    public var time: Int64

    /// The address under which the server is reached from outside.
    public var externalURL: String

    /// Compiles the expressions of `match` and `reReplaceAll`.
    public var patterns: any PatternCompiler

    /// Makes the text of an action safe for where it goes; `nil` leaves it as it is.
    public var escape: (@Sendable (String) -> String)?

    /// Answers the function `query`.
    public var query: @Sendable (String) throws(RuleQueryError) -> [RuleSample]

    /// How much one expansion may do.
    public var limits: TemplateLimits

    /// Creates a context.
    public init(
        data: TemplateValue = .none,
        variables: [String: TemplateValue] = [:],
        time: Int64,
        externalURL: String = "",
        patterns: any PatternCompiler,
        limits: TemplateLimits = TemplateLimits(),
        query: @escaping @Sendable (String) throws(RuleQueryError) -> [RuleSample]
    ) {
        self.data = data
        self.variables = variables
        self.time = time
        self.externalURL = externalURL
        self.patterns = patterns
        self.limits = limits
        self.query = query
    }

    /// The variables of alerting rules.
    public static let ruleVariables = ["$labels", "$externalLabels", "$externalURL", "$value"]

    /// Gives the template the data and variables of an alerting rule: `$labels`, `.Labels`, `$value`, `.Value` and so on.
    public mutating func setAlert(labels: LabelSet, value: Double, externalLabels: LabelSet) {
        let named: [(field: String, variable: String, value: TemplateValue)] = [
            ("Labels", "$labels", .labels(labels)), ("ExternalLabels", "$externalLabels", .labels(externalLabels)),
            ("ExternalURL", "$externalURL", .string(externalURL)), ("Value", "$value", .float(value)),
        ]
        data = .record(
            type: "AlertTemplateData",
            fields: Dictionary(uniqueKeysWithValues: named.map { ($0.field, $0.value) })
        )
        variables = Dictionary(uniqueKeysWithValues: named.map { ($0.variable, $0.value) })
    }
}
