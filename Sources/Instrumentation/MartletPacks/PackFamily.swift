public import MartletCore

/// One metric family of a pack: what it is called and what it means.
public struct PackFamily: Hashable, Sendable {
    /// The name as exported.
    public var name: String

    /// What kind of numbers it holds.
    public var type: MetricType

    /// What the numbers mean.
    public var help: String

    /// The base unit; empty for plain numbers.
    public var unit: String

    /// The label names beyond the pack's common ones.
    public var labels: [String]

    /// The name that the semantic conventions of OpenTelemetry have for it, under which it is sent by OTLP.
    public var semanticName: String?

    /// Creates a description of a family.
    public init(
        _ type: MetricType,
        _ name: String,
        _ help: String,
        unit: String = "",
        labels: [String] = [],
        semanticName: String? = nil
    ) {
        self.name = name
        self.type = type
        self.help = help
        self.unit = unit
        self.labels = labels
        self.semanticName = semanticName
    }

    /// Type, help and unit, as expositions show them.
    public var metadata: MetricMetadata { MetricMetadata(type: type, help: help, unit: unit) }
}
