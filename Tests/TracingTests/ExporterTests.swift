import Foundation
import MartletCompression
import MartletCore
import MartletExport
import MartletHTTPClient
import MartletHTTPServer
import MartletOTLP
import MartletTracing
import Synchronization
import Testing

@Suite("Exporters")
struct ExporterTests {
    /// Answers as it is told, one answer after the other, and notes what it was asked.
    final class Collector: HTTPSending {
        let requests = Mutex<[OutgoingRequest]>([])
        let answers: Mutex<[Result<IncomingResponse, HTTPClientError>]>

        init(_ answers: Result<IncomingResponse, HTTPClientError>...) {
            self.answers = Mutex(answers)
        }

        func send(_ request: OutgoingRequest) async throws(HTTPClientError) -> IncomingResponse {
            requests.withLock { $0.append(request) }
            let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return try answer.get()
        }

        var count: Int { requests.withLock { $0.count } }
    }

    static let batch = [
        ResourceSpans(
            resource: Resource(attributes: [Attribute("service.name", "shop"), Attribute("service.version", "1")]),
            scopeSpans: [
                ScopeSpans(
                    scope: InstrumentationScope(name: "lib", version: "2"),
                    spans: [
                        FinishedSpan(
                            traceID: TraceID(high: 1, low: 2),
                            spanID: SpanID(3),
                            parentID: SpanID(4),
                            flags: 0x101,
                            name: "GET /orders",
                            kind: .server,
                            start: 1_700_000_000_000_000_000,
                            end: 1_700_000_000_000_250_000,
                            attributes: [
                                Attribute("s", "x"), Attribute("i", .int(-7)), Attribute("d", .double(0.5)),
                                Attribute("b", .bool(true)), Attribute("raw", .bytes([1, 2])),
                                Attribute("list", .array([.int(1)])),
                            ],
                            events: [
                                SpanEvent(
                                    time: 1_700_000_000_000_100_000,
                                    name: "retry",
                                    attributes: [Attribute("n", .int(1))]
                                )
                            ],
                            links: [SpanLink(traceID: TraceID(high: 5, low: 6), spanID: SpanID(7))],
                            status: .error("boom")
                        )
                    ]
                )
            ]
        )
    ]

    private static func quick(_ change: (inout OTLPSpanExporter.Settings) -> Void = { _ in })
        -> OTLPSpanExporter.Settings
    {
        var settings = OTLPSpanExporter.Settings()
        settings.firstPause = .milliseconds(1)
        settings.pauseMax = .milliseconds(2)
        change(&settings)
        return settings
    }

    private static func status(_ status: Int, _ headers: [(name: String, value: String)] = [], _ body: [UInt8] = [])
        -> Result<
            IncomingResponse, HTTPClientError
        >
    {
        .success(IncomingResponse(status: status, headers: headers, body: body))
    }

    @Test func `sends protobuf with its headers`() async throws {
        let collector = Collector(Self.status(200))
        let exporter = OTLPSpanExporter(Self.quick { $0.headers = [(name: "x-key", value: "k")] }, client: collector)
        #expect(await exporter.export(Self.batch) == .success)
        let request = try #require(collector.requests.withLock { $0.first })
        #expect(request.method == "POST" && request.url == "http://localhost:4318/v1/traces")
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == ["x-key: k", "Content-Type: application/x-protobuf"]
        )
        #expect(try TracesRequest(decoding: request.body ?? []).resourceSpans == Self.batch)
    }

    @Test func `sends JSON, compressed`() async throws {
        let collector = Collector(Self.status(200))
        let settings = Self.quick {
            $0.encoding = .json
            $0.isCompressed = true
        }
        #expect(await OTLPSpanExporter(settings, client: collector).export(Self.batch) == .success)
        let request = try #require(collector.requests.withLock { $0.first })
        #expect(request.headers.map(\.value) == ["application/json", "gzip"])
        let body = try Gzip.decompress(request.body ?? [], limit: 1 << 20)
        #expect(try TracesRequest(json: body).resourceSpans == Self.batch)
    }

    @Test(arguments: [429, 502, 503, 504])
    func `tries again where the protocol says so`(code: Int) async {
        let collector = Collector(Self.status(code), .failure(.connection("refused")), Self.status(200))
        // However slow the machine is, it is not time that ends the tries.
        let settings = Self.quick { $0.timeout = .seconds(300) }
        #expect(await OTLPSpanExporter(settings, client: collector).export(Self.batch) == .success)
        #expect(collector.count == 3)
    }

    @Test(arguments: [400, 401, 404, 413, 500, 501])
    func `does not try again where that is of no use`(code: Int) async {
        let collector = Collector(Self.status(code, [], Array("no\n".utf8)))
        let result = await OTLPSpanExporter(Self.quick(), client: collector).export(Self.batch)
        #expect(result == .failure("http://localhost:4318/v1/traces answered \(code): no "))
        #expect(collector.count == 1)
    }

    @Test func `gives up when the time is over, and heeds a Retry-After beyond it`() async {
        let dead = Collector(.failure(.connection("nobody listens")))
        let settings = Self.quick { $0.timeout = .milliseconds(50) }
        let result = await OTLPSpanExporter(settings, client: dead).export(Self.batch)
        #expect(result == .failure("cannot send spans to http://localhost:4318/v1/traces: nobody listens"))
        #expect(dead.count > 1)
        let busy = Collector(Self.status(429, [(name: "retry-after", value: "100")]))
        #expect(
            await OTLPSpanExporter(Self.quick(), client: busy).export(Self.batch)
                == .failure("http://localhost:4318/v1/traces answered 429")
        )
        #expect(busy.count == 1)
    }

    @Test(arguments: [true, false])
    func `what is taken in part is told and not sent again`(isJSON: Bool) async {
        let answer = OTLPAnswer(.spans, rejected: 1, message: "too old")
        let headers = [(name: "content-type", value: isJSON ? "application/json" : "application/x-protobuf")]
        let collector = Collector(Self.status(200, headers, isJSON ? answer.json() : answer.protobuf()))
        let result = await OTLPSpanExporter(Self.quick(), client: collector).export(Self.batch)
        #expect(result == .partial(rejected: 1, message: "too old"))
        #expect(collector.count == 1)
    }

    @Test func `shutdown with a dead collector keeps to its time`() async throws {
        var settings = OTLPSpanExporter.Settings()
        // Nobody listens on the discard port.
        settings.url = "http://127.0.0.1:9/v1/traces"
        settings.timeout = .seconds(3600)
        let provider = TracerProvider(
            processors: [
                BatchingProcessor(
                    OTLPSpanExporter(settings, client: try HTTPClient()),
                    settings: .init(timeout: .seconds(3600))
                )
            ]
        )
        provider.tracer("x").withSpan("x") { _ in }
        let start = ContinuousClock.now
        #expect(await !provider.shutdown(within: .milliseconds(200)))
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test func `writes lines of JSON to a file`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "spans-\(UUID().uuidString).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let exporter = try JSONLinesSpanExporter(path: path)
        #expect(await exporter.export(Self.batch) == .success)
        #expect(await exporter.export(Self.batch) == .success)
        await exporter.shutdown()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(try TracesRequest(json: Array(lines[1].utf8)).resourceSpans == Self.batch)
        let error = #expect(throws: ExportError.self) { _ = try JSONLinesSpanExporter(path: "/nowhere/x") }
        #expect(error?.description == "cannot open /nowhere/x: No such file or directory")
        let failing = JSONLinesSpanExporter { _ in "full" }
        #expect(await failing.export(Self.batch) == .failure("full"))
    }

    // MARK: Settings

    @Test func `reads the variables of OpenTelemetry`() {
        let variables = [
            "OTEL_SERVICE_NAME": "shop", "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,team=a%20b",
            "OTEL_PROPAGATORS": "b3,tracecontext", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0.25", "OTEL_ATTRIBUTE_COUNT_LIMIT": "9", "OTEL_SPAN_EVENT_COUNT_LIMIT": "8",
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "7", "OTEL_BSP_MAX_QUEUE_SIZE": "100",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10", "OTEL_BSP_SCHEDULE_DELAY": "20", "OTEL_BSP_EXPORT_TIMEOUT": "30",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://c:4318", "OTEL_EXPORTER_OTLP_HEADERS": "k=v,a=b%20c",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "own=1", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1500", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca", "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/key",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/crt", "OTEL_TRACES_EXPORTER": "otlp, console,none",
            "OTEL_SDK_DISABLED": "TRUE",
        ]
        let read = TracingConfiguration.fromEnvironment { variables[$0] }
        #expect(read.warnings == [] && read.isDisabled)
        #expect(read.resource.attributes == [Attribute("service.name", "shop"), Attribute("team", "a b")])
        #expect(read.propagator.fields == ["b3", "traceparent", "tracestate"])
        #expect(read.sampler.description == "ParentBased{root:TraceIdRatioBased{0.25}}")
        #expect(
            read.limits
                == SpanLimits(attributes: 9, events: 8, attributesPerEvent: 9, attributesPerLink: 9, characters: 7)
        )
        #expect(
            read.batching == .init(queueMax: 100, delay: .milliseconds(20), batchMax: 10, timeout: .milliseconds(30))
        )
        #expect(read.exporters == [.otlp, .console])
        #expect(read.otlp.url == "https://c:4318/v1/traces" && read.otlp.headers.map(\.name) == ["own"])
        #expect(read.otlp.isCompressed && read.otlp.timeout == .milliseconds(1500) && read.otlp.encoding == .json)
        #expect(
            read.otlp.tls?.authorityFile == "/ca" && read.otlp.tls?.keyFile == "/key"
                && read.otlp.tls?.certificateFile == "/crt"
        )
    }

    @Test func `what makes no sense is left aside with a warning, and what is empty is none`() {
        let variables = [
            "OTEL_SERVICE_NAME": "", "OTEL_PROPAGATORS": "x", "OTEL_TRACES_SAMPLER": "x",
            "OTEL_TRACES_SAMPLER_ARG": "2",
            "OTEL_BSP_MAX_QUEUE_SIZE": "-1", "OTEL_EXPORTER_OTLP_TIMEOUT": "soon",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "zstd", "OTEL_TRACES_EXPORTER": "zipkin", "OTEL_SDK_DISABLED": "yes",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://own/x",
        ]
        let read = TracingConfiguration.fromEnvironment(serviceName: "mine") { variables[$0] }
        #expect(read.resource.attributes == [Attribute("service.name", "mine")])
        #expect(read.otlp.url == "http://own/x" && read.otlp.encoding == .protobuf && !read.isDisabled)
        #expect(
            read.warnings == [
                "OTEL_SDK_DISABLED is \"yes\", expected true or false",
                "OTEL_PROPAGATORS names \"x\", which is not known here",
                "OTEL_TRACES_SAMPLER_ARG is \"2\", expected a number from 0.0 to 1.0",
                "OTEL_TRACES_SAMPLER is \"x\", which is not known here",
                "OTEL_BSP_MAX_QUEUE_SIZE is \"-1\", expected a whole number from 0",
                "OTEL_TRACES_EXPORTER names \"zipkin\", which is not known here",
                "OTEL_EXPORTER_OTLP_COMPRESSION is \"zstd\", expected gzip or none",
                "OTEL_EXPORTER_OTLP_TIMEOUT is \"soon\", expected milliseconds from 1",
                "OTEL_EXPORTER_OTLP_PROTOCOL is \"grpc\", expected http/protobuf or http/json; http/protobuf is used",
            ]
        )
    }

    @Test(
        arguments: [
            ("always_on", "AlwaysOnSampler"), ("always_off", "AlwaysOffSampler"),
            ("traceidratio", "TraceIdRatioBased{1.0}"),
            ("parentbased_always_off", "ParentBased{root:AlwaysOffSampler}"),
            ("parentbased_always_on", "ParentBased{root:AlwaysOnSampler}"),
        ]
    )
    func `knows the samplers by name`(name: String, expected: String) {
        let read = TracingConfiguration.fromEnvironment { $0 == "OTEL_TRACES_SAMPLER" ? name : nil }
        #expect(read.sampler.description == expected && read.warnings.isEmpty)
    }

    @Test func `a configuration starts a provider that sends to its collector`() async throws {
        let collector = Collector(Self.status(200))
        var configuration = TracingConfiguration()
        configuration.resource = Resource(attributes: [Attribute("service.name", "s")])
        let provider = try configuration.start(client: collector)
        provider.tracer("x").withSpan("work") { _ in }
        #expect(await provider.shutdown(within: .seconds(30)))
        let body = try #require(collector.requests.withLock { $0.first?.body })
        let request = try TracesRequest(decoding: body)
        #expect(request.resourceSpans[0].resource == configuration.resource)
        #expect(request.resourceSpans[0].scopeSpans[0].spans.map(\.name) == ["work"])
        configuration.isDisabled = true
        let isRecorded = try configuration.start(client: collector).tracer("x").withSpan("x") { $0.isRecording }
        #expect(!isRecorded)
    }

    // MARK: Jaeger

    /// Takes datagrams on a port of its own.
    final class Agent: Sendable {
        let file: Int32
        let port: UInt16

        init() throws {
            file = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let file = file
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    bind(file, address, size)
                    getsockname(file, address, &size)
                }
            }
            port = UInt16(bigEndian: address.sin_port)
            var patience = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(file) }

        func receive() -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 70_000)
            let count = recv(file, &bytes, bytes.count, 0)
            return Array(bytes.prefix(max(0, count)))
        }
    }

    private static let python = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build/test-environment/bin/python3").standardized.path

    private static var knowsJaeger: Bool {
        run(["-c", "import jaeger_client.thrift_gen.jaeger.ttypes"], "") != nil
    }

    private static func run(_ arguments: [String], _ input: String) -> String? {
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = arguments
        let (stdin, stdout) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return nil }
        try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try? stdin.fileHandleForWriting.close()
        let output = try? stdout.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: output ?? Data(), as: UTF8.self) : nil
    }

    @Test(.enabled(if: knowsJaeger, "no jaeger-client from PyPI; run scripts/setup --test"))
    func `the types of jaeger-client read what an agent gets`() async throws {
        let agent = try Agent()
        let exporter = try JaegerAgentExporter(agent: "127.0.0.1:\(agent.port)")
        #expect(await exporter.export(Self.batch) == .success)
        let hex = agent.receive().map { String(format: "%02x", $0) }.joined()
        let script = """
            import sys, json
            from thrift.transport import TTransport
            from thrift.protocol import TCompactProtocol
            from jaeger_client.thrift_gen.agent import Agent
            data = bytes.fromhex(sys.stdin.read())
            transport = TTransport.TMemoryBuffer(data)
            protocol = TCompactProtocol.TCompactProtocol(transport)
            name, kind, sequence = protocol.readMessageBegin()
            arguments = Agent.emitBatch_args(); arguments.read(protocol); protocol.readMessageEnd()
            assert transport.read(1) == b''
            def hexed(b): return None if b is None else (b.encode() if isinstance(b, str) else b).hex()
            def tag(t): return [t.key, t.vType, t.vStr, t.vDouble, t.vBool, t.vLong, hexed(t.vBinary)]
            b = arguments.batch; s = b.spans[0]
            print(json.dumps([name, kind, b.process.serviceName, [tag(t) for t in b.process.tags],
              s.traceIdLow, s.traceIdHigh, s.spanId, s.parentSpanId, s.operationName, s.flags, s.startTime, s.duration,
              [tag(t) for t in s.tags], [[l.timestamp, [tag(t) for t in l.fields]] for l in s.logs],
              [[r.refType, r.traceIdLow, r.traceIdHigh, r.spanId] for r in s.references]]))
            """
        let output = try #require(Self.run(["-c", script], hex))
        let expected = """
            ["emitBatch", 4, "shop", [["service.version", 0, "1", null, null, null, null]], 2, 1, 3, 4, "GET /orders", 1, \
            1700000000000000, 250, [["s", 0, "x", null, null, null, null], ["i", 3, null, null, null, -7, null], \
            ["d", 1, null, 0.5, null, null, null], ["b", 2, null, null, true, null, null], \
            ["raw", 4, null, null, null, null, "0102"], ["list", 0, "[1]", null, null, null, null], \
            ["span.kind", 0, "server", null, null, null, null], ["otel.status_code", 0, "ERROR", null, null, null, null], \
            ["error", 2, null, null, true, null, null], ["otel.status_description", 0, "boom", null, null, null, null], \
            ["otel.scope.name", 0, "lib", null, null, null, null], ["otel.scope.version", 0, "2", null, null, null, null]], \
            [[1700000000000100, [["event", 0, "retry", null, null, null, null], ["n", 3, null, null, null, 1, null]]]], \
            [[1, 6, 5, 7]]]
            """
        #expect(output == expected + "\n")
    }

    @Test func `a batch too large for a datagram goes in several, and a span too large is counted`() async throws {
        let agent = try Agent()
        let exporter = try JaegerAgentExporter(agent: "127.0.0.1:\(agent.port)")
        var batch = Self.batch
        var span = batch[0].scopeSpans[0].spans[0]
        span.attributes = [Attribute("long", String(repeating: "x", count: 40_000))]
        batch[0].scopeSpans[0].spans = [span, span]
        #expect(await exporter.export(batch) == .success)
        #expect(agent.receive().count > 40_000 && agent.receive().count > 40_000)
        span.attributes = [Attribute("long", String(repeating: "x", count: 70_000))]
        batch[0].scopeSpans[0].spans.append(span)
        #expect(
            await exporter.export(batch)
                == .partial(rejected: 1, message: "1 spans are larger than a datagram of 65000 bytes")
        )
        await exporter.shutdown()
        #expect(await exporter.export(Self.batch) == .failure("the exporter is shut down"))
        let error = #expect(throws: ExportError.self) { _ = try JaegerAgentExporter(agent: "no.such.host.invalid:1") }
        #expect(
            error?.description
                == "cannot send to \"no.such.host.invalid:1\": it is not host:port of a host that is known"
        )
    }

    @Test func `four fields start the tracing to an agent`() async throws {
        let agent = try Agent()
        let provider = try initTracing(
            TracingConfig(
                jaegerEndpoint: "localhost:\(agent.port)",
                serviceName: "sandbox",
                serviceVersion: "1.2.0",
                environment: "production"
            )
        )
        #expect(
            provider.resource.attributes == [
                Attribute("service.name", "sandbox"), Attribute("service.version", "1.2.0"),
                Attribute("environment", "production"),
            ]
        )
        provider.tracer("x").withSpan("work") { _ in }
        await provider.shutdown(within: .seconds(30))
        let bytes = agent.receive()
        #expect(bytes.starts(with: [0x82, 0x81, 0x00, 9] + Array("emitBatch".utf8)))
        #expect(String(decoding: bytes, as: UTF8.self).contains("production"))
    }

    // MARK: Peers

    @Test(
        .enabled(
            if: run(["-c", "import opentelemetry.proto.collector.trace.v1.trace_service_pb2"], "") != nil,
            "no opentelemetry-proto from PyPI; run scripts/setup --test"
        )
    )
    func `opentelemetry-proto reads what is exported to equal fields`() async throws {
        let collector = Collector(Self.status(200))
        _ = await OTLPSpanExporter(client: collector).export(Self.batch)
        let hex = (collector.requests.withLock { $0.first?.body } ?? []).map { String(format: "%02x", $0) }.joined()
        let script = """
            import sys
            from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest as R
            data = bytes.fromhex(sys.stdin.read()); r = R.FromString(data)
            assert r.SerializeToString() == data
            s = r.resource_spans[0].scope_spans[0].spans[0]
            print(r.resource_spans[0].resource.attributes[0].value.string_value, r.resource_spans[0].scope_spans[0].scope.name,
              s.trace_id.hex(), s.span_id.hex(), s.parent_span_id.hex(), s.name, s.kind, s.end_time_unix_nano - s.start_time_unix_nano,
              s.flags, s.status.code, s.status.message, [a.key for a in s.attributes], s.events[0].name, s.links[0].span_id.hex())
            """
        let output = try #require(Self.run(["-c", script], hex))
        #expect(
            output
                == "shop lib 00000000000000010000000000000002 0000000000000003 0000000000000004 GET /orders 2 250000 257 2 boom "
                + "['s', 'i', 'd', 'b', 'raw', 'list'] retry 0000000000000007\n"
        )
    }

    @Test(
        .enabled(
            if: run(["-c", "import flask, opentelemetry.instrumentation.flask"], "") != nil,
            "no Flask with OpenTelemetry from PyPI; run scripts/setup --test"
        )
    )
    func `a Flask application with OpenTelemetry continues our trace`() async throws {
        let script = """
            import flask
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.instrumentation.flask import FlaskInstrumentor
            import opentelemetry.trace as t
            t.set_tracer_provider(TracerProvider())
            app = flask.Flask("peer"); FlaskInstrumentor().instrument_app(app)
            @app.route("/")
            def index():
                s = t.get_current_span(); c = s.get_span_context()
                return f"{c.trace_id:032x} {s.parent.span_id:016x} {c.trace_flags & 1} {c.trace_state.to_header()}"
            import sys
            headers = dict(line.split(": ", 1) for line in sys.stdin.read().splitlines())
            print(app.test_client().get("/", headers=headers).get_data(as_text=True))
            """
        let recording = Recording()
        let context = CarriedContext.extract(from: [
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01", "tracestate": "a=b",
        ])
        var headers: [String: String] = [:]
        var own = SpanID.none
        context.run {
            recording.tracer.withSpan("client", kind: .client) { span in
                own = span.context.spanID
                CarriedContext.current.inject(into: &headers)
            }
        }
        let output = try #require(
            Self.run(["-c", script], headers.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))
        )
        #expect(output == "0af7651916cd43dd8448eb211c80319c \(own) 1 a=b\n")
    }
}
