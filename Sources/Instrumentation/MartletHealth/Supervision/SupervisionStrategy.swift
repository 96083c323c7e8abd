/// Who is restarted when a child fails.
public enum SupervisionStrategy: String, Sendable, CaseIterable {
    /// The child alone.
    case oneForOne = "one_for_one"
    /// All children.
    case oneForAll = "one_for_all"
    /// The child and those that were added after it.
    case restForOne = "rest_for_one"
}
