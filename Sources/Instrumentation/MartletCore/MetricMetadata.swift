/// What a metric family says of itself beside its samples.
public struct MetricMetadata: Hashable, Sendable {
    /// What kind of numbers the family holds.
    public var type: MetricType

    /// What the numbers mean, one sentence; empty where nothing was said.
    public var help: String

    /// The base unit, such as `seconds` or `bytes`; empty for a dimensionless number or where nothing was said.
    public var unit: String

    /// Creates a description of a family.
    public init(type: MetricType, help: String = "", unit: String = "") {
        self.type = type
        self.help = help
        self.unit = unit
    }
}
