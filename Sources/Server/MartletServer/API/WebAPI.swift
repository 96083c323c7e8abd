import MartletHTTPServer
import MartletWeb

/// Serves the web page's files from the binary.
enum WebAPI {
    static func addRoutes(to router: inout Router) {
        // Links to Prometheus' graph page lead to the page too, which reads their parameters.
        for path in WebAssets.all.map(\.path) + ["/graph", "/index.html"] {
            router.add("GET", path: path) { request, _ in
                WebAssets.answer(to: request) ?? .text("nothing is served at this path\n", status: 404)
            }
        }
    }
}
