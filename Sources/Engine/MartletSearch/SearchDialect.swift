/// What a search may say of one kind of events, beyond what all of them have in common.
public struct SearchDialect: Sendable {
    /// What is wrong with a field's test; `nil` where nothing is.
    public var problem: @Sendable (SearchField, SearchTest) -> String?

    /// What is wrong with a regular expression; `nil` where nothing is.
    public var patternProblem: @Sendable (String) -> String?

    /// Why no step but `limit` may follow a bar; `nil` where every step may.
    public var stageRefusal: String?

    /// Creates a dialect.
    ///
    /// - Parameters:
    ///   - stageRefusal: Why no step but `limit` may follow a bar.
    ///   - patternProblem: What is wrong with a regular expression.
    ///   - problem: What is wrong with a field's test.
    public init(
        stageRefusal: String? = nil,
        patternProblem: @escaping @Sendable (String) -> String? = { _ in nil },
        problem: @escaping @Sendable (SearchField, SearchTest) -> String? = { _, _ in nil }
    ) {
        self.stageRefusal = stageRefusal
        self.patternProblem = patternProblem
        self.problem = problem
    }
}
