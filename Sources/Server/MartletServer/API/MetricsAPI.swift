import MartletExposition
import MartletHTTPServer
import MartletMetrics

/// Serves the server's own metrics.
struct MetricsAPI: Sendable {
    let registry: MetricRegistry
    var servesText = true
    var servesJSON = true

    func addRoutes(to router: inout Router) {
        if servesText { router.add("GET", path: "/metrics") { request, _ in text(request) } }
        guard servesJSON else { return }
        router.add("GET", path: "/metrics/json") { request, _ in
            let name = Parameters(request)["shape"] ?? JSONShape.list.rawValue
            guard let shape = JSONShape(rawValue: name) else {
                return APIError.badParameter("shape", "use list or collectors").response
            }
            return .json(ExpositionRenderer(.json, shape: shape).render(registry.gather()))
        }
    }

    private func text(_ request: HTTPRequest) -> HTTPResponse {
        let negotiated = ExpositionFormat.negotiated(accept: request.headers["Accept"])
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": negotiated.contentType],
            body: .bytes(ExpositionRenderer(negotiated).render(registry))
        )
    }
}
