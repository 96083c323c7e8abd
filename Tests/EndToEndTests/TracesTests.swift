import Foundation
import MartletCompression
import MartletCore
import Testing

/// Traces through the real server: in by OTLP, out by Jaeger's interface and the command.
@Suite("Traces", .fewAtOnce)
struct TracesTests {
    private static let hasSDK =
        Tools.hasPython("opentelemetry.exporter.otlp.proto.http")
        && Tools.hasPython("opentelemetry.exporter.otlp.proto.grpc.trace_exporter")

    /// The ports that take OTLP.
    enum Door: String, CaseIterable {
        case main
        case http
        case grpc
    }

    /// A trace over two services, with everything that a span can have; prints the trace's id.
    private static let script = """
        import sys
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        if sys.argv[2] == "grpc":
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
            from grpc import Compression
            options = {"endpoint": sys.argv[1], "insecure": True}
        else:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.exporter.otlp.proto.http import Compression
            options = {"endpoint": sys.argv[1] + "/v1/traces"}
        from opentelemetry.sdk.resources import Resource
        from opentelemetry import trace
        from opentelemetry.trace import SpanKind, Status, StatusCode, Link, SpanContext
        def tracer(service, compression):
            provider = TracerProvider(resource=Resource({"service.name": service, "host.name": "h"}))
            exporter = OTLPSpanExporter(compression=compression, **options)
            provider.add_span_processor(SimpleSpanProcessor(exporter))
            return provider.get_tracer("lib", "1.0")
        shop, bank = tracer("shop", Compression.Gzip), tracer("bank", Compression.NoCompression)
        link = Link(SpanContext(1, 2, False), {"why": "retry"})
        with shop.start_as_current_span("POST /pay", kind=SpanKind.SERVER, links=[link]) as root:
            root.set_attributes({"user.id": "u-7", "n": 3, "ratio": 0.5, "ok": True, "list": ["a", "b"]})
            with bank.start_as_current_span("charge", kind=SpanKind.CLIENT) as child:
                child.add_event("retry", {"attempt": 2})
                try: raise ValueError("no money")
                except ValueError as error:
                    child.record_exception(error)
                    child.set_status(Status(StatusCode.ERROR, "declined"))
        print(format(root.get_span_context().trace_id, "032x"))
        """

    @Test(.enabled(if: hasSDK, "scripts/setup --test installs opentelemetry-sdk"), arguments: Door.allCases)
    func `OpenTelemetry's own exporter brings a trace that comes back whole`(_ door: Door) async throws {
        let server = try await ServerUnderTest(otlp: true, grpc: true)
        let script = try server.folder.write("send.py", Self.script)
        let url =
            switch door {
            case .main: server.url
            case .http: try #require(server.otlpURL)
            case .grpc: try #require(server.grpcURL)
            }
        let sent = try await Tools.run(Tools.python, script, url, door.rawValue)
        #expect(sent.status == 0, "\(sent.output)\(sent.error)")
        let id = sent.output.trimmingCharacters(in: .whitespacesAndNewlines)

        let legacy = try JSON(await server.get("/api/traces/\(id)"))["data"].elements[0]
        #expect(legacy["traceID"].text == id)
        let spans = legacy["spans"].elements
        #expect(Set(spans.map { $0["operationName"].text }) == ["POST /pay", "charge"])
        let root = try #require(spans.first { $0["operationName"].text == "POST /pay" })
        let child = try #require(spans.first { $0["operationName"].text == "charge" })
        #expect(root["references"].elements.map { $0["refType"].text } == ["FOLLOWS_FROM"])
        #expect(child["references"].elements[0]["spanID"].text == root["spanID"].text)
        let tags = Dictionary(
            uniqueKeysWithValues: root["tags"].elements.map { ($0["key"].text, $0["type"].text) }
        )
        #expect(
            tags["user.id"] == "string" && tags["n"] == "int64" && tags["ratio"] == "float64" && tags["ok"] == "bool"
        )
        #expect(child["logs"].elements.count == 2)
        #expect(child["tags"].elements.contains { $0["key"].text == "error" })
        let process = legacy["processes"][child["processID"].text]
        #expect(process["serviceName"].text == "bank")

        let third = try JSON(await server.get("/api/v3/traces/\(id)"))["result"]["resourceSpans"].elements
        let flat = third.flatMap { $0["scopeSpans"].elements }.flatMap { $0["spans"].elements }
        #expect(flat.count == 2)
        #expect(flat.contains { $0["status"]["message"].text == "declined" })
        #expect(flat.contains { $0["links"].elements.first?["attributes"].elements.first?["key"].text == "why" })

        #expect(try JSON(await server.get("/api/services"))["data"].elements.map(\.text) == ["bank", "shop"])
        #expect(try JSON(await server.get("/api/v3/services"))["services"].elements.map(\.text) == ["bank", "shop"])
        for (name, value, count) in [
            ("service", "bank", 1), ("service", "nobody", 0), ("tag", "user.id:u-7", 1), ("text", "no MONEY", 1),
            ("text", "much money", 0),
            ("tags", #"{"error":"true"}"#, 1), ("minDuration", "10h", 0), ("status", "error", 1),
        ] {
            let found = try JSON(await server.get("/api/traces", [(name, value)]))["data"].elements
            #expect(found.count == count, "\(name)=\(value)")
        }

        let shown = try await Tools.run(Tools.martlet, "traces", "show", id, "--url", server.url)
        #expect(shown.status == 0 && shown.output.contains("bank: charge") && shown.output.contains("█"), "\(shown)")
        #expect(shown.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let otlp = try await Tools.run(Tools.martlet, "traces", "show", id, "--export", "otlp", "--url", server.url)
        #expect(otlp.status == 0 && otlp.output.hasPrefix(#"{"resourceSpans":["#))
        // What was written out can be sent in again, and is the same trace.
        let again = try await server.send(
            "POST",
            "/v1/traces",
            headers: [("Content-Type", "application/json")],
            body: Array(otlp.output.utf8)
        )
        #expect(again.status == 200)
        #expect(try JSON(await server.get("/api/traces/\(id)"))["data"].elements[0]["spans"].elements.count == 2)
        for form in ["json", "chrome"] {
            let result = try await Tools.run(Tools.martlet, "traces", "show", id, "--export", form, "--url", server.url)
            #expect(result.status == 0)
            _ = try JSON(result.output)
        }
        let folded = try await Tools.run(Tools.martlet, "traces", "show", id, "--export", "folded", "--url", server.url)
        #expect(folded.output.contains("shop: POST /pay;bank: charge "))
        let table = try await Tools.run(Tools.martlet, "traces", "--tag", "user.id=u-7", "--url", server.url)
        #expect(table.status == 0 && table.output.contains(id))
        #expect(try await Tools.run(Tools.martlet, "traces", "--service", "x", "--url", server.url).status == 4)
        let missing = String(repeating: "a", count: 32)
        #expect(try await Tools.run(Tools.martlet, "traces", "show", missing, "--url", server.url).status == 4)
        let critical = try await Tools.run(Tools.martlet, "traces", "critical-path", "--url", server.url)
        #expect(critical.status == 0 && critical.output.contains("charge"))
    }

    /// A request of one span.
    private static func span(_ trace: Int, id: Int = 1) -> String {
        let hex = String(trace, radix: 16)
        let traceID = String(repeating: "0", count: 32 - hex.count) + hex
        return """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},
              "scopeSpans":[{"spans":[{"traceId":"\(traceID)","spanId":"000000000000000\(id)","name":"op","kind":1,
              "startTimeUnixNano":"\(SystemWallClock().millisecondsSinceEpoch)000000",
              "endTimeUnixNano":"\(SystemWallClock().millisecondsSinceEpoch)500000"}]}]}]}
            """
    }

    @Test func `answers come in the form that was asked in, and refusals say why`() async throws {
        let server = try await ServerUnderTest()
        func send(_ type: String, _ body: [UInt8], _ encoding: String? = nil) async throws -> (Int, String) {
            let headers = [("Content-Type", type)] + (encoding.map { [("Content-Encoding", $0)] } ?? [])
            let response = try await server.send("POST", "/v1/traces", headers: headers, body: body)
            return (response.status, String(decoding: response.body, as: UTF8.self))
        }
        let good = try await send("application/json", Gzip.compress(Array(Self.span(1).utf8)), "gzip")
        #expect(good == (200, "{}"))
        let part = try await send("application/json", Array(Self.span(0).utf8))
        #expect(part.0 == 200 && part.1.contains(#""rejectedSpans":"1""#) && part.1.contains("all zeros"), "\(part)")
        #expect(try await send("application/x-protobuf", []) == (200, ""))
        #expect(try await send("application/x-protobuf", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]).0 == 400)
        #expect(try await send("application/json", Array("{".utf8)).0 == 400)
        #expect(try await send("text/plain", []).0 == 415)
        let grpc = try await send("application/grpc", [])
        #expect(grpc.0 == 415 && grpc.1.contains("4317"))
        #expect(try await server.send("GET", "/api/traces/xyz").status == 400)
        #expect(try await server.send("GET", "/api/traces/\(String(repeating: "b", count: 32))").status == 404)
        #expect(try await server.send("GET", "/api/v3/trace-summaries").status == 400)
        #expect(try await server.send("GET", "/api/traces", [("minDuration", "soon")]).status == 400)
        let summaries = try JSON(
            await server.get(
                "/api/v3/trace-summaries",
                [
                    ("query.startTimeMin", "2020-01-01T00:00:00Z"), ("query.startTimeMax", "2099-01-01T00:00:00Z"),
                    ("query.serviceName", "s"),
                ]
            )
        )
        #expect(summaries["summaries"].elements.map { $0["rootOperationName"].text } == ["op"])
        let path = try JSON(await server.get("/api/v1/traces/\(String(repeating: "0", count: 31))1/critical-path"))
        #expect(path["ways"].elements[0]["sections"].elements.count == 1)
    }

    @Test func `Zipkin's JSON comes in and is a trace like any other`() async throws {
        let server = try await ServerUnderTest()
        let body = """
            [{"traceId":"5af7183fb1d4cf5f","id":"352bff9a74ca9ad2","name":"get /api","kind":"CLIENT","timestamp":1767225600000000,
              "duration":431234,"localEndpoint":{"serviceName":"frontend","ipv4":"192.168.99.1"},
              "remoteEndpoint":{"serviceName":"backend","port":9000},"tags":{"http.path":"/api","error":"timeout"},
              "annotations":[{"timestamp":1767225600001000,"value":"retry"}]},
             {"traceId":"5af7183fb1d4cf5f","parentId":"352bff9a74ca9ad2","id":"352bff9a74ca9ad3","localEndpoint":{"serviceName":"backend"}},
             {"traceId":"nonsense","id":"1"}]
            """
        func send(_ text: String) async throws -> (Int, String) {
            let headers = [("Content-Type", "application/json")]
            let response = try await server.send("POST", "/api/v2/spans", headers: headers, body: Array(text.utf8))
            return (response.status, String(decoding: response.body, as: UTF8.self))
        }
        let answer = try await send(body)
        #expect(answer.0 == 202 && answer.1.contains("refused 1 spans") && answer.1.contains("nonsense"), "\(answer)")
        #expect(try await send("{").0 == 400)
        #expect(try await send("{}").0 == 400)
        let trace = try JSON(await server.get("/api/traces/5af7183fb1d4cf5f"))["data"].elements[0]
        #expect(trace["traceID"].text == "00000000000000005af7183fb1d4cf5f")
        let span = try #require(trace["spans"].elements.first { $0["operationName"].text == "get /api" })
        #expect(span["duration"].number == 431_234)
        #expect(span["logs"].elements.count == 1)
        let tags = Set(span["tags"].elements.map { $0["key"].text })
        #expect(tags.isSuperset(of: ["http.path", "error", "peer.service", "network.peer.port", "span.kind"]))
        #expect(try JSON(await server.get("/api/services"))["data"].elements.map(\.text) == ["backend", "frontend"])
        let metrics = try await server.get("/metrics")
        let labels = #"service_name="frontend",span_kind="SPAN_KIND_CLIENT",span_name="get /api""#
        #expect(metrics.contains("traces_span_metrics_calls_total{\(labels)"))
    }

    @Test func `nothing acknowledged is lost over kills in the middle of ingest`() async throws {
        let rounds = Int(ProcessInfo.processInfo.environment["MARTLET_KILL_ROUNDS"] ?? "") ?? 20
        let folder = try Folder()
        var acknowledged: [Int] = []
        var next = 0
        for round in 0..<rounds {
            let server = try await ServerUnderTest(in: folder)
            try await Self.expectAll(acknowledged.suffix(300), in: server, "round \(round)")
            var killer: Task<Void, any Error>?
            for _ in 0..<400 {
                next += 1
                let response = try? await server.send(
                    "POST",
                    "/v1/traces",
                    headers: [("Content-Type", "application/json")],
                    body: Array(Self.span(next).utf8)
                )
                guard response?.status == 200 else { break }
                acknowledged.append(next)
                killer =
                    killer
                    ?? Task.detached {
                        try await Task.sleep(for: .microseconds(20_000 + round * 7919 % 60_000))
                        server.process.signal(SIGKILL)
                    }
            }
            try await killer?.value
            #expect(server.process.wait() == -SIGKILL)
        }
        let server = try await ServerUnderTest(in: folder)
        #expect(acknowledged.count >= rounds)
        try await Self.expectAll(acknowledged[...], in: server, "the end")
    }

    private static func expectAll(_ traces: ArraySlice<Int>, in server: ServerUnderTest, _ when: String) async throws {
        for trace in traces {
            let hex = String(trace, radix: 16)
            let answer = try await server.send("GET", "/api/traces/\(hex)")
            #expect(answer.status == 200, "trace \(trace) is lost at \(when)")
        }
    }
}
