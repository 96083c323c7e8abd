/// How a value is compared with a threshold.
public enum ComparisonOperator: String, Sendable, Hashable, CaseIterable {
    /// Above the threshold.
    case greaterThan = ">"
    /// Below the threshold.
    case lessThan = "<"
    /// At or above the threshold.
    case greaterThanOrEqual = ">="
    /// At or below the threshold.
    case lessThanOrEqual = "<="
    /// The threshold itself.
    case equal = "=="
    /// Anything but the threshold.
    case notEqual = "!="

    /// The operator of a sign or a word: `>`, `GreaterThan`, `greater_than`, `above`.
    public init?(word: String) {
        if let known = Self(rawValue: word) {
            self = known
            return
        }
        switch word.filter({ $0 != "_" && $0 != " " }).lowercased() {
        case "greaterthan", "gt", "above": self = .greaterThan
        case "lessthan", "lt", "below": self = .lessThan
        case "greaterthanorequal", "gte", "ge", "atleast": self = .greaterThanOrEqual
        case "lessthanorequal", "lte", "le", "atmost": self = .lessThanOrEqual
        case "equal", "equals", "eq", "=": self = .equal
        case "notequal", "ne", "neq": self = .notEqual
        default: return nil
        }
    }

    /// Whether the comparison holds; with a value that is no number only `!=` does.
    public func holds(_ value: Double, _ threshold: Double) -> Bool {
        switch self {
        case .greaterThan: value > threshold
        case .lessThan: value < threshold
        case .greaterThanOrEqual: value >= threshold
        case .lessThanOrEqual: value <= threshold
        case .equal: value == threshold
        case .notEqual: value != threshold
        }
    }
}
