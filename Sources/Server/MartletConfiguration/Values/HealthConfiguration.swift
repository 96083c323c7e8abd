/// How health is checked: the `health` section.
public struct HealthConfiguration: Hashable, Sendable {
    /// How often checks run (`interval`, default 30s).
    public var interval: Duration = .seconds(30)

    /// How long a check may take (`timeout`, default 5s); below the interval.
    public var timeout: Duration = .seconds(5)

    /// From how many failures in a row people are told (`thresholds.alert`, default 3).
    public var alertThreshold = 3

    /// How many failures in a row it takes until a state changes (`thresholds.status`, default 1).
    public var statusThreshold = 1

    /// The highest good memory usage of the machine in percent (`thresholds.memory`, default 90).
    public var memoryThreshold = 90.0

    /// Whether the whole is critical as soon as a critical check fails (`overall_status_mode: s0`).
    public var hasThreeWords = false

    /// Whether `/health` answers 200 in any case (`always_200`).
    public var isAlways200 = false

    /// What is checked beside the server's own parts (`checks`).
    public var checks: [HealthCheckConfiguration] = []

    /// Creates the defaults.
    public init() {}
}

/// One check of the `health` section.
public struct HealthCheckConfiguration: Hashable, Sendable {
    /// What is looked at.
    public enum Subject: Hashable, Sendable {
        /// Whether a TCP port accepts connections (`tcp: HOST:PORT`).
        case tcp(host: String, port: UInt16)
        /// The free space where a directory lies (`disk: DIRECTORY`).
        case disk(String)
    }

    /// The check's name, unique in the section.
    public var name: String

    /// What is looked at.
    public var subject: Subject

    /// Whether the whole depends on it (`critical`).
    public var isCritical: Bool

    /// The component that the check belongs to (`component`).
    public var component: String

    /// How often it runs; `nil` for the section's interval.
    public var interval: Duration?

    /// How long it may take; `nil` for the section's timeout.
    public var timeout: Duration?
}
