/// A request that brings log records: `ExportLogsServiceRequest`, or `LogsData` in a file.
///
/// Where many records come in, ``LogScanner`` reads them without making values.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
public struct LogsRequest: Hashable, Sendable {
    /// The records by resource.
    public var resourceLogs: [ResourceLogs]

    /// Creates a request.
    public init(resourceLogs: [ResourceLogs] = []) {
        self.resourceLogs = resourceLogs
    }

    /// How many records there are.
    public var entryCount: Int {
        resourceLogs.reduce(0) { $1.scopeLogs.reduce($0) { $0 + $1.entries.count } }
    }
}
