import Foundation
import MartletCompression
import MartletCore
import MartletOTLP
import Testing

/// Bad input to the doors for traces of the real server: a clear refusal or a bounded, counted cut, and all goes on.
@Suite("Bad traces", .fewAtOnce)
struct BadTraceTests {
    private static let now = UInt64(SystemWallClock().millisecondsSinceEpoch) * 1_000_000

    private static func span(
        _ trace: UInt64,
        _ id: UInt64,
        parent: UInt64 = 0,
        name: String = "op",
        nanoseconds: Int64 = 1000,
        _ attributes: [Attribute] = []
    ) -> FinishedSpan {
        FinishedSpan(
            traceID: TraceID(high: 7, low: trace),
            spanID: SpanID(id),
            parentID: SpanID(parent),
            flags: 0x101,
            name: name,
            kind: .internal,
            start: now,
            end: UInt64(Int64(now) + nanoseconds),
            attributes: attributes
        )
    }

    private static func request(_ spans: [FinishedSpan]) -> [UInt8] {
        let resource = Resource(attributes: [Attribute("service.name", "bad")])
        let scope = ScopeSpans(scope: InstrumentationScope(name: "tests", version: ""), spans: spans)
        return TracesRequest(resourceSpans: [ResourceSpans(resource: resource, scopeSpans: [scope])]).encoded()
    }

    private static func id(_ trace: UInt64) -> String { TraceID(high: 7, low: trace).description }

    private func send(
        _ server: ServerUnderTest,
        _ body: [UInt8],
        type: String = "application/x-protobuf",
        encoding: String? = nil
    ) async throws -> (status: Int, text: String) {
        let headers = [("Content-Type", type)] + (encoding.map { [("Content-Encoding", $0)] } ?? [])
        let response = try await server.send("POST", "/v1/traces", headers: headers, body: body)
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    private static func peakBytes(_ server: ServerUnderTest) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(server.process.identifier)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    @Test func `bombs, claims of a gigabyte and wrong types are refused with a sentence and no memory`() async throws {
        let server = try await ServerUnderTest()
        let before = Self.peakBytes(server)
        let bomb = Gzip.compress([UInt8](repeating: 0, count: 256 << 20))
        let burst = try await send(server, bomb, encoding: "gzip")
        #expect(burst.status == 413 && burst.text.contains("exceeds the limit of 67108864 bytes"), "\(burst)")
        #expect(Self.peakBytes(server) - before < 160 << 20)

        // A field that claims a gigabyte, and a body that does.
        let field = try await send(server, [0x0a, 0x80, 0x80, 0x80, 0x80, 0x04, 0x61])
        #expect(field.status == 400 && field.text.contains("claims 1073741824 bytes where 1 are left"), "\(field)")
        let port = try #require(server.url.split(separator: ":").last)
        let script = """
            exec 3<>/dev/tcp/127.0.0.1/\(port)
            printf 'POST /v1/traces HTTP/1.1\\r\\nHost: a\\r\\nContent-Type: application/x-protobuf\\r\\n' >&3
            printf 'Content-Length: 1073741824\\r\\n\\r\\n' >&3
            timeout 10 cat <&3
            """
        let claim = try await Tools.run("bash", "-c", script).output
        #expect(
            claim.hasPrefix("HTTP/1.1 413 ") && claim.contains("body exceeds the limit of 67108864 bytes"),
            "\(claim)"
        )

        let good = Self.request([Self.span(1, 1)])
        for type in ["text/plain", "application/x-www-form-urlencoded", "application/x-thrift"] {
            let answer = try await send(server, good, type: type)
            #expect(answer.status == 415, "\(type): \(answer)")
            #expect(answer.text.contains("application/x-protobuf or application/json; got \"\(type)\""), "\(answer)")
        }
        let json = try await send(server, good, type: "application/json")
        #expect(json.status == 400 && json.text.contains("cannot read the OTLP JSON at byte"), "\(json)")
        let encoded = try await send(server, good, encoding: "zstd")
        #expect(encoded.status == 415 && encoded.text.contains("gzip or none; got \"zstd\""), "\(encoded)")
        let damaged = try await send(server, good, encoding: "gzip")
        #expect(damaged.status == 400 && damaged.text.contains("gzip data is damaged"), "\(damaged)")

        #expect(try await send(server, good) == (200, ""))
        #expect(try await server.get("/metrics").contains(#"martlet_trace_spans_total{result="taken"} 1"#))
    }

    @Test func `circles of parents, ids that come twice and spans that end before they start are drawn`() async throws {
        let server = try await ServerUnderTest()
        let circle = [Self.span(1, 1, parent: 3), Self.span(1, 2, parent: 1), Self.span(1, 3, parent: 2)]
        let odd = [Self.span(1, 4, parent: 4), Self.span(1, 5, parent: 1, name: "backward", nanoseconds: -5000)]
        let twice = [Self.span(2, 1), Self.span(2, 1, name: "the other", nanoseconds: 9000)]
        #expect(try await send(server, Self.request(circle + odd + twice)) == (200, ""))
        for (trace, count) in [(UInt64(1), 5), (2, 2)] {
            let id = Self.id(trace)
            let shown = try await Tools.run(Tools.martlet, ["traces", "show", id, "--url", server.url])
            #expect(shown.status == 0, "\(shown)")
            #expect(
                shown.output.split(separator: "\n").filter { $0.contains("bad: ") }.count == count,
                "\(shown.output)"
            )
            let legacy = try JSON(await server.get("/api/traces/\(id)"))["data"].elements[0]["spans"].elements
            #expect(legacy.count == count)
            let path = try JSON(await server.get("/api/v1/traces/\(id)/critical-path"))["ways"].elements
            #expect(!path.isEmpty && path.allSatisfy { $0["sections"].elements.count <= count })
        }
        let found = try await Tools.run(Tools.martlet, ["traces", "service:bad", "--url", server.url])
        #expect(found.output.split(separator: "\n").count == 3, "\(found.output)")
    }

    @Test func `an attribute of a megabyte and values 10,000 deep are cut, counted and no hindrance`() async throws {
        let server = try await ServerUnderTest()
        let large = Attribute("large", String(repeating: "x", count: 1 << 20))
        #expect(try await send(server, Self.request([Self.span(1, 1, [large])])) == (200, ""))
        // Lists in lists, written from the inside: a length of its own each.
        var value: [UInt8] = [0x0a, 0x01, 0x78]
        for _ in 0..<10_000 { value = Self.field(5, Self.field(1, value)) }
        let attribute = Self.field(9, Self.field(1, Array("deep".utf8)) + Self.field(2, value))
        let ids = Self.field(1, [UInt8](repeating: 1, count: 16)) + Self.field(2, [UInt8](repeating: 2, count: 8))
        let nested = Self.field(1, Self.field(2, Self.field(2, ids + attribute)))
        #expect(try await send(server, nested).status == 200)
        let json = Array(("{\"resourceSpans\":" + String(repeating: "[", count: 10_000)).utf8)
        #expect(try await send(server, json, type: "application/json").status == 400)
        #expect(try await server.get("/metrics").contains("martlet_trace_values_cut_total 2"))
        let back = try await server.get("/api/traces/\(Self.id(1))")
        #expect(back.utf8.count > 64 << 10 && back.utf8.count < 80 << 10)
        #expect(try await server.get("/api/traces/" + String(repeating: "01", count: 16)).contains("spans"))
    }

    @Test func `of a million spans in one trace the limit is kept and the rest counted, and it is drawn`() async throws
    {
        let server = try await ServerUnderTest()
        let body = Self.request((1...10_000).map { Self.span(1, $0, parent: $0 / 2) })
        for number in 1...100 {
            let answer = try await send(server, body)
            #expect(answer.status == 200)
            #expect(answer.text.isEmpty == (number <= 20), "\(number): \(answer)")
            if number > 20 { #expect(answer.text.contains("a trace has 200000 spans already")) }
        }
        let metrics = try await server.get("/metrics")
        #expect(metrics.contains(#"martlet_trace_spans_total{result="taken"} 200000"#))
        #expect(metrics.contains(#"martlet_trace_spans_total{result="refused"} 800000"#))
        let shown = try await Tools.run(Tools.martlet, ["traces", "show", Self.id(1), "--url", server.url])
        #expect(shown.status == 0 && shown.output.contains("spans more"), "\(shown.output.prefix(400))")
        #expect(shown.output.utf8.count < 1 << 20)
    }

    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length = content.count
        var bytes = [number << 3 | 2]
        while length >= 0x80 {
            bytes.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        return bytes + [UInt8(length)] + content
    }
}
