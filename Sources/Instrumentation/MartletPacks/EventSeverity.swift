/// How bad an event is, such as a security violation; not the severity of alerts, which has words of its own.
public enum EventSeverity: String, CaseIterable, Comparable, Sendable {
    /// Worth noting.
    case low
    /// Worth a look.
    case medium
    /// Worth acting on.
    case high
    /// Worth acting on at once.
    case critical

    /// Orders from low to critical.
    public static func < (left: EventSeverity, right: EventSeverity) -> Bool { left.rank < right.rank }

    private var rank: Int { EventSeverity.allCases.firstIndex(of: self) ?? 0 }
}

extension EventSeverity {
    /// The severity that an alert about such an event has unless somebody says otherwise.
    ///
    /// The two are never merged: low is told as `info`, medium as `warning`, high as `error`, critical as `critical`.
    public var alertSeverity: String {
        switch self {
        case .low: "info"
        case .medium: "warning"
        case .high: "error"
        case .critical: "critical"
        }
    }
}
