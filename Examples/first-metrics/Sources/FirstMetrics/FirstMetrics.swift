import Martlet
import MartletHTTPServer
import MartletPacks

let requests = Counter.Family("http_requests_total", help: "Requests answered.", labels: "path", "code")
let latency = Histogram("http_request_duration_seconds", help: "Time to answer.", unit: "seconds")
let running = Gauge("http_requests_running", help: "Requests being answered.")

@main
struct FirstMetrics {
    static func main() async throws {
        MetricRegistry.default.add(collector: ProcessCollector())
        let server = try HTTPServer(.init(port: 8000)) { request in
            let start = ContinuousClock.now
            let response = running.track { answer(request) }
            let path = response.status == 404 ? "unknown" : request.path
            requests[path, "\(response.status)"].increment()
            latency.observe(start.duration(to: .now))
            return response
        }
        print("metrics are at http://127.0.0.1:\(server.port)/metrics")
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    static func answer(_ request: HTTPRequest) -> HTTPResponse {
        switch request.path {
        case "/": return .text("Hello!\n")
        case "/metrics":
            let format = ExpositionFormat.negotiated(accept: request.headers["accept"])
            let body = ExpositionRenderer(format).render(MetricRegistry.default.gather())
            return HTTPResponse(status: 200, headers: ["Content-Type": format.contentType], body: .bytes(body))
        default: return .text("not found\n", status: 404)
        }
    }
}
