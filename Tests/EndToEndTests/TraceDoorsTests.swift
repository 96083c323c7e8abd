import Foundation
import MartletCompression
import Testing

/// What else comes to the ports for traces: other clients, other protocols, and what nobody should send.
@Suite("Doors for traces", .fewAtOnce)
struct TraceDoorsTests {
    private static let hasGRPC = Tools.hasPython("grpc")
    private static let hasJaeger = Tools.hasPython("jaeger_client")
    private static let example = Conformance.folder.appending(path: "otlp/trace.json")

    @Test(.enabled(if: (try? Data(contentsOf: example)) != nil, "no conformance data; set MARTLET_CONFORMANCE_DIR"))
    func `curl brings OTLP's example in JSON, which comes back whole`() async throws {
        let server = try await ServerUnderTest(otlp: true)
        let url = try #require(server.otlpURL) + "/v1/traces"
        let sent = try await Tools.run(
            "curl",
            "-s",
            "-w",
            "%{http_code}",
            "-H",
            "Content-Type: application/json",
            "--data-binary",
            "@\(Self.example.path)",
            url
        )
        #expect(sent.output == "{}200")
        let id = "5B8EFFF798038103D269B633813FC60C"
        let legacy = try JSON(await server.get("/api/traces/\(id)"))["data"].elements[0]
        #expect(legacy["traceID"].text == id.lowercased())
        let span = legacy["spans"].elements[0]
        #expect(span["operationName"].text == "I'm a server span" && span["spanID"].text == "eee19b7ec3c1b174")
        #expect(span["startTime"].number == 1_544_712_660_000_000 && span["duration"].number == 1_000_000)
        #expect(span["references"].elements[0]["spanID"].text == "eee19b7ec3c1b173")
        #expect(span["tags"].elements.contains { $0["key"].text == "my.span.attr" && $0["value"].text == "some value" })
        #expect(legacy["processes"][span["processID"].text]["serviceName"].text == "my.service")
        let third = try JSON(await server.get("/api/v3/traces/\(id)"))["result"]["resourceSpans"].elements[0]
        let scope = third["scopeSpans"].elements[0]
        #expect(scope["scope"]["name"].text == "my.library" && scope["scope"]["version"].text == "1.0.0")
        #expect(scope["scope"]["attributes"].elements[0]["value"]["stringValue"].text == "some scope attribute")
        #expect(scope["spans"].elements[0]["startTimeUnixNano"].text == "1544712660000000000")
        let shown = try await Tools.run(Tools.martlet, "traces", "show", id, "--url", server.url)
        #expect(shown.status == 0 && shown.output.contains("my.service: I'm a server span"))
    }

    @Test(.enabled(if: hasGRPC, "scripts/setup --test installs grpcio"))
    func `gRPC refuses with a status and a sentence, and counts`() async throws {
        let server = try await ServerUnderTest(grpc: true)
        let script = try server.folder.write(
            "calls.py",
            """
            import grpc, sys
            channel = grpc.insecure_channel(sys.argv[1])
            def call(path, data, compression=None):
                try:
                    method = channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)
                    print("OK", method(data, timeout=20, compression=compression).hex())
                except grpc.RpcError as error: print(error.code().name, error.details())
            prefix = "/opentelemetry.proto.collector."
            traces = prefix + "trace.v1.TraceService/Export"
            call(traces, b"")
            call(prefix + "metrics.v1.MetricsService/Export", b"")
            call("/a.B/C", b"")
            call(traces, bytes.fromhex("0affffffff0f"))
            call(traces, bytes.fromhex("0a0b12091207120508011a0101"))
            call(traces, b"x" * (65 << 20), grpc.Compression.Gzip)
            call(traces, b"x", grpc.Compression.Deflate)
            """
        )
        let address = try #require(server.grpcURL).dropFirst("http://".count)
        let lines = try await Tools.run(Tools.python, script, String(address)).output.split(separator: "\n").map(
            String.init
        )
        try #require(lines.count == 7, "\(lines)")
        #expect(lines[0] == "OK " && lines[1] == "OK ")
        #expect(lines[2].hasPrefix("UNIMPLEMENTED there is no method /a.B/C; known: /opentelemetry.proto.collector."))
        #expect(lines[3].hasPrefix("INVALID_ARGUMENT "), "\(lines[3])")
        // An id of one byte: the request is taken, and the span refused.
        #expect(lines[4].hasPrefix("OK "), "\(lines[4])")
        #expect(lines[5].hasPrefix("RESOURCE_EXHAUSTED cannot decompress"), "\(lines[5])")
        #expect(lines[6] == #"UNIMPLEMENTED send grpc-encoding identity or gzip; got "deflate""#)
        let metrics = try await server.get("/metrics")
        #expect(metrics.contains(#"http_server_connections_accepted_total{listener="otlp-grpc"} 1"#))
        #expect(metrics.contains(#"http_server_bad_requests_total{listener="otlp-grpc",reason="unsupported"} 2"#))
        #expect(metrics.contains(#"martlet_ingest_requests_total{protocol="otlp_grpc",result="success"} 2"#))
    }

    @Test func `a client at the wrong port is told which one it wants`() async throws {
        let server = try await ServerUnderTest(otlp: true, grpc: true)
        let grpc = try #require(server.grpcURL)
        let plain = try await Tools.run("curl", "-s", "-w", "%{http_code}", "-d", "{}", grpc + "/v1/traces")
        let sentence = "this port speaks OTLP/gRPC; send OTLP/HTTP to the port of --otlp-http-listen, 4318 by default\n"
        #expect(plain.output == sentence + "400")
        let second = try await Tools.run(
            "curl",
            "-s",
            "--http2-prior-knowledge",
            "-w",
            "%{http_code}",
            "-d",
            "{}",
            grpc + "/v1/traces"
        )
        #expect(second.output == sentence + "415")
        // The program writes all at once, the shell line by line, so that the server sees the first line alone.
        for (url, writer) in try [server.url, #require(server.otlpURL)].flatMap({
            [($0, "env printf"), ($0, "printf")]
        }) {
            let port = try #require(url.split(separator: ":").last)
            let script = """
                exec 3<>/dev/tcp/127.0.0.1/\(port)
                \(writer) 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n\\0\\0\\0\\4\\0\\0\\0\\0\\0' >&3
                timeout 10 cat <&3
                """
            // The server closes while the client still sends, which may take the answer with it.
            let answer = try await eventually("an answer that arrives") {
                let text = try await Tools.run("bash", "-c", script).output
                return text.isEmpty ? nil : text
            }
            #expect(answer.hasPrefix("HTTP/1.1 505 "), "\(writer): \(answer)")
            #expect(
                answer.contains("this port speaks HTTP/1.1; send gRPC to the port of --otlp-grpc-listen, 4317"),
                "\(writer): \(answer)"
            )
        }
        #expect(server.process.text.contains("a client speaks HTTP/2"))
    }

    @Test(.enabled(if: hasJaeger, "scripts/setup --test installs jaeger-client"))
    func `Jaeger's clients post batches and send datagrams`() async throws {
        let server = try await ServerUnderTest(
            configuration: "traces: {inputs: {jaeger_agent_listen: \"127.0.0.1:0\"}}"
        )
        let script = try server.folder.write("jaeger.py", Self.jaegerScript)
        let port = try #require(
            server.process.text.firstMatch(of: #/udp:\/\/127\.0\.0\.1:(\d+)/#).flatMap { Int($0.1) }
        )
        let sent = try await Tools.run(Tools.python, script, server.url, String(port))
        #expect(sent.output == "202\n202\n400\n415\n", "\(sent.error)")
        let names = ["compact-datagram", "binary-datagram", "binary-post", "compact-post"]
        let services = try await eventually("all four services") {
            let found = try JSON(await server.get("/api/services"))["data"].elements.map(\.text)
            return found.count == 4 ? found : nil
        }
        #expect(services == names.sorted())
        for (place, name) in names.enumerated() {
            let trace = try JSON(await server.get("/api/traces/000000000000000\(place + 1)0000000000000002"))["data"]
                .elements[0]
            let spans = trace["spans"].elements
            let root = try #require(spans.first { $0["operationName"].text == "op" })
            let child = try #require(spans.first { $0["operationName"].text == "child" })
            #expect(root["startTime"].number == 1_767_225_600_000_000 && root["duration"].number == 250)
            #expect(child["references"].elements[0]["spanID"].text == "0000000000000003")
            #expect(root["references"].elements.map { $0["refType"].text } == ["FOLLOWS_FROM"])
            let tags = Dictionary(
                root["tags"].elements.map { ($0["key"].text, $0["value"].text) },
                uniquingKeysWith: { $1 }
            )
            #expect(tags["span.kind"] == "server" && tags["s"] == "x", "\(name): \(tags)")
            #expect(root["logs"].elements.count == 1)
            #expect(trace["processes"][root["processID"].text]["tags"].elements[0]["key"].text == "host")
        }
        let metrics = try await server.get("/metrics")
        #expect(metrics.contains(#"martlet_ingest_requests_total{protocol="jaeger_agent",result="refused"} 1"#))
    }

    private static let jaegerScript = """
        import socket, sys, urllib.request
        from thrift.transport import TTransport
        from thrift.protocol.TCompactProtocol import TCompactProtocol
        from thrift.protocol.TBinaryProtocol import TBinaryProtocol
        from jaeger_client.thrift_gen.agent import Agent
        from jaeger_client.thrift_gen.jaeger import ttypes as j
        time = 1767225600000000
        def tag(key, **value):
            kind = {"vStr": 0, "vDouble": 1, "vBool": 2, "vLong": 3}[list(value)[0]]
            return j.Tag(key=key, vType=kind, **value)
        def batch(high, service):
            root = j.Span(traceIdLow=2, traceIdHigh=high, spanId=3, parentSpanId=0, operationName="op", flags=1,
              startTime=time, duration=250, references=[j.SpanRef(refType=1, traceIdLow=6, traceIdHigh=5, spanId=7)],
              tags=[tag("span.kind", vStr="server"), tag("s", vStr="x"), tag("n", vLong=-7), tag("d", vDouble=0.5),
                tag("yes", vBool=True), tag("no", vBool=False)],
              logs=[j.Log(timestamp=time + 5, fields=[tag("event", vStr="retry"), tag("first", vBool=True)])])
            child = j.Span(traceIdLow=2, traceIdHigh=high, spanId=-4, parentSpanId=0, operationName="child", flags=1,
              startTime=time + 1, duration=5, references=[j.SpanRef(refType=0, traceIdLow=2, traceIdHigh=high, spanId=3)])
            return j.Batch(process=j.Process(serviceName=service, tags=[tag("host", vStr="h")]), spans=[root, child])
        def message(protocol, batch):
            transport = TTransport.TMemoryBuffer()
            writer = protocol(transport)
            writer.writeMessageBegin("emitBatch", 4, 0)
            Agent.emitBatch_args(batch=batch).write(writer)
            writer.writeMessageEnd()
            return transport.getvalue()
        def plain(protocol, batch):
            transport = TTransport.TMemoryBuffer()
            batch.write(protocol(transport))
            return transport.getvalue()
        def post(body, kind="application/x-thrift"):
            request = urllib.request.Request(sys.argv[1] + "/api/traces?format=jaeger.thrift", data=body,
              headers={"Content-Type": kind})
            try: print(urllib.request.urlopen(request).status)
            except urllib.error.HTTPError as error: print(error.code)
        agent = ("127.0.0.1", int(sys.argv[2]))
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.sendto(b"nonsense", agent)
        sender.sendto(message(TCompactProtocol, batch(1, "compact-datagram")), agent)
        sender.sendto(message(TBinaryProtocol, batch(2, "binary-datagram")), agent)
        post(plain(TBinaryProtocol, batch(3, "binary-post")))
        post(plain(TCompactProtocol, batch(4, "compact-post")))
        post(plain(TBinaryProtocol, batch(4, "cut"))[:-20])
        post(b"", "text/plain")
        """

    @Test func `a bomb and a wrong type are refused, and the server goes on`() async throws {
        let server = try await ServerUnderTest()
        func send(_ path: String, _ type: String, _ encoding: String?, _ body: [UInt8]) async throws -> (Int, String) {
            let headers = [("Content-Type", type)] + (encoding.map { [("Content-Encoding", $0)] } ?? [])
            let answer = try await server.send("POST", path, headers: headers, body: body)
            return (answer.status, String(decoding: answer.body, as: UTF8.self))
        }
        let bomb = Gzip.compress([UInt8](repeating: 0, count: 200 << 20), level: 9)
        for (path, type) in [
            ("/v1/traces", "application/x-protobuf"), ("/v1/traces", "application/json"),
            ("/api/v2/spans", "application/json"), ("/api/traces", "application/x-thrift"),
        ] {
            let answer = try await send(path, type, "gzip", bomb)
            #expect(answer.0 == 413, "\(path) \(type): \(answer)")
        }
        for (path, type) in [("/v1/traces", "text/html"), ("/api/v2/spans", "text/html"), ("/api/traces", "text/html")]
        {
            #expect(try await send(path, type, nil, [1]).0 == 415)
        }
        #expect(try await send("/v1/traces", "application/x-protobuf", "br", []).0 == 415)
        let depth = 10_000
        let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(try await send("/v1/traces", "application/json", nil, Array(nested.utf8)).0 == 400)
        #expect(try await server.get("/-/healthy").isEmpty == false)
    }
}
