/// What a duration without a unit counts in.
public enum PlainDurationUnit: String, Sendable {
    /// Thousandths of a second.
    case milliseconds
    /// Seconds.
    case seconds
    /// Minutes.
    case minutes
    /// Hours.
    case hours
    /// Days of 24 hours.
    case days

    /// The unit's length in milliseconds.
    var milliseconds: Int64 {
        switch self {
        case .milliseconds: 1
        case .seconds: 1000
        case .minutes: 60_000
        case .hours: 3_600_000
        case .days: 86_400_000
        }
    }

    /// The unit that a key names at its end, such as `check_interval_ms`, or `nil`.
    static func named(by key: String) -> PlainDurationUnit? {
        switch key.split(separator: "_").last {
        case "ms", "millis", "milliseconds": .milliseconds
        case "s", "sec", "secs", "seconds": .seconds
        case "min", "mins", "minutes": .minutes
        case "hours": .hours
        case "days": .days
        default: nil
        }
    }
}
