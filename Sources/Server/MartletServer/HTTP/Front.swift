import MartletCore
import MartletHTTPServer
import MartletLogging
import MartletWeb

/// What all requests of a listener go through: routing, protection of browsers, compression, measuring.
struct Front: Sendable {
    let router: Router
    let metrics: ServerMetrics
    let logger: Logger

    /// Answers one request.
    func answer(_ request: HTTPRequest) -> HTTPResponse {
        let start = ContinuousClock.now
        let (route, answered) = dispatch(request)
        var response = ResponseCompression.apply(to: answered, for: request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if response.headers["Content-Security-Policy"] == nil {
            response.headers["Content-Security-Policy"] = WebAssets.contentSecurityPolicy
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.request(method: request.method, route: route, status: response.status, seconds: seconds)
        logger.debug(
            "request",
            [
                "method": .string(request.method), "path": .string(request.path), "status": LogValue(response.status),
                "seconds": .double(seconds), "client": .string(request.remoteAddress),
            ]
        )
        return response
    }

    private func dispatch(_ request: HTTPRequest) -> (route: String, HTTPResponse) {
        switch router.match(request) {
        case .handler(let handler, let values, let pattern):
            if let refusal = refusalOfForeignOrigin(request) { return (pattern, refusal) }
            return (pattern, handler(request, values))
        case .wrongMethod(let allowed, let pattern):
            let list = allowed.joined(separator: ", ")
            var response = HTTPResponse.text("\(request.method) is not allowed here; use \(list)\n", status: 405)
            response.headers["Allow"] = list
            return (pattern, response)
        case .notFound:
            return ("none", .text("nothing is served at this path\n", status: 404))
        }
    }

    /// A browser says where a request comes from: a page of another site must not change anything here.
    private func refusalOfForeignOrigin(_ request: HTTPRequest) -> HTTPResponse? {
        guard request.method != "GET", request.method != "HEAD", let origin = request.headers["Origin"],
            let host = request.headers["Host"]
        else { return nil }
        if origin == "http://\(host)" || origin == "https://\(host)" { return nil }
        return .text("requests from pages of another origin (\(origin)) are refused\n", status: 403)
    }
}
