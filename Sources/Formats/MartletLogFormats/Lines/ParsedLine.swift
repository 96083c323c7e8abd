public import MartletCore
public import MartletOTLP

/// A record that a line became, and where it comes from as far as the line tells.
public struct ParsedLine: Hashable, Sendable {
    /// The record.
    public var entry: LogEntry

    /// What the line tells about the service and host that wrote it, such as `service.name`.
    public var resource: [Attribute]

    /// Creates a line.
    public init(entry: LogEntry, resource: [Attribute] = []) {
        self.entry = entry
        self.resource = resource
    }
}
