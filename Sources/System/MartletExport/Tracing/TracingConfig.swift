public import MartletCore
public import MartletTracing

/// How a service is traced, in four fields: the agent, and what the service is.
///
/// ```swift
/// let provider = try initTracing(
///     TracingConfig(jaegerEndpoint: "localhost:6831", serviceName: "sandbox", serviceVersion: "1.2.0", environment: "production")
/// )
/// ```
public struct TracingConfig: Hashable, Sendable {
    /// Where spans go: the `host:port` of a Jaeger agent (Thrift over UDP), or the URL of a collector that takes OTLP,
    /// such as Jaeger's own at port 4318.
    public var jaegerEndpoint: String

    /// What the service is called: `service.name` of every span's resource.
    public var serviceName: String

    /// The service's version: `service.version`.
    public var serviceVersion: String

    /// Where the service runs, such as `production`: `environment`.
    public var environment: String

    /// Creates a configuration.
    public init(jaegerEndpoint: String, serviceName: String, serviceVersion: String, environment: String) {
        self.jaegerEndpoint = jaegerEndpoint
        self.serviceName = serviceName
        self.serviceVersion = serviceVersion
        self.environment = environment
    }

    /// What the service is, as every span has it.
    public var resource: Resource {
        Resource(
            attributes: [
                Attribute("service.name", serviceName), Attribute("service.version", serviceVersion),
                Attribute("environment", environment),
            ]
        )
    }
}

/// Starts tracing: finished spans go to the agent or the collector in batches.
///
/// - Parameters:
///   - config: Where spans go, and what the service is.
///   - sampler: Which spans are recorded.
///   - batching: How spans are kept until they are sent.
/// - Returns: Where tracers come from; shut it down when the service ends.
/// - Throws: ``ExportError`` where the endpoint is no address.
public func initTracing(
    _ config: TracingConfig,
    sampler: Sampler = .parentBased(.always),
    batching: BatchingProcessor.Settings = BatchingProcessor.Settings()
) throws(ExportError) -> TracerProvider {
    guard config.jaegerEndpoint.hasPrefix("http://") || config.jaegerEndpoint.hasPrefix("https://") else {
        return TracerProvider(
            resource: config.resource,
            sampler: sampler,
            processors: [
                BatchingProcessor(try JaegerAgentExporter(agent: config.jaegerEndpoint), settings: batching)
            ]
        )
    }
    var configuration = TracingConfiguration()
    configuration.resource = config.resource
    configuration.sampler = sampler
    configuration.batching = batching
    configuration.otlp.url = TracingConfiguration.traces(at: config.jaegerEndpoint)
    return try configuration.start()
}
