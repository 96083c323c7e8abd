import Foundation
import MartletHTTPClient
import Testing

/// `Examples/traced-services`: one trace through two processes and an actor.
@Suite("Traced services", .fewAtOnce)
struct TracedServicesTests {
    private static let isBuilt = FileManager.default.isExecutableFile(atPath: Tools.built("TracedServices"))

    @Test(.enabled(if: isBuilt, "swift build --build-tests builds the example"))
    func `one request is one trace through two processes and an actor`() async throws {
        let server = try await ServerUnderTest(otlp: true)
        let endpoint = try #require(server.otlpURL)
        let (stockPort, ordersPort) = (try Tools.freePort(), try Tools.freePort())
        func start(_ words: String...) throws -> ChildProcess {
            try ChildProcess(
                Tools.built("TracedServices"),
                words,
                environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_TRACES_EXPORTER": "otlp"],
                directory: server.folder.url
            )
        }
        let stock = try start("stock", String(stockPort))
        let orders = try start("orders", String(ordersPort), "http://127.0.0.1:\(stockPort)")
        let client = try HTTPClient()
        func order(_ item: String) async -> (Int, String)? {
            let request = OutgoingRequest(url: "http://127.0.0.1:\(ordersPort)/order?item=\(item)")
            return (try? await client.send(request)).map { ($0.status, String(decoding: $0.body, as: UTF8.self)) }
        }
        let answer = try await eventually("an order; the services printed \(stock.text)\(orders.text)") {
            let answer = await order("apple")
            return answer?.0 == 200 ? answer : nil
        }
        #expect(answer.1 == "7\n")
        #expect(try #require(await order("plum")) == (404, "there is no item \"plum\"; try apple or pear\n"))

        // All four spans of the failed request, which no earlier attempt made.
        let found = try await eventually("a trace of four spans that failed") {
            let query = [("query", "service:stock item:plum")]
            let summary = try JSON(await server.get("/api/v1/traces", query))["summaries"].elements.first
            return summary?["spanCount"].number == 4 ? summary : nil
        }
        #expect(found["rootServiceName"].text == "orders" && found["rootOperationName"].text == "GET /order")
        let groups = try JSON(await server.get("/api/v3/traces/\(found["traceId"].text)"))["result"]["resourceSpans"]
        var spans: [String: (service: String, parent: String, id: String)] = [:]
        for group in groups.elements {
            let attributes = group["resource"]["attributes"].elements
            let service = attributes.first { $0["key"].text == "service.name" }?["value"]["stringValue"].text ?? ""
            for span in group["scopeSpans"].elements.flatMap({ $0["spans"].elements }) {
                spans["\(service): \(span["name"].text)"] = (service, span["parentSpanId"].text, span["spanId"].text)
            }
        }
        let (root, call) = (try #require(spans["orders: GET /order"]), try #require(spans["orders: GET /stock"]))
        let (side, count) = (try #require(spans["stock: GET /stock"]), try #require(spans["stock: count stock"]))
        #expect(root.parent.isEmpty && call.parent == root.id && side.parent == call.id && count.parent == side.id)
        let map = try JSON(await server.get("/api/dependencies"))["data"].elements
        #expect(map.map { "\($0["parent"].text) \($0["child"].text)" } == ["orders stock"])
        for process in [stock, orders] { process.end(SIGKILL) }
    }

    @Test(.enabled(if: isBuilt, "swift build --build-tests builds the example"))
    func `the headers that the variable names carry the trace, and no other does`() async throws {
        let server = try await ServerUnderTest(otlp: true)
        let endpoint = try #require(server.otlpURL)
        let (stockPort, ordersPort) = (try Tools.freePort(), try Tools.freePort())
        func start(_ words: String...) throws -> ChildProcess {
            try ChildProcess(
                Tools.built("TracedServices"),
                words,
                environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_PROPAGATORS": "b3,pigeon"],
                directory: server.folder.url
            )
        }
        let stock = try start("stock", String(stockPort))
        let orders = try start("orders", String(ordersPort), "http://127.0.0.1:\(stockPort)")
        defer { for process in [stock, orders] { process.end(SIGKILL) } }
        let client = try HTTPClient()
        let id = "99998888777766665555444433332222"
        var request = OutgoingRequest(url: "http://127.0.0.1:\(ordersPort)/order?item=apple")
        request.headers = [
            (name: "b3", value: "\(id)-1234567812345678-1"),
            (name: "traceparent", value: "00-11112222333344445555666677778888-1234567812345678-01"),
        ]
        let asked = request
        _ = try await eventually("an order; the services printed \(stock.text)\(orders.text)") {
            let answer = try? await client.send(asked)
            return answer?.status == 200 ? true : nil
        }
        _ = try await eventually("a trace of four spans under the id of the header b3") {
            let found = try JSON(await server.get("/api/v1/traces", [("query", "trace:\(id)")]))["summaries"].elements
            return (found.first?["spanCount"].number ?? 0) >= 4 ? true : nil
        }
        #expect(try await server.send("GET", "/api/traces/11112222333344445555666677778888").status == 404)
    }

    @Test(.enabled(if: isBuilt && TwoHosts.areAllowed, "two hosts need ip and the right to make network namespaces"))
    func `one request is one trace through two hosts, and a clock that is wrong is told and adjusted`() async throws {
        let hosts = try TwoHosts()
        let folder = try Folder()
        let url = "http://\(hosts.first):9090"
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://\(hosts.first):4318", "OTEL_TRACES_EXPORTER": "otlp",
        ]
        func start(on host: Int, _ words: String...) throws -> ChildProcess {
            try hosts.start(on: host, words, environment: environment, in: folder)
        }
        let data = folder.url.appending(path: "data").path
        let server = try start(
            on: 0,
            Tools.martlet,
            "serve",
            "--data-dir",
            data,
            "--insecure-listen",
            "--listen",
            "\(hosts.first):9090",
            "--otlp-http-listen",
            "\(hosts.first):4318",
            "--otlp-grpc-listen",
            "none",
            "--health-listen",
            "none"
        )
        let stock = try start(on: 1, Tools.built("TracedServices"), "stock", "8002", hosts.second)
        let services = Tools.built("TracedServices")
        let orders = try start(on: 0, services, "orders", "8001", "http://\(hosts.second):8002")
        defer { for process in [orders, stock, server] { process.end(SIGKILL) } }
        func printed() -> String { server.text + stock.text + orders.text }

        _ = try await eventually("an order over both hosts; they printed \(printed())") {
            let order = "http://127.0.0.1:8001/order?item=pear"
            return try await hosts.run(on: 0, ["curl", "-s", order]).output == "0\n" ? true : nil
        }
        let found = try await eventually("a trace of both services; they printed \(printed())") {
            let query = "service:stock item:pear count:0"
            let answer = try await hosts.run(on: 1, [Tools.martlet, "traces", query, "-o", "json", "--url", url])
            let trace = answer.status == 0 ? try JSON(answer.output).elements.first : nil
            return trace?["spans"].text == "4" || trace?["spans"].number == 4 ? trace : nil
        }
        #expect(found["service"].text == "orders" && found["operation"].text == "GET /order")

        // The second host sends a span of the same trace by a clock that is an hour ahead.
        let id = found["trace"].text
        let whole = try JSON(await hosts.run(on: 0, ["curl", "-s", "\(url)/api/v3/traces/\(id)"]).output)["result"]
        let spans = whole["resourceSpans"].elements.flatMap { $0["scopeSpans"].elements }
            .flatMap { $0["spans"].elements }
        let call = try #require(spans.first { $0["name"].text == "GET /stock" && !$0["parentSpanId"].text.isEmpty })
        let ahead = try #require(UInt64(call["startTimeUnixNano"].text)) + 3_600_000_000_000
        let late = """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"clock"}}]},
            "scopeSpans":[{"spans":[{"traceId":"\(id)","spanId":"00000000000000aa","name":"tick","kind":2,
            "parentSpanId":"\(call["spanId"].text)","startTimeUnixNano":"\(ahead)","endTimeUnixNano":"\(ahead + 1000)"}]}]}]}
            """
        let type = "Content-Type: application/json"
        let door = "http://\(hosts.first):4318/v1/traces"
        let answer = try await hosts.run(on: 1, ["curl", "-s", "-H", type, "-d", late, door])
        #expect(answer.output == "{}", "\(answer)")
        let show = [Tools.martlet, "traces", "show", id, "--url", url, "--width", "120"]
        let shown = try await hosts.run(on: 1, show).output
        let line = try #require(shown.split(separator: "\n").first { $0.contains("clock: tick") }, "\(shown)")
        #expect(line.contains("clock -3600s") || line.contains("clock -3599"), "\(line)")
    }
}
