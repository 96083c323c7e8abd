/// Why a rule could not be evaluated.
public enum RuleError: Error, Hashable, CustomStringConvertible {
    /// The expression failed; the query engine's message.
    case query(String)
    /// Two elements have the same labels once the rule's labels are applied.
    case duplicateLabels(isAlerting: Bool)
    /// The rule gives more than its group allows.
    case limitExceeded(limit: Int, count: Int, isAlerting: Bool)
    /// The result could not be stored; the message says why.
    case storage(String)

    /// The message, in Prometheus' words where it has some.
    public var description: String {
        switch self {
        case .query(let message): message
        case .duplicateLabels(let isAlerting):
            "vector contains metrics with the same labelset after applying \(isAlerting ? "alert" : "rule") labels"
        case .limitExceeded(let limit, let count, let isAlerting):
            "exceeded limit of \(limit) with \(count) \(isAlerting ? "alerts" : "series")"
        case .storage(let message): message
        }
    }

    /// The kind of failure as a metric's label.
    public var reason: String {
        switch self {
        case .query: "query"
        case .duplicateLabels: "duplicate_labels"
        case .limitExceeded: "limit"
        case .storage: "storage"
        }
    }
}
