import Foundation
import MartletHTTPServer
import Synchronization
import Testing

@Suite("HTTP server, bodies in parts")
struct HTTPServerBodyTests {
    private struct Broken: Error {}

    private static let asset: StaticString = "static bytes of the program"

    private func request(_ path: String = "/") -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" }

    @Test(arguments: [0, 2])
    func `sends chunks as they come`(workers: Int) throws {
        var configuration = HTTPServer.Configuration()
        configuration.workerThreads = workers
        let server = try HTTPServer(configuration) { _ in
            let next = Mutex(0)
            return HTTPResponse(
                status: 200,
                body: .chunks {
                    let number = next.withLock { next in
                        next += 1
                        return next
                    }
                    if number == 3 { return [] }
                    return number <= 5 ? Array("part \(number),".utf8) : nil
                }
            )
        }
        let connection = try RawConnection(port: server.port)
        connection.send(request() + request())
        #expect(connection.readAnswer()?.body == "part 1,part 2,part 4,part 5,")
        #expect(connection.readAnswer()?.body == "part 1,part 2,part 4,part 5,")
    }

    @Test func `sends large chunks whole`() throws {
        let server = try HTTPServer(HTTPServer.Configuration()) { _ in
            let left = Mutex(20)
            return HTTPResponse(
                status: 200,
                body: .chunks {
                    left.withLock { left in
                        left -= 1
                        return left >= 0 ? [UInt8](repeating: 97 + UInt8(left), count: 100_000) : nil
                    }
                }
            )
        }
        let connection = try RawConnection(port: server.port)
        connection.send(request())
        let body = try #require(connection.readAnswer()).body
        #expect(body.utf8.count == 2_000_000)
        #expect(body.utf8.last == 97)
        #expect(server.statistics.bytesSent == 2_000_000)
    }

    @Test func `a failing chunk breaks the connection off`() throws {
        let server = try HTTPServer(HTTPServer.Configuration()) { _ in
            let isFirst = Mutex(true)
            return HTTPResponse(
                status: 200,
                body: .chunks {
                    try isFirst.withLock { isFirst in
                        guard isFirst else { throw Broken() }
                        isFirst = false
                        return Array("begun".utf8)
                    }
                }
            )
        }
        let connection = try RawConnection(port: server.port)
        connection.send(request())
        #expect(connection.readAnswer() == nil)
        #expect(server.statistics.brokenAnswers == 1)
    }

    @Test func `sends static bytes`() throws {
        let server = try HTTPServer(HTTPServer.Configuration()) { _ in
            let bytes = UnsafeRawBufferPointer(start: Self.asset.utf8Start, count: Self.asset.utf8CodeUnitCount)
            return HTTPResponse(status: 200, body: .static(StaticBytes(bytes)))
        }
        let connection = try RawConnection(port: server.port)
        connection.send(request())
        #expect(connection.readAnswer()?.body == "static bytes of the program")
    }

    @Test func `sends no body with 204 and 304`() throws {
        let server = try HTTPServer(HTTPServer.Configuration()) { request in
            HTTPResponse(status: request.path == "/204" ? 204 : 304, body: .bytes([1, 2, 3]))
        }
        let connection = try RawConnection(port: server.port)
        connection.send(request("/204") + request("/304") + request("/204"))
        #expect(connection.readAnswer(isHead: true)?.status == 204)
        #expect(connection.readAnswer(isHead: true)?.status == 304)
        #expect(connection.readAnswer(isHead: true)?.status == 204)
    }

    /// A server whose every answer is an event stream, with the streams it has made.
    private func eventServer(
        capacity: Int = 256,
        _ change: (inout HTTPServer.Configuration) -> Void = { _ in }
    ) throws -> (HTTPServer, @Sendable () -> [EventStream]) {
        let streams = Box<[EventStream]>([])
        var configuration = HTTPServer.Configuration()
        change(&configuration)
        let server = try HTTPServer(configuration) { _ in
            let stream = EventStream(capacity: capacity)
            streams.value.withLock { $0.append(stream) }
            return HTTPResponse(status: 200, headers: ["Content-Type": "text/event-stream"], body: .events(stream))
        }
        return (server, { streams.value.withLock { $0 } })
    }

    private final class Box<Value: Sendable>: Sendable {
        let value: Mutex<Value>

        init(_ value: Value) {
            self.value = Mutex(value)
        }
    }

    @Test func `pushes events until the server closes the stream`() throws {
        let (server, streams) = try eventServer()
        let connection = try RawConnection(port: server.port)
        connection.send(request())
        #expect(eventually { streams().count == 1 })
        let stream = streams()[0]
        let closed = Box(0)
        stream.onClose { closed.value.withLock { $0 += 1 } }
        #expect(stream.send(data: "one"))
        #expect(connection.read(through: "data: one\n\n")?.hasSuffix("data: one\n\n") == true)
        #expect(stream.send(event: "tick\nx", data: "two\nlines", id: "7"))
        let text = try #require(connection.read(through: "lines\n\n"))
        #expect(text.hasSuffix("event: tickx\nid: 7\ndata: two\ndata: lines\n\n"))
        stream.close()
        #expect(connection.read(through: "0\r\n\r\n") != nil)
        #expect(!stream.send(data: "three"))
        #expect(stream.isClosed)
        #expect(closed.value.withLock { $0 } == 1)
        stream.onClose { closed.value.withLock { $0 += 1 } }
        #expect(closed.value.withLock { $0 } == 2)
        connection.send(request())
        #expect(eventually { streams().count == 2 })
    }

    @Test func `an event stream closes when its client leaves`() throws {
        let (server, streams) = try eventServer()
        var connection: RawConnection? = try RawConnection(port: server.port)
        connection?.send(request())
        #expect(eventually { streams().count == 1 })
        streams()[0].send(data: "one")
        #expect(connection?.read(through: "data: one") != nil)
        connection = nil
        #expect(eventually { streams()[0].isClosed })
        #expect(eventually { server.statistics.connectionsOpen == 0 })
    }

    @Test func `an event stream beats while it has nothing to say`() throws {
        let (server, _) = try eventServer { $0.heartbeatInterval = .milliseconds(20) }
        let connection = try RawConnection(port: server.port)
        connection.send(request())
        #expect(connection.read(through: ":\n\n") != nil)
        #expect(connection.read(through: ":\n\n") != nil)
    }

    @Test func `a client too slow for its events is closed and counted`() throws {
        let (server, streams) = try eventServer(capacity: 16)
        let connection = try RawConnection(port: server.port, receiveBuffer: 4096)
        connection.send(request())
        #expect(eventually { streams().count == 1 })
        let data = String(repeating: "x", count: 100_000)
        #expect(eventually { !streams()[0].send(data: data) })
        #expect(streams()[0].isClosed)
        #expect(eventually { server.statistics.slowEventClients == 1 })
        #expect(eventually { server.statistics.connectionsOpen == 0 })
        withExtendedLifetime(connection) {}
    }

    @Test func `stop ends event streams`() throws {
        let (server, streams) = try eventServer()
        let connection = try RawConnection(port: server.port)
        connection.send(request())
        #expect(eventually { streams().count == 1 })
        server.stop(drain: .seconds(10))
        #expect(connection.waitForEnd())
        #expect(streams()[0].isClosed)
    }
}
