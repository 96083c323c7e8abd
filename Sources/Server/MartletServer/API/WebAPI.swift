import MartletHTTPServer
import MartletWeb

/// Serves the web page's files from the binary.
enum WebAPI {
    static func addRoutes(to router: inout Router) {
        for asset in WebAssets.all {
            router.add("GET", path: asset.path) { request, _ in
                WebAssets.answer(to: request) ?? .text("nothing is served at this path\n", status: 404)
            }
        }
    }
}
