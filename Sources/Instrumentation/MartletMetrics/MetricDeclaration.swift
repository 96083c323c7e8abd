/// What a registry knows of a metric before it has any series: for pages and tools that list metrics.
public struct MetricDeclaration: Hashable, Sendable {
    /// The name as exported.
    public let name: String

    /// What kind of numbers it holds.
    public let kind: MetricKind

    /// What the numbers mean.
    public let help: String

    /// The base unit; empty for plain numbers.
    public let unit: String

    /// The names of the labels that its series differ in.
    public let labelNames: [String]

    init(_ descriptor: MetricDescriptor) {
        name = descriptor.name
        kind = descriptor.kind
        help = descriptor.help
        unit = descriptor.unit
        labelNames = descriptor.labelNames
    }
}
