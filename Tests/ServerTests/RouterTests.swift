import MartletCore
import MartletHTTPServer
import Testing

@testable import MartletServer

@Suite("Router")
struct RouterTests {
    private static let router: Router = {
        var router = Router()
        router.add("GET", "POST", path: "/api/v1/query") { _, _ in .text("query") }
        router.add("POST", path: "/-/reload") { _, _ in .text("reload") }
        router.add("GET", path: "/api/v1/label/{name}/values") { _, values in .text(values["name"] ?? "") }
        return router
    }()

    private func answer(_ method: String, _ path: String, rawPath: String? = nil) -> String {
        let request = HTTPRequest(method: method, path: path, rawPath: rawPath)
        switch Self.router.match(request) {
        case .handler(let handler, let values, _):
            guard case .bytes(let bytes) = handler(request, values).body else { return "?" }
            return String(decoding: bytes, as: UTF8.self)
        case .wrongMethod(let allowed, _): return "allowed: \(allowed.joined(separator: " "))"
        case .notFound: return "not found"
        }
    }

    @Test(arguments: [
        ("GET", "/api/v1/query", "query"), ("POST", "/api/v1/query", "query"), ("HEAD", "/api/v1/query", "query"),
        ("DELETE", "/api/v1/query", "allowed: GET POST HEAD"), ("GET", "/-/reload", "allowed: POST"),
        ("GET", "/api/v1/label/job/values", "job"), ("GET", "/api/v1/label/values", "not found"),
        ("GET", "/api/v1/query/", "not found"), ("GET", "/", "not found"),
    ])
    func `finds the handler by path and method`(method: String, path: String, expected: String) {
        #expect(answer(method, path) == expected)
    }

    @Test func `an escaped slash stays inside its segment`() {
        let raw = "/api/v1/label/a%2Fb/values"
        #expect(answer("GET", "/api/v1/label/a/b/values", rawPath: raw) == "a/b")
    }
}
