/// How health is checked: the `health` section.
public struct HealthConfiguration: Hashable, Sendable {
    /// How often checks run (`interval`, default 30s).
    public var interval: Duration = .seconds(30)

    /// How long a check may take (`timeout`, default 5s).
    public var timeout: Duration = .seconds(5)

    /// Creates the defaults.
    public init() {}
}
