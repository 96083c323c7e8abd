/// How much an alert matters.
public enum AlertSeverity: String, Sendable, CaseIterable, Comparable, Hashable {
    /// Good to know.
    case info
    /// Something may go wrong.
    case warning
    /// Something went wrong.
    case error
    /// Something important does not work.
    case critical
    /// Everything has to be dropped for this.
    case emergency

    /// The severity of a word in any case; Prometheus' customary words `page`, `ticket`, `none`, `warn`, `high` and the
    /// like count too.
    public init?(word: String) {
        switch word.lowercased() {
        case "info", "information", "informational", "none", "low": self = .info
        case "warning", "warn", "ticket", "medium": self = .warning
        case "error", "err", "major", "high": self = .error
        case "critical", "crit", "page": self = .critical
        case "emergency", "emerg", "fatal": self = .emergency
        default: return nil
        }
    }

    /// Orders from `info` to `emergency`.
    public static func < (left: AlertSeverity, right: AlertSeverity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .error: 2
        case .critical: 3
        case .emergency: 4
        }
    }
}
