import Foundation
import MartletCompression
import MartletHTTPClient
import MartletHTTPServer
import Testing

@Suite("HTTP client")
struct HTTPClientTests {
    private func server(_ handler: @escaping HTTPHandler) throws -> HTTPServer {
        try HTTPServer(HTTPServer.Configuration(), handler: handler)
    }

    private func text(_ response: IncomingResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    @Test func `sends method, headers, body and credentials`() async throws {
        let server = try server { request in
            let fields = ["authorization", "user-agent", "x-empty", "content-type", "expect"]
                .map { "\($0)=\(request.headers[$0] ?? "-")" }
            return .text("\(request.method) \(request.body.count) \(fields.joined(separator: " "))")
        }
        let client = try HTTPClient()
        var request = OutgoingRequest("PUT", url: "http://127.0.0.1:\(server.port)/x", body: Array("hello".utf8))
        request.credentials = .basic(user: "me", password: "pass")
        request.headers = [("X-Empty", "")]
        let answer = try await client.send(request)
        #expect(answer.status == 200)
        let seen = text(answer)
        #expect(
            seen == "PUT 5 authorization=Basic bWU6cGFzcw== user-agent=Martlet/0.1.0 x-empty= content-type=- expect=-"
        )
        request.credentials = .authorization(scheme: "Bearer", credentials: "abc")
        request.body = nil
        let second = try await client.send(request)
        #expect(text(second).hasPrefix("PUT 0 authorization=Bearer abc "))
        client.close()
        client.close()
    }

    @Test func `uses connections again`() async throws {
        let server = try server { _ in .text("ok") }
        let client = try HTTPClient()
        for _ in 0..<10 {
            let answer = try await client.send(OutgoingRequest(url: "http://127.0.0.1:\(server.port)/"))
            #expect(answer.status == 200)
        }
        #expect(server.statistics.connectionsAccepted == 1)
    }

    @Test func `asks with HEAD and waits for no body`() async throws {
        let server = try server { _ in .text("eleven long") }
        let client = try HTTPClient()
        let answer = try await client.send(OutgoingRequest("HEAD", url: "http://127.0.0.1:\(server.port)/"))
        #expect(answer.status == 200 && answer.body.isEmpty)
        #expect(answer.headers.first { $0.name.lowercased() == "content-length" }?.value == "11")
    }

    @Test func `decompresses within the limit`() async throws {
        let server = try server { request in
            let size = request.path == "/bomb" ? 10_000_000 : 1000
            let body = Gzip.compress([UInt8](repeating: 97, count: size))
            return HTTPResponse(status: 200, headers: ["Content-Encoding": "gzip"], body: .bytes(body))
        }
        let client = try HTTPClient()
        var request = OutgoingRequest(url: "http://127.0.0.1:\(server.port)/")
        request.bodyBytesMax = 1000
        let answer = try await client.send(request)
        #expect(answer.body.count == 1000)
        request.url = "http://127.0.0.1:\(server.port)/bomb"
        let bomb = request
        await #expect(throws: HTTPClientError.bodyTooLarge(limit: 1000)) { try await client.send(bomb) }
    }

    @Test func `tells badly compressed bodies`() async throws {
        let server = try server { _ in
            HTTPResponse(status: 200, headers: ["Content-Encoding": "gzip"], body: .bytes(Array("no gzip".utf8)))
        }
        let client = try HTTPClient()
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.send(OutgoingRequest(url: "http://127.0.0.1:\(server.port)/"))
        }
        guard case .badEncoding = error else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
    }

    @Test func `follows redirects only when asked`() async throws {
        let server = try server { request in
            switch request.path {
            case "/a": HTTPResponse(status: 302, headers: ["Location": "/b"])
            case "/loop": HTTPResponse(status: 302, headers: ["Location": "/loop"])
            case "/file": HTTPResponse(status: 302, headers: ["Location": "file:///etc/passwd"])
            default: .text("arrived")
            }
        }
        let client = try HTTPClient()
        var request = OutgoingRequest(url: "http://127.0.0.1:\(server.port)/a")
        let first = try await client.send(request)
        #expect(first.status == 302)
        #expect(first.header("location") == "/b")
        request.followsRedirects = true
        let second = try await client.send(request)
        #expect(text(second) == "arrived")
        request.url = "http://127.0.0.1:\(server.port)/loop"
        let loop = request
        await #expect(throws: HTTPClientError.connection("more than 5 redirects from 127.0.0.1:\(server.port)")) {
            try await client.send(loop)
        }
        request.url = "http://127.0.0.1:\(server.port)/file"
        let file = request
        await #expect(throws: HTTPClientError.badURL("malformed URL, of the request or of a redirect")) {
            try await client.send(file)
        }
    }

    @Test(arguments: [
        ("ftp://host/", "malformed URL: it has to begin with http:// or https://"),
        ("file:///etc/passwd", "malformed URL: it has to begin with http:// or https://"),
        ("http://user:secret@ho st/", "malformed URL: it holds a space or a control character"),
        ("http://host/\r\nX: y", "malformed URL: it holds a space or a control character"),
        ("http://user:secret@:99999/", "malformed URL: it has to look like http://host:port/path"),
    ])
    func `refuses unusable addresses without telling secrets`(url: String, message: String) async throws {
        let client = try HTTPClient()
        await #expect(throws: HTTPClientError.badURL(message)) { try await client.send(OutgoingRequest(url: url)) }
    }

    @Test func `refuses header injection`() async throws {
        let client = try HTTPClient()
        var request = OutgoingRequest(url: "http://127.0.0.1:1/")
        request.headers = [("X-A", "b\r\nX-Injected: 1")]
        let injecting = request
        await #expect(throws: HTTPClientError.badURL("header x-a holds a control character")) {
            try await client.send(injecting)
        }
        request.headers = [("X A", "b")]
        let misnamed = request
        await #expect(throws: HTTPClientError.badURL("malformed header name")) { try await client.send(misnamed) }
    }

    @Test func `tells who refused the connection`() async throws {
        let gone = try server { _ in .text("") }
        let port = gone.port
        gone.stop(drain: .zero)
        let client = try HTTPClient()
        await #expect(throws: HTTPClientError.connection("connection refused by 127.0.0.1:\(port)")) {
            try await client.send(OutgoingRequest(url: "http://user:secret@127.0.0.1:\(port)/"))
        }
    }

    @Test func `gives up when the time is up and when cancelled or closed`() async throws {
        let server = try server { request in
            _ = eventually { request.isCancelled() }
            return .text("late")
        }
        let client = try HTTPClient()
        var request = OutgoingRequest(url: "http://127.0.0.1:\(server.port)/")
        request.timeout = .milliseconds(50)
        let late = request
        await #expect(throws: HTTPClientError.timeout("no answer from 127.0.0.1:\(server.port) within 50ms")) {
            try await client.send(late)
        }
        request.timeout = .seconds(60)
        let long = request
        let cancelled = Task { try await client.send(long) }
        #expect(try await soon { server.statistics.workersBusy > 0 })
        cancelled.cancel()
        await #expect(throws: HTTPClientError.cancelled) { try await cancelled.value }
        let closed = Task { try await client.send(long) }
        #expect(try await soon { server.statistics.requestsAnswered + server.statistics.workersBusy >= 1 })
        client.close()
        await #expect(throws: HTTPClientError.cancelled) { try await closed.value }
        await #expect(throws: HTTPClientError.cancelled) { try await client.send(long) }
    }

    @Test func `queues what exceeds the number of exchanges`() async throws {
        let server = try server { _ in .text("ok") }
        var configuration = HTTPClient.Configuration()
        configuration.concurrentMax = 2
        let client = try HTTPClient(configuration)
        let url = "http://127.0.0.1:\(server.port)/"
        let good = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask { (try? await client.send(OutgoingRequest(url: url)))?.status == 200 ? 1 : 0 }
            }
            return await group.reduce(0, +)
        }
        #expect(good == 50)
        #expect(server.statistics.connectionsAccepted <= 2)
    }
}

/// Waits without holding a thread, which a task that is waited for may need.
private func soon(_ isTrue: () -> Bool) async throws -> Bool {
    for _ in 0..<3000 {
        if isTrue() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return isTrue()
}
