public import MartletCore

/// A request that brings traces: `ExportTraceServiceRequest`, or `TracesData` in a file.
///
/// Where many spans come in, ``TraceScanner`` reads them without making values.
///
/// - SeeAlso: [OTLP 1.7](https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/docs/specification.md)
public struct TracesRequest: Hashable, Sendable {
    /// The spans by resource.
    public var resourceSpans: [ResourceSpans]

    /// Creates a request.
    public init(resourceSpans: [ResourceSpans] = []) {
        self.resourceSpans = resourceSpans
    }

    /// How many spans there are.
    public var spanCount: Int {
        resourceSpans.reduce(0) { $1.scopeSpans.reduce($0) { $0 + $1.spans.count } }
    }
}
