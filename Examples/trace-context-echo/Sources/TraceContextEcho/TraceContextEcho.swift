import Martlet
import MartletHTTPClient
import MartletHTTPServer

/// The program that the test harness of W3C Trace Context drives.
///
/// It gets `[{"url": …, "arguments": […]}, …]` and posts each `arguments` to its `url`, in spans of its own, with the
/// headers that the instrumentation writes.
@main
struct TraceContextEcho {
    static func main() async throws {
        let tracer = TracerProvider(sampler: .parentBased(.always)).tracer("trace-context-echo")
        let client = try HTTPClient()
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5000
        let server = try HTTPServer(.init(port: port)) { request in
            let carried = CarriedContext.extract(from: request.headers.fields.map { ($0.name, $0.value) })
            return carried.run { answer(request, tracer, client) }
        }
        print("post to http://127.0.0.1:\(server.port)/test")
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    static func answer(_ request: HTTPRequest, _ tracer: Tracer, _ client: HTTPClient) -> HTTPResponse {
        guard request.method == "POST", let list = (try? JSONParser.parse(request.body))?.elements else {
            return .text("post a list of {\"url\", \"arguments\"}\n", status: 400)
        }
        let calls = list.compactMap { call in
            call["url"]?.text.map { (url: $0, arguments: call["arguments"] ?? .array([])) }
        }
        let failures = blocking {
            await tracer.withSpan("POST /test", kind: .server) { _ in
                var failures: [String] = []
                for call in calls { failures += await forward(call.url, call.arguments, tracer, client) }
                return failures
            }
        }
        guard let failures, failures.isEmpty else {
            return .text((failures ?? []).joined(separator: "\n") + "\n", status: 502)
        }
        return .text("ok\n")
    }

    static func forward(_ url: String, _ body: JSONValue, _ tracer: Tracer, _ client: HTTPClient) async -> [String] {
        await tracer.withSpan("POST", kind: .client) { span in
            span.setAttribute("url.full", url)
            var headers: [String: String] = ["Content-Type": "application/json"]
            CarriedContext.current.inject(into: &headers)
            var request = OutgoingRequest("POST", url: url, body: json(body))
            request.headers = headers.map { (name: $0.key, value: $0.value) }
            do {
                _ = try await client.send(request)
                return []
            } catch {
                span.recordError(error)
                return ["\(error)"]
            }
        }
    }

    static func json(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        write(value, &writer)
        return writer.bytes
    }

    static func write(_ value: JSONValue, _ writer: inout JSONWriter) {
        if let members = value.members {
            writer.object { writer in
                for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                    writer.key(name)
                    write(value, &writer)
                }
            }
        } else if let elements = value.elements {
            writer.array(elements) { write($1, &$0) }
        } else if let text = value.text {
            writer.string(text)
        } else if let number = value.double {
            writer.number(number)
        } else {
            writer.null()
        }
    }
}
