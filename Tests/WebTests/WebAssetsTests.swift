import MartletCompression
import MartletHTTPServer
import Testing

@testable import MartletWeb

@Suite("Web assets")
struct WebAssetsTests {
    private static let sizeMax = 200_000

    private func text(of path: String) throws -> String {
        let asset = try #require(WebAssets.file(path: path))
        let bytes = try Gzip.decompress(try #require(asset.compressed), limit: 1 << 20)
        #expect(bytes.count == asset.content.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func request(_ path: String, method: String = "GET", _ headers: HTTPHeaders = [:]) -> HTTPRequest {
        HTTPRequest(method: method, path: path, headers: headers)
    }

    @Test(arguments: [
        ("/", "text/html; charset=utf-8"), ("/assets/app.js", "text/javascript; charset=utf-8"),
        ("/assets/app.css", "text/css; charset=utf-8"), ("/assets/icon.svg", "image/svg+xml"),
        ("/assets/dygraph.min.js", "text/javascript; charset=utf-8"),
    ])
    func `serves a file with its type`(path: String, contentType: String) throws {
        let asset = try #require(WebAssets.file(path: path))
        #expect(asset.path == path)
        #expect(asset.contentType == contentType)
        #expect(asset.content.count > 100)
    }

    @Test(arguments: ["/assets/", "/assets/none.js", "/assets/../app.js", "/app.js", "", "/assets/index.html"])
    func `knows no other path`(path: String) {
        #expect(WebAssets.file(path: path) == nil)
        #expect(WebAssets.answer(to: request(path)) == nil)
    }

    @Test func `serves the page where links to the graph page lead`() throws {
        #expect(try #require(WebAssets.file(path: "/graph")).path == "/")
    }

    @Test func `gives each file a tag of its own that depends on its bytes alone`() throws {
        let tags = WebAssets.all.map(\.entityTag)
        #expect(Set(tags).count == tags.count)
        #expect(tags.allSatisfy { $0.count == 34 && $0.hasPrefix("\"") && $0.hasSuffix("\"") })
        #expect(WebAssets.entityTag(of: Array("abc".utf8)) == "\"e71fa2190541574bf5d902190cdc4623\"")
        for asset in WebAssets.all {
            let bytes = try Gzip.decompress(try #require(asset.compressed), limit: 1 << 20)
            #expect(WebAssets.entityTag(of: bytes) == asset.entityTag)
        }
    }

    @Test func `stays below 200 kB compressed on first load`() {
        let total = WebAssets.all.reduce(0) { $0 + ($1.compressed?.count ?? $1.content.count) }
        #expect(total > 40_000)
        #expect(total < Self.sizeMax)
    }

    @Test func `refers only to files of its own that exist`() throws {
        let page = try text(of: "/")
        let references = page.matches(of: /(?:src|href)="([^"]*)"/).map { String($0.output.1) }
        let files = references.filter { !$0.hasPrefix("#") && $0 != "?" }
        #expect(files.contains("assets/app.js"))
        for file in files {
            #expect(WebAssets.file(path: "/" + file) != nil, "\(file) is not embedded")
        }
    }

    @Test func `imports only modules that exist`() throws {
        for asset in WebAssets.all where asset.path.hasSuffix(".js") && !asset.path.hasSuffix(".min.js") {
            let source = try text(of: asset.path)
            for match in source.matches(of: /(?:^|\n)import [^;]*?from "([^"]+)";/) {
                let name = String(match.output.1)
                #expect(name.hasPrefix("./"), "\(asset.path) imports \(name)")
                #expect(WebAssets.file(path: "/assets/" + name.dropFirst(2)) != nil, "\(asset.path) imports \(name)")
            }
        }
    }

    @Test func `has no inline script, style or handler, and no other origin`() throws {
        let page = try text(of: "/")
        #expect(page.firstMatch(of: /<style|\sstyle=|\son[a-z]+=|javascript:|https?:\/\//) == nil)
        for match in page.matches(of: /<script([^>]*)>([^<]*)<\/script>/) {
            #expect(match.output.1.contains("src="))
            #expect(match.output.2.isEmpty)
        }
        for asset in WebAssets.all where asset.path.hasSuffix(".js") && !asset.path.hasSuffix(".min.js") {
            let source = try text(of: asset.path)
            #expect(source.firstMatch(of: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/) == nil)
        }
        #expect(try text(of: "/assets/app.css").firstMatch(of: /url\(|@import/) == nil)
    }

    @Test func `sends the headers that keep a browser to this origin`() throws {
        let answer = try #require(WebAssets.answer(to: request("/")))
        #expect(answer.status == 200)
        #expect(answer.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
        #expect(answer.headers["Cache-Control"] == "no-cache")
        let policy = try #require(answer.headers["Content-Security-Policy"])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
        #expect(!policy.contains("unsafe"))
        guard case .static(let bytes) = answer.body else {
            Issue.record("expected the embedded bytes")
            return
        }
        #expect(bytes.count == WebAssets.file(path: "/")?.content.count)
    }

    @Test func `compresses for those who ask`() throws {
        let plain = try #require(WebAssets.answer(to: request("/assets/app.js")))
        let packed = try #require(WebAssets.answer(to: request("/assets/app.js", ["Accept-Encoding": "br, gzip"])))
        #expect(plain.headers["Content-Encoding"] == nil)
        #expect(packed.headers["Content-Encoding"] == "gzip")
        #expect(packed.headers["Vary"] == "Accept-Encoding")
        #expect(plain.headers["ETag"] != packed.headers["ETag"])
        guard case .bytes(let bytes) = packed.body else {
            Issue.record("expected compressed bytes")
            return
        }
        #expect(bytes.prefix(2) == [0x1f, 0x8b])
    }

    @Test func `answers 304 to those who have the file`() throws {
        let tag = try #require(WebAssets.answer(to: request("/"))?.headers["ETag"])
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let answer = try #require(WebAssets.answer(to: request("/", ["If-None-Match": known])))
            #expect(answer.status == 304)
            #expect(answer.headers["ETag"] == tag)
        }
        #expect(WebAssets.answer(to: request("/", ["If-None-Match": "\"other\""]))?.status == 200)
    }

    @Test func `refuses other methods`() throws {
        #expect(WebAssets.answer(to: request("/", method: "HEAD"))?.status == 200)
        let answer = try #require(WebAssets.answer(to: request("/", method: "POST")))
        #expect(answer.status == 405)
        #expect(answer.headers["Allow"] == "GET, HEAD")
    }

    @Test func `does not guess the type of an unknown file`() {
        #expect(WebAssets.contentType(of: "a.bin") == "application/octet-stream")
    }
}
