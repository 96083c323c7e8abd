public import MartletSearch
public import MartletSeries

/// What a search's text asks of spans, ready to be tested.
public struct SpanFilter: Hashable, Sendable {
    /// What a span has to meet.
    public let condition: SearchCondition

    let plan: SpanPlan

    /// Prepares a condition.
    ///
    /// - Parameters:
    ///   - condition: What a span has to meet, as ``SearchDialect/spans(_:)`` lets it be written.
    ///   - patterns: What understands regular expressions.
    /// - Throws: `PatternError` where one makes no sense.
    public init(_ condition: SearchCondition, patterns: any PatternCompiler) throws(PatternError) {
        self.condition = condition
        plan = try SpanPlan(condition, patterns)
    }

    /// Whether two filters ask the same.
    public static func == (first: SpanFilter, second: SpanFilter) -> Bool { first.condition == second.condition }

    /// Adds what is asked to a hash.
    public func hash(into hasher: inout Hasher) { hasher.combine(condition) }
}
