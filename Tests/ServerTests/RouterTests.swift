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

@Suite("Answers")
struct AnswerTests {
    @Test func `JSON is written with commas where they belong and times in seconds`() {
        var writer = JSONWriter()
        writer.object {
            $0.member("a", "x\"y")
            $0.key("b")
            $0.array {
                $0.sample(1_435_781_451_781, 1.5)
                $0.sample(-500, .nan)
                $0.object { _ in }
            }
            $0.member("c", 3)
            $0.member("d", true)
            $0.member("e", Double.infinity)
        }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":"x\"y","b":[[1435781451.781,"1.5"],[-0.500,"NaN"],{}],"c":3,"d":true,"e":"+Inf"}"#
        )
    }

    @Test func `only long answers are compressed`() {
        let request = HTTPRequest(method: "GET", path: "/", headers: ["Accept-Encoding": "gzip"])
        let long = HTTPResponse.text(String(repeating: "a", count: 5000))
        #expect(ResponseCompression.apply(to: long, for: request).headers["Content-Encoding"] == "gzip")
        #expect(ResponseCompression.apply(to: .text("a"), for: request).headers["Content-Encoding"] == nil)
        #expect(
            ResponseCompression.apply(to: long, for: HTTPRequest(method: "GET", path: "/")).headers["Content-Encoding"]
                == nil
        )
    }

    @Test(
        arguments: [
            ("time=1435781451.781", 1_435_781_451_781), ("time=2015-07-01T20:10:51.781Z", 1_435_781_451_781),
            ("time=-1", -1000),
        ] as [(String, Int64)]
    )
    func `times are Unix seconds or RFC 3339`(query: String, milliseconds: Int64) throws {
        let parameters = Parameters(HTTPRequest(method: "GET", path: "/", query: FormEncoding.decode(query)))
        #expect(try parameters.time("time") == milliseconds)
    }

    @Test(arguments: ["time=soon", "time=NaN", "time=1e300"])
    func `what is no time is refused with its name and text`(query: String) {
        let parameters = Parameters(HTTPRequest(method: "GET", path: "/", query: FormEncoding.decode(query)))
        #expect { try parameters.time("time") } throws: { error in
            (error as? APIError)?.message.hasPrefix("invalid parameter \"time\": cannot parse") == true
        }
    }

    @Test(arguments: [("step=15", 15_000), ("step=0.5", 500), ("step=1m", 60_000)] as [(String, Int64)])
    func `durations are seconds or texts`(query: String, milliseconds: Int64) throws {
        let parameters = Parameters(HTTPRequest(method: "GET", path: "/", query: FormEncoding.decode(query)))
        #expect(try parameters.duration("step") == milliseconds)
    }
}
