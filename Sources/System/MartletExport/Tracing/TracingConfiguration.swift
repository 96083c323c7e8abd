public import MartletCore
public import MartletHTTPClient
public import MartletTracing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How a service is traced, as the variables that OpenTelemetry defines say it.
///
/// ```swift
/// let configuration = TracingConfiguration.fromEnvironment(serviceName: "shop")
/// for warning in configuration.warnings { log.warn("\(warning)") }
/// let provider = try configuration.start()
/// ```
///
/// A value that makes no sense is left aside, with a warning; an empty one counts as none.
///
/// - SeeAlso: [OpenTelemetry](https://github.com/open-telemetry/opentelemetry-specification/blob/v1.50.0/specification/configuration/sdk-environment-variables.md)
public struct TracingConfiguration: Sendable {
    /// Where finished spans go.
    public enum Exporter: Hashable, Sendable {
        /// To a collector, over OTLP/HTTP.
        case otlp
        /// To standard output, as lines of JSON.
        case console
    }

    /// Whether nothing is traced at all: `OTEL_SDK_DISABLED`.
    public var isDisabled = false

    /// What the service is: `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`.
    public var resource = Resource()

    /// Which headers carry the context: `OTEL_PROPAGATORS`.
    public var propagator = CompositePropagator.standard

    /// Which spans are recorded: `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`.
    public var sampler = Sampler.parentBased(.always)

    /// How much a span may hold: `OTEL_SPAN_…_LIMIT` and kin.
    public var limits = SpanLimits()

    /// How spans are kept until they are sent: `OTEL_BSP_…`.
    public var batching = BatchingProcessor.Settings()

    /// Where spans go: `OTEL_TRACES_EXPORTER`, a list of `otlp`, `console` and `none`.
    public var exporters: [Exporter] = [.otlp]

    /// Where the collector is and how it is spoken to: `OTEL_EXPORTER_OTLP_…`.
    public var otlp = OTLPSpanExporter.Settings()

    /// What could not be used, one sentence each.
    public var warnings: [String] = []

    /// Creates the defaults.
    public init() {}

    /// Reads the variables.
    ///
    /// - Parameters:
    ///   - serviceName: What the service is called where no variable says so.
    ///   - variable: The value of a variable; `nil` for none.
    /// - Returns: The configuration.
    public static func fromEnvironment(
        serviceName: String = "unknown_service",
        _ variable: @escaping (String) -> String? = { TracingConfiguration.environmentVariable($0) }
    ) -> TracingConfiguration {
        var configuration = TracingConfiguration()
        var reader = VariableReader(variable)
        configuration.isDisabled = reader.bool("OTEL_SDK_DISABLED")
        configuration.readResource(&reader, serviceName)
        if let list = reader.text("OTEL_PROPAGATORS") {
            let (propagator, unknown) = CompositePropagator.parse(list)
            configuration.propagator = propagator
            reader.warnings += unknown.map { "OTEL_PROPAGATORS names \"\($0)\", which is not known here" }
        }
        configuration.readSampler(&reader)
        configuration.readLimits(&reader)
        configuration.readBatching(&reader)
        configuration.readExporters(&reader)
        configuration.readCollector(&reader)
        configuration.warnings = reader.warnings
        return configuration
    }

    /// A variable of the process.
    public static func environmentVariable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Starts tracing.
    ///
    /// - Parameter client: Who sends requests; `nil` to make one.
    /// - Returns: Where tracers come from; shut it down when the service ends.
    /// - Throws: ``ExportError/client(_:)`` where the HTTP client can't begin.
    public func start(client: (any HTTPSending)? = nil) throws(ExportError) -> TracerProvider {
        guard !isDisabled else { return TracerProvider(resource: resource, sampler: .never) }
        var processors: [any SpanProcessor] = []
        for exporter in exporters {
            switch exporter {
            case .otlp:
                let sender = if let client { client } else { try TracingConfiguration.client() }
                processors.append(BatchingProcessor(OTLPSpanExporter(otlp, client: sender), settings: batching))
            case .console:
                processors.append(BatchingProcessor(JSONLinesSpanExporter.standardOutput(), settings: batching))
            }
        }
        return TracerProvider(resource: resource, sampler: sampler, limits: limits, processors: processors)
    }

    /// The address for traces below that of a collector.
    private static func appending(_ address: String) -> String {
        address + (address.hasSuffix("/") ? "" : "/") + "v1/traces"
    }

    /// The address for traces: as it is where it has a path, otherwise below the collector's.
    static func traces(at address: String) -> String {
        let rest = address.drop { $0 != ":" }.dropFirst(3)
        let path = rest.drop { $0 != "/" }
        return path.isEmpty || path == "/" ? appending(address) : address
    }

    private static func client() throws(ExportError) -> any HTTPSending {
        do {
            return try HTTPClient()
        } catch {
            throw .client("\(error)")
        }
    }

    // MARK: Groups of variables

    private mutating func readResource(_ reader: inout VariableReader, _ serviceName: String) {
        var attributes = Baggage(reader.text("OTEL_RESOURCE_ATTRIBUTES") ?? "").members.map {
            Attribute($0.key, $0.value)
        }
        let named = attributes.first { $0.key == "service.name" }?.value.text
        attributes.removeAll { $0.key == "service.name" }
        let name = reader.text("OTEL_SERVICE_NAME") ?? named ?? serviceName
        resource = Resource(attributes: [Attribute("service.name", name)] + attributes)
    }

    private mutating func readSampler(_ reader: inout VariableReader) {
        let share = reader.double("OTEL_TRACES_SAMPLER_ARG", in: 0...1) ?? 1
        switch reader.text("OTEL_TRACES_SAMPLER") {
        case nil, "parentbased_always_on": break
        case "always_on": sampler = .always
        case "always_off": sampler = .never
        case "traceidratio": sampler = .ratio(share)
        case "parentbased_always_off": sampler = .parentBased(.never)
        case "parentbased_traceidratio": sampler = .parentBased(.ratio(share))
        case let name?: reader.warnings.append("OTEL_TRACES_SAMPLER is \"\(name)\", which is not known here")
        }
    }

    private mutating func readLimits(_ reader: inout VariableReader) {
        let all = reader.count("OTEL_ATTRIBUTE_COUNT_LIMIT")
        limits = SpanLimits(
            attributes: reader.count("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT") ?? all ?? 128,
            events: reader.count("OTEL_SPAN_EVENT_COUNT_LIMIT") ?? 128,
            links: reader.count("OTEL_SPAN_LINK_COUNT_LIMIT") ?? 128,
            attributesPerEvent: reader.count("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT") ?? all ?? 128,
            attributesPerLink: reader.count("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT") ?? all ?? 128,
            characters: reader.count("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT")
                ?? reader.count("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT")
        )
    }

    private mutating func readBatching(_ reader: inout VariableReader) {
        batching = BatchingProcessor.Settings(
            queueMax: reader.count("OTEL_BSP_MAX_QUEUE_SIZE") ?? 2048,
            delay: .milliseconds(reader.count("OTEL_BSP_SCHEDULE_DELAY") ?? 5000),
            batchMax: reader.count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE") ?? 512,
            timeout: .milliseconds(reader.count("OTEL_BSP_EXPORT_TIMEOUT") ?? 30_000)
        )
    }

    private mutating func readExporters(_ reader: inout VariableReader) {
        guard let list = reader.text("OTEL_TRACES_EXPORTER") else { return }
        exporters = []
        for name in list.split(separator: ",").map({ $0.filter { $0 != " " } }) {
            switch name {
            case "otlp": exporters.append(.otlp)
            case "console": exporters.append(.console)
            case "none": break
            default: reader.warnings.append("OTEL_TRACES_EXPORTER names \"\(name)\", which is not known here")
            }
        }
    }

    private mutating func readCollector(_ reader: inout VariableReader) {
        func signal(_ name: String) -> String? {
            reader.text("OTEL_EXPORTER_OTLP_TRACES_\(name)") ?? reader.text("OTEL_EXPORTER_OTLP_\(name)")
        }
        if let own = reader.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            otlp.url = own
        } else if let general = reader.text("OTEL_EXPORTER_OTLP_ENDPOINT") {
            otlp.url = TracingConfiguration.appending(general)
        }
        let (headers, compression) = (signal("HEADERS"), signal("COMPRESSION"))
        let (timeout, speech) = (signal("TIMEOUT"), signal("PROTOCOL"))
        let (authority, certificate, key) = (signal("CERTIFICATE"), signal("CLIENT_CERTIFICATE"), signal("CLIENT_KEY"))
        if let headers { otlp.headers = Baggage(headers).members.map { (name: $0.key, value: $0.value) } }
        switch compression {
        case nil, "none": break
        case "gzip": otlp.isCompressed = true
        case let name?: reader.warnings.append("OTEL_EXPORTER_OTLP_COMPRESSION is \"\(name)\", expected gzip or none")
        }
        if let timeout {
            if let milliseconds = Int(timeout), milliseconds > 0 {
                otlp.timeout = .milliseconds(milliseconds)
            } else {
                reader.warnings.append("OTEL_EXPORTER_OTLP_TIMEOUT is \"\(timeout)\", expected milliseconds from 1")
            }
        }
        switch speech {
        case nil, "http/protobuf": break
        case "http/json": otlp.encoding = .json
        case let name?:
            reader.warnings.append(
                "OTEL_EXPORTER_OTLP_PROTOCOL is \"\(name)\", expected http/protobuf or http/json; http/protobuf is used"
            )
        }
        guard authority != nil || certificate != nil || key != nil else { return }
        var tls = TLSOptions()
        tls.authorityFile = authority
        tls.certificateFile = certificate
        tls.keyFile = key
        otlp.tls = tls
    }
}
