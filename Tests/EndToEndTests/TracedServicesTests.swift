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
}
