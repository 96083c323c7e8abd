/// A request that brings metrics: `ExportMetricsServiceRequest`, or `MetricsData` in a file.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
public struct MetricsRequest: Hashable, Sendable {
    /// The metrics by resource.
    public var resourceMetrics: [ResourceMetrics]

    /// Creates a request.
    public init(resourceMetrics: [ResourceMetrics] = []) {
        self.resourceMetrics = resourceMetrics
    }
}
