/// Where an alert of a rule is in its life.
public enum AlertState: String, Sendable, CaseIterable, Comparable {
    /// No longer true; kept for a while after it fired.
    case inactive
    /// True, but not yet for as long as the rule wants.
    case pending
    /// True for long enough: people are told.
    case firing

    /// Orders by how much it matters.
    public static func < (left: AlertState, right: AlertState) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .inactive: 0
        case .pending: 1
        case .firing: 2
        }
    }
}
