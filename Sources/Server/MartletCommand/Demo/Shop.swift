import MartletExposition
import MartletHTTPServer
import MartletMetrics
import Synchronization

/// The demonstration's service: a small shop whose checkout has bad spells, instrumented as any service would be.
final class Shop: Sendable {
    private let registry = MetricRegistry()
    private let requests: Counter.Family
    private let durations: Histogram.Family
    private let inFlight: Gauge
    private let revenue: Counter
    private let queue: Gauge
    private let generator: Mutex<SeededGenerator>
    private let start = ContinuousClock.now
    private let tellNotification: @Sendable (String) -> Void
    private let server = Mutex<HTTPServer?>(nil)

    /// Opens the shop on a port of the system's choice.
    ///
    /// - Parameters:
    ///   - seed: What chance is derived from; the same seed gives the same service.
    ///   - tellNotification: Gets the body of each notification that comes to `/hook`.
    /// - Throws: `HTTPServerError` when no port can be had.
    init(seed: UInt64, tellNotification: @escaping @Sendable (String) -> Void) throws {
        requests = Counter.Family("shop_requests_total", help: "Requests.", labels: "route", "code", registry: registry)
        durations = Histogram.Family(
            "shop_request_duration_seconds",
            help: "Time to answer.",
            unit: "seconds",
            labels: "route",
            buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25],
            registry: registry
        )
        inFlight = Gauge("shop_requests_in_flight", help: "Requests in progress.", registry: registry)
        revenue = Counter("shop_revenue_euros_total", help: "Money taken.", registry: registry)
        queue = Gauge("shop_orders_queued", help: "Orders that wait to be packed.", registry: registry)
        registry.declare(inFlight, revenue, queue)
        generator = Mutex(SeededGenerator(seed: seed))
        self.tellNotification = tellNotification
        var configuration = HTTPServer.Configuration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        let server = try HTTPServer(configuration) { [unowned self] in self.answer($0) }
        self.server.withLock { $0 = server }
    }

    var port: Int { server.withLock { $0?.port ?? 0 } }

    func close() {
        server.withLock { $0?.stop(drain: .zero) }
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        switch request.path {
        case "/metrics":
            let negotiated = ExpositionFormat.negotiated(accept: request.headers["Accept"])
            let page = ExpositionRenderer(negotiated).render(registry)
            return HTTPResponse(status: 200, headers: ["Content-Type": negotiated.contentType], body: .bytes(page))
        case "/hook":
            tellNotification(String(decoding: request.body, as: UTF8.self))
            return HTTPResponse(status: 200)
        case "/items", "/checkout":
            return inFlight.track { serve(request.path) }
        default:
            return .text("no such page\n", status: 404)
        }
    }

    /// Works for a while, and sometimes fails: of each minute the checkout has a bad spell of 25 seconds.
    private func serve(_ route: String) -> HTTPResponse {
        let second = (ContinuousClock.now - start).components.seconds
        let isBad = route == "/checkout" && second % 60 >= 10 && second % 60 < 35
        let (chance, work) = generator.withLock { generator in
            (Double.random(in: 0..<1, using: &generator), Double.random(in: 0.0005..<0.004, using: &generator))
        }
        let seconds = isBad ? work * 20 : work
        Worker.rest(seconds: seconds)
        durations[route].observe(seconds)
        let failed = chance < (isBad ? 0.3 : 0.005)
        requests[route, failed ? "500" : "200"].increment()
        if route == "/checkout", !failed { revenue.increment(by: (chance * 5000).rounded() / 100) }
        queue.set(to: isBad ? Double(second % 60) * 3 : 2 + chance * 5)
        return failed ? .text("the payment provider is away\n", status: 500) : .text("thank you\n")
    }
}
