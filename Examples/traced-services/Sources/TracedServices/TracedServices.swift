import Martlet
import MartletExport
import MartletHTTPClient
import MartletHTTPServer

/// Two services in two processes, and one trace through both.
@main
struct TracedServices {
    static func main() async throws {
        let words = CommandLine.arguments.dropFirst()
        let port = words.dropFirst().first.flatMap { Int($0) }
        switch words.first {
        case "stock": try await serveStock(port: port ?? 8002, host: words.dropFirst(2).first ?? "127.0.0.1")
        case "orders":
            try await serveOrders(port: port ?? 8001, stock: words.dropFirst(2).first ?? "http://127.0.0.1:8002")
        default: print("usage: TracedServices stock [PORT [HOST]] | orders [PORT [STOCK-URL]]")
        }
    }

    /// Answers how many of an item are there.
    static func serveStock(port: Int, host: String) async throws {
        let configuration = Self.configuration("stock")
        let provider = try configuration.start()
        let tracer = provider.tracer("stock")
        let warehouse = Warehouse(tracer)
        try await serve(host, port, configuration.propagator, provider) { request in
            await tracer.withSpan("GET /stock", kind: .server) { span in
                let item = request.query.first { $0.name == "item" }?.value ?? ""
                do {
                    return .text("\(try await warehouse.count(of: item))\n")
                } catch {
                    span.setStatus(.error("\(error)"))
                    return .text("\(error)\n", status: 404)
                }
            }
        }
    }

    /// Takes orders; asks the other service first.
    static func serveOrders(port: Int, stock: String) async throws {
        let configuration = Self.configuration("orders")
        let propagator = configuration.propagator
        let provider = try configuration.start()
        let tracer = provider.tracer("orders")
        let client = try HTTPClient()
        try await serve("127.0.0.1", port, propagator, provider) { request in
            await tracer.withSpan("GET /order", kind: .server) { _ in
                let item = request.query.first { $0.name == "item" }?.value ?? "apple"
                return await tracer.withSpan("GET /stock", kind: .client) { span in
                    var headers: [String: String] = [:]
                    CarriedContext.current.inject(into: &headers, propagator)
                    var outgoing = OutgoingRequest(url: "\(stock)/stock?item=\(item)")
                    outgoing.headers = headers.map { (name: $0.key, value: $0.value) }
                    do {
                        let answer = try await client.send(outgoing)
                        span.setAttribute("http.response.status_code", answer.status)
                        return HTTPResponse(status: answer.status, body: .bytes(answer.body))
                    } catch {
                        span.recordError(error)
                        return .text("\(error)\n", status: 502)
                    }
                }
            }
        }
    }

    /// What the variables say; what of them makes no sense is told.
    static func configuration(_ name: String) -> TracingConfiguration {
        let configuration = TracingConfiguration.fromEnvironment(serviceName: name)
        for warning in configuration.warnings { print("warning: \(warning)") }
        return configuration
    }

    static func serve(
        _ host: String,
        _ port: Int,
        _ propagator: CompositePropagator,
        _ provider: TracerProvider,
        _ handle: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) async throws {
        let server = try HTTPServer(.init(host: host, port: port)) { request in
            let headers = request.headers.fields.map { ($0.name, $0.value) }
            let carried = CarriedContext.extract(from: headers, propagator)
            return blocking { await carried.run { await handle(request) } } ?? .text("", status: 500)
        }
        print("listening on http://\(host):\(server.port)")
        while true {
            try await Task.sleep(for: .seconds(1))
            await provider.flush(within: .seconds(1))
        }
    }
}
