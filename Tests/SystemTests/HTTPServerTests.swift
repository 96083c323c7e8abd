import Foundation
import MartletHTTPServer
import Synchronization
import Testing

@Suite("HTTP server")
struct HTTPServerTests {
    /// Answers with what it saw.
    static let echo: HTTPHandler = { request in
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
        return .text("\(request.method) \(request.path) [\(query)] \(request.body.count)")
    }

    private func server(
        _ change: (inout HTTPServer.Configuration) -> Void = { _ in },
        handler: @escaping HTTPHandler = echo
    ) throws -> HTTPServer {
        var configuration = HTTPServer.Configuration()
        change(&configuration)
        return try HTTPServer(configuration, handler: handler)
    }

    private func answering(_ handler: @escaping HTTPHandler) throws -> HTTPServer {
        try server(handler: handler)
    }

    private func answer(_ text: String, from server: HTTPServer) throws -> RawConnection.Answer {
        let connection = try RawConnection(port: server.port)
        connection.send(text)
        return try #require(connection.readAnswer())
    }

    @Test(arguments: [0, 4])
    func `answers and keeps the connection`(workers: Int) throws {
        let server = try server { $0.workerThreads = workers }
        let connection = try RawConnection(port: server.port)
        connection.send("GET /a%20b?x=1&y=a%2Bb+c HTTP/1.1\r\nHost: x\r\n\r\n")
        let first = try #require(connection.readAnswer())
        #expect(first.status == 200)
        #expect(first.body == "GET /a b [x=1,y=a+b c] 0")
        #expect(first.headers["content-type"] == "text/plain; charset=utf-8")
        connection.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
        #expect(connection.readAnswer()?.body == "POST /p [] 5")
        connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(connection.readAnswer()?.body == "GET / [] 0")
        #expect(connection.waitForEnd())
        #expect(eventually { server.statistics.connectionsOpen == 0 })
        #expect(server.statistics.connectionsAccepted == 1)
        #expect(server.statistics.requestsByStatusClass == [0, 0, 3, 0, 0, 0])
    }

    @Test func `answers pipelined requests in order`() throws {
        let server = try server()
        let connection = try RawConnection(port: server.port)
        connection.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        for number in 0..<20 { #expect(connection.readAnswer()?.body == "GET /\(number) [] 0") }
    }

    @Test func `answers HEAD like GET without the body`() throws {
        let server = try server()
        let connection = try RawConnection(port: server.port)
        connection.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\nGET /y HTTP/1.1\r\nHost: x\r\n\r\n")
        let head = try #require(connection.readAnswer(isHead: true))
        #expect(head.headers["content-length"] == "11")
        #expect(connection.readAnswer()?.body == "GET /y [] 0")
    }

    @Test func `hands unknown methods to the handler`() throws {
        let server = try answering { request in
            HTTPResponse(status: request.method == "BREW" ? 405 : 200, headers: ["Allow": "GET"])
        }
        let answer = try answer("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", from: server)
        #expect(answer.status == 405)
        #expect(answer.headers["allow"] == "GET")
    }

    @Test func `takes a chunked upload`() throws {
        let server = try answering { .text(String(decoding: $0.body, as: UTF8.self)) }
        let answer = try answer(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n",
            from: server
        )
        #expect(answer.body == "hello world")
    }

    @Test func `says 100 when the client expects it`() throws {
        let server = try server()
        let connection = try RawConnection(port: server.port)
        connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(connection.readAnswer()?.status == 100)
        connection.send("ab")
        #expect(connection.readAnswer()?.body == "POST / [] 2")
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc\r\nB: d\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA:\r\n b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\nB: d\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: b\u{1}c\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n", 400),
        ("GET /a\u{1}b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: x\n\n", 400),
        ("GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("G{T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ("GET /\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n", 400),
    ])
    func `refuses what could be read in two ways`(request: String, status: Int) throws {
        let handled = Mutex(0)
        let server = try answering { _ in
            handled.withLock { $0 += 1 }
            return .text("never")
        }
        let connection = try RawConnection(port: server.port)
        connection.send(request + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        let text = connection.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 \(status) ") || text.hasPrefix("HTTP/1.0 \(status) "), "\(text.prefix(200))")
        #expect(handled.withLock { $0 } == 0)
        #expect(server.statistics.refusals.values.reduce(0, +) == 1, "\(server.statistics)")
    }

    @Test func `takes header values with blanks around and inside`() throws {
        let server = try answering { .text($0.headers.fields.map { "\($0.name)=\($0.value)" }.joined(separator: "|")) }
        let answer = try answer(
            "GET / HTTP/1.1\r\nHost:x\r\nA:  b c \r\nEmpty:\r\nB:\t\td\r\nCookie: k=v; l=w\r\n\r\n",
            from: server
        )
        #expect(answer.status == 200, "\(answer.body)")
        #expect(answer.body.hasPrefix("Host=x|A=b c"))
        #expect(answer.body.hasSuffix("|B=d|Cookie=k=v; l=w"))
    }

    @Test func `refuses what is too large with the right status`() throws {
        let server = try server {
            $0.urlBytesMax = 1000
            $0.headerBytesMax = 4000
            $0.bodyBytesMax = 100
            $0.bodyLimit = { _, path in path == "/big" ? 1000 : 100 }
        }
        let longURL = "GET /\(String(repeating: "a", count: 1000)) HTTP/1.1\r\nHost: x\r\n\r\n"
        #expect(try answer(longURL, from: server).status == 414)
        let endlessURL = "GET /\(String(repeating: "a", count: 200_000))"
        #expect(try answer(endlessURL, from: server).status == 414)
        let longHeader = "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 4000))\r\n\r\n"
        #expect(try answer(longHeader, from: server).status == 431)
        let endlessHeader = "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 200_000))"
        #expect(try answer(endlessHeader, from: server).status == 431)
        let manyHeaders = String(repeating: "A: b\r\n", count: 50_000)
        #expect(try answer("GET / HTTP/1.1\r\nHost: x\r\n\(manyHeaders)\r\n", from: server).status == 431)
        let claimed = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n"
        #expect(try answer(claimed, from: server).status == 413)
        let huge = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"
        #expect(try answer(huge, from: server).status == 413)
        let chunked =
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n\(String(repeating: "a", count: 101))\r\n0\r\n\r\n"
        #expect(try answer(chunked, from: server).status == 413)
        let allowed =
            "POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n\(String(repeating: "a", count: 101))"
        #expect(try answer(allowed, from: server).body == "POST /big [] 101")
        let refusals = server.statistics.refusals
        #expect(refusals[.urlTooLong] == 2)
        #expect(refusals[.headerTooLarge] == 3)
        #expect(refusals[.bodyTooLarge] == 3)
    }

    @Test func `answers 413 to a client that has sent a large body already`() throws {
        let server = try server { $0.bodyBytesMax = 1000 }
        let connection = try RawConnection(port: server.port)
        connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n")
        connection.send([UInt8](repeating: 97, count: 400_000))
        #expect(connection.readAnswer()?.status == 413)
    }

    @Test func `closes a client that sends its header too slowly`() throws {
        let server = try server { $0.headerDeadline = .milliseconds(100) }
        let silent = try RawConnection(port: server.port)
        let slow = try RawConnection(port: server.port)
        slow.send("GET / HTTP/1.1\r\nHo")
        #expect(silent.waitForEnd())
        #expect(slow.waitForEnd())
        #expect(server.statistics.timeouts[.header] == 2)
        #expect(eventually { server.statistics.connectionsOpen == 0 })
    }

    @Test func `closes a client that trickles its header`() throws {
        let server = try server { $0.headerDeadline = .milliseconds(200) }
        let connection = try RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: x\r\nA: ")
        #expect(eventually { !connection.send("a") })
        #expect(server.statistics.timeouts[.header] == 1)
    }

    @Test func `closes a client that trickles its body`() throws {
        let server = try server { $0.bodyDeadline = .milliseconds(200) }
        let connection = try RawConnection(port: server.port)
        connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        #expect(eventually { !connection.send("a") })
        #expect(server.statistics.timeouts[.body] == 1)
    }

    @Test func `closes an idle connection`() throws {
        let server = try server { $0.idleTimeout = .milliseconds(100) }
        let connection = try RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(connection.readAnswer()?.status == 200)
        #expect(connection.waitForEnd())
        #expect(server.statistics.timeouts[.idle] == 1)
    }

    @Test func `closes a client that reads nothing`() throws {
        let server = try server(
            { $0.writeDeadline = .milliseconds(200) },
            handler: { _ in HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 97, count: 30_000_000))) }
        )
        let connection = try RawConnection(port: server.port, receiveBuffer: 4096)
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(eventually { server.statistics.timeouts[.write] == 1 })
        #expect(eventually { server.statistics.connectionsOpen == 0 })
        #expect(connection.waitForEnd())
    }

    @Test func `serves many connections at a time`() async throws {
        let server = try server()
        let statuses = await withTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    guard let connection = try? RawConnection(port: server.port) else { return 0 }
                    var good = 0
                    for _ in 0..<5 {
                        connection.send("GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                        if connection.readAnswer()?.body == "GET /\(number) [] 0" { good += 1 }
                    }
                    return good
                }
            }
            return await group.reduce(0, +)
        }
        #expect(statuses == 1000)
    }

    @Test func `answers 503 when all workers are busy and the queue is full`() throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try server(
            {
                $0.workerThreads = 2
                $0.queuedRequestsMax = 3
            },
            handler: { _ in
                gate.wait()
                return .text("late")
            }
        )
        let connections = try (0..<8).map { _ in try RawConnection(port: server.port) }
        for (number, connection) in connections.enumerated() {
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = eventually {
                let now = server.statistics
                return now.workersBusy + now.queueDepth + (now.refusals[.overloaded] ?? 0) == number + 1
                    && now.workersBusy == min(2, number + 1)
            }
        }
        #expect(server.statistics.refusals[.overloaded] == 3)
        #expect(server.statistics.queueDepth == 3)
        for connection in connections[5...] {
            let answer = try #require(connection.readAnswer())
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "1")
        }
        for _ in 0..<5 { gate.signal() }
        for connection in connections[..<5] { #expect(connection.readAnswer()?.body == "late") }
    }

    @Test func `limits connections and tells so`() throws {
        let server = try server {
            $0.connectionsMax = 4
            $0.eventThreads = 1
        }
        let connections = try (0..<4).map { _ in try RawConnection(port: server.port) }
        #expect(eventually { server.statistics.connectionsOpen == 4 })
        let surplus = try RawConnection(port: server.port)
        surplus.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try #require(surplus.readAnswer())
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] == "1")
        let more = try (0..<40).map { _ in try RawConnection(port: server.port) }
        #expect(eventually { server.statistics.connectionsRejected >= 24 })
        #expect(server.statistics.connectionsOpen <= 20)
        connections[0].send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(connections[0].readAnswer()?.status == 200)
        withExtendedLifetime(more) {}
    }

    @Test func `limits connections of one address`() throws {
        let server = try server {
            $0.perAddressConnectionsMax = 3
            $0.eventThreads = 1
        }
        let connections = try (0..<6).map { _ in try RawConnection(port: server.port) }
        #expect(eventually { server.statistics.connectionsRejected == 3 })
        let other = try RawConnection(port: server.port, from: "127.0.0.2")
        other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(other.readAnswer()?.status == 200)
        withExtendedLifetime(connections) {}
    }

    @Test func `bounds the bodies held at one time`() throws {
        let server = try server { $0.bodyBytesInFlightMax = 10_000 }
        let holder = try RawConnection(port: server.port)
        holder.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + String(repeating: "a", count: 8000))
        #expect(eventually { server.statistics.bytesReceived > 8000 })
        let body = String(repeating: "b", count: 5000)
        let second = try answer("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n\(body)", from: server)
        #expect(second.status == 503)
        holder.send(String(repeating: "a", count: 1000))
        #expect(holder.readAnswer()?.body == "POST / [] 9000")
        let third = try answer("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n\(body)", from: server)
        #expect(third.status == 200)
    }

    @Test func `one server answers while another is flooded`() throws {
        let gate = DispatchSemaphore(value: 0)
        let flooded = try server(
            {
                $0.workerThreads = 1
                $0.queuedRequestsMax = 10
                $0.connectionsMax = 100
            },
            handler: { _ in
                gate.wait()
                return .text("")
            }
        )
        let health = try server { $0.workerThreads = 0 }
        let flood = try (0..<200).map { _ in try RawConnection(port: flooded.port) }
        for connection in flood { connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }
        #expect(eventually { flooded.statistics.workersBusy == 1 })
        for _ in 0..<50 {
            #expect(try answer("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", from: health).body == "GET /health [] 0")
        }
        for _ in 0..<200 { gate.signal() }
        flooded.stop(drain: .seconds(10))
        withExtendedLifetime(flood) {}
    }

    @Test func `the handler learns that its client has left`() throws {
        let saw = Mutex<Bool?>(nil)
        let server = try answering { request in
            let isGone = eventually { request.isCancelled() }
            saw.withLock { $0 = isGone }
            return .text("too late")
        }
        var connection: RawConnection? = try RawConnection(port: server.port)
        connection?.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(eventually { server.statistics.workersBusy == 1 })
        connection = nil
        #expect(eventually { saw.withLock { $0 } == true })
        #expect(
            try answer("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", from: try self.server()).status == 200
        )
        #expect(eventually { server.statistics.connectionsOpen == 0 })
    }

    @Test func `reports the client's address`() throws {
        let server = try answering { .text($0.remoteAddress) }
        let connection = try RawConnection(port: server.port, from: "127.0.0.9")
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(connection.readAnswer()?.body == "127.0.0.9")
    }

    @Test func `leaves out malformed header fields of an answer`() throws {
        let server = try answering { _ in
            HTTPResponse(status: 200, headers: ["X-Good": "1", "X-Bad": "a\r\nInjected: 1", "Content-Length": "999"])
        }
        let answer = try answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n", from: server)
        #expect(answer.headers["x-good"] == "1")
        #expect(answer.headers["x-bad"] == nil)
        #expect(answer.headers["injected"] == nil)
        #expect(answer.headers["content-length"] == "0")
    }

    @Test func `takes an address with scheme and host as target`() throws {
        let server = try server()
        let answer = try answer("GET http://example:80/a?b=c#d HTTP/1.1\r\nHost: example\r\n\r\n", from: server)
        #expect(answer.body == "GET /a [b=c] 0")
    }
}
