import Foundation
import MartletCompression
import MartletGRPC
import MartletHTTPServer
import Synchronization
import Testing

@Suite("gRPC server")
struct GRPCServerTests {
    private static let echo = "/test.Echo/Say"
    private static let count = "/test.Echo/Count"
    private static let fails = "/test.Echo/Fail"

    private static func server(
        _ change: (inout GRPCServer.Configuration) -> Void = { _ in },
        slow: @escaping GRPCMethod = { $0.message }
    ) throws -> GRPCServer {
        var configuration = GRPCServer.Configuration()
        configuration.wrongProtocolMessage = "this port speaks gRPC; HTTP is at 4318"
        change(&configuration)
        return try GRPCServer(
            configuration,
            methods: [
                echo: { request throws(GRPCStatus) in request.message + Array(request.remoteAddress.utf8) },
                count: { request throws(GRPCStatus) in Array(String(request.message.count).utf8) },
                fails: { _ throws(GRPCStatus) in throw GRPCStatus(.unavailable, "später: 100 %") },
                "/test.Echo/Slow": slow,
            ]
        )
    }

    @Test func `a call gets its answer with a status`() throws {
        let server = try Self.server()
        let client = try FrameClient(port: server.port)
        client.begin()
        client.call(1, Self.echo, FrameClient.message([1, 2, 3]))
        let answer = try #require(client.answer(to: 1))
        #expect(answer.fields[":status"] == "200" && answer.fields["content-type"] == "application/grpc")
        #expect(answer.fields["grpc-status"] == "0" && answer.fields["grpc-message"] == nil)
        #expect(answer.body == FrameClient.message([1, 2, 3] + Array("127.0.0.1".utf8)))
        // The connection goes on, and a message may be larger than a frame and than the window.
        let large = [UInt8](repeating: 7, count: 3 << 20)
        client.call(3, Self.count, FrameClient.message(large))
        #expect(client.answer(to: 3)?.body == FrameClient.message(Array("3145728".utf8)))
        #expect(client.frames.contains { $0.type == 8 })
        #expect(server.statistics.connectionsAccepted == 1 && server.statistics.requestsByStatusClass[2] == 2)
        server.stop(drain: .seconds(5))
    }

    @Test func `compressed messages are read up to the limit`() throws {
        let server = try Self.server { $0.messageBytesMax = 1000 }
        let client = try FrameClient(port: server.port)
        client.begin()
        let fields = [("content-type", "application/grpc+proto"), ("grpc-encoding", "gzip")]
        func say(_ stream: Int32, _ body: [UInt8]) throws -> FrameClient.Answer {
            client.call(stream, Self.echo, body, fields)
            return try #require(client.answer(to: stream))
        }
        let small = try say(1, FrameClient.message(Gzip.compress([5, 5, 5]), isCompressed: true))
        #expect(small.body == FrameClient.message([5, 5, 5] + Array("127.0.0.1".utf8)))
        #expect(try say(3, FrameClient.message([9])).fields["grpc-status"] == "0")
        let bomb = try say(
            5,
            FrameClient.message(Gzip.compress([UInt8](repeating: 0, count: 500_000)), isCompressed: true)
        )
        #expect(bomb.fields["grpc-status"] == "8")
        #expect(bomb.fields["grpc-message"]?.contains("exceeds the limit of 1000 bytes") == true, "\(bomb.fields)")
        let nonsense = try say(7, FrameClient.message([1, 2, 3], isCompressed: true))
        #expect(nonsense.fields["grpc-status"] == "3")
        #expect(server.statistics.refusals[.bodyTooLarge] == 1 && server.statistics.refusals[.malformed] == 1)
    }

    @Test(
        arguments: [
            ("/a.B/C", "application/grpc", "identity", [0, 0, 0, 0, 0], "12", "no method /a.B/C"),
            ("/test.Echo/Say", "application/grpc", "zstd", [0, 0, 0, 0, 0], "12", "grpc-encoding identity or gzip"),
            ("/test.Echo/Say", "application/grpc", "identity", [1, 0, 0, 0, 0], "3", "grpc-encoding is identity"),
            ("/test.Echo/Say", "application/grpc", "identity", [0, 0, 0, 0, 9, 1], "3", "ends within its message"),
            ("/test.Echo/Say", "application/grpc", "identity", [0, 0, 0], "3", "ends within its message"),
            ("/test.Echo/Say", "application/grpc", "identity", [2, 0, 0, 0, 0], "3", "ends within its message"),
            ("/test.Echo/Say", "application/grpc", "identity", [0, 0, 0, 0, 0, 0], "3", "one message; got more"),
            ("/test.Echo/Say", "application/grpc", "identity", [0, 0x40, 0, 0, 0, 1], "8", "1073741824 bytes exceeds"),
            ("/test.Echo/Fail", "application/grpc", "identity", [0, 0, 0, 0, 0], "14", "sp%C3%A4ter: 100 %25"),
        ] as [(String, String, String, [UInt8], String, String)]
    )
    func `what is wrong is refused with a sentence`(
        _ path: String,
        _ type: String,
        _ encoding: String,
        _ body: [UInt8],
        _ status: String,
        _ words: String
    ) throws {
        let server = try Self.server()
        let client = try FrameClient(port: server.port)
        client.begin()
        client.call(1, path, body, [("content-type", type), ("grpc-encoding", encoding)])
        let answer = try #require(client.answer(to: 1))
        #expect(answer.fields["grpc-status"] == status)
        #expect(answer.fields["grpc-message"]?.contains(words) == true, "\(answer.fields)")
        // The connection is as good as before.
        client.call(3, Self.echo, FrameClient.message([1]))
        #expect(client.answer(to: 3)?.fields["grpc-status"] == "0")
    }

    @Test func `a claim of a gigabyte is refused before it is sent, and the client told to stop`() throws {
        let server = try Self.server()
        let client = try FrameClient(port: server.port)
        client.begin()
        client.call(1, Self.echo, FrameClient.message([1], count: 1 << 30), ends: false)
        let answer = try #require(client.answer(to: 1))
        #expect(answer.fields["grpc-status"] == "8")
        while let frame = client.next() {
            guard frame.type == FrameClient.reset else { continue }
            #expect(frame.payload == [0, 0, 0, 0])
            break
        }
    }

    @Test func `other protocols are told which port they want`() throws {
        let server = try Self.server()
        let first = try FrameClient(port: server.port)
        first.send(Array("POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc".utf8))
        let text = first.rest()
        #expect(
            text.hasPrefix("HTTP/1.1 400 Bad Request\r\n")
                && text.hasSuffix("\r\n\r\nthis port speaks gRPC; HTTP is at 4318\n")
        )
        let second = try FrameClient(port: server.port)
        second.begin()
        second.call(1, "/v1/traces", [1], [("content-type", "application/json")])
        let answer = try #require(second.answer(to: 1))
        #expect(answer.fields[":status"] == "415" && String(decoding: answer.body, as: UTF8.self).contains("4318"))
        // TLS understands no sentence.
        let third = try FrameClient(port: server.port)
        third.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
        #expect(third.rest() == "")
        let fourth = try FrameClient(port: server.port)
        fourth.begin()
        fourth.send([UInt8](repeating: 0xff, count: 100))
        while fourth.next() != nil {}
        #expect(server.statistics.refusals[.unsupported] == 3)
    }

    @Test func `calls beyond the streams and headers beyond the limit are refused`() throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try Self.server(
            {
                $0.streamsMax = 2
                $0.queuedCallsMax = 1
                $0.workerThreads = 1
                $0.headerBytesMax = 1000
            },
            slow: { request throws(GRPCStatus) in
                gate.wait()
                return request.message
            }
        )
        let client = try FrameClient(port: server.port)
        // Who has not taken note of the limit is refused the stream alone.
        client.begin(acknowledges: false)
        client.call(1, "/test.Echo/Slow", FrameClient.message([1]))
        while server.statistics.workersBusy == 0 { usleep(1000) }
        client.call(3, "/test.Echo/Slow", FrameClient.message([3]))
        while server.statistics.queueDepth == 0 { usleep(1000) }
        client.call(5, "/test.Echo/Slow", FrameClient.message([5]))
        #expect(client.answer(to: 5)?.reset == UInt32(NGHTTP2_REFUSED_STREAM))
        // Another connection has streams of its own, but there is no worker.
        let other = try FrameClient(port: server.port)
        other.begin()
        other.call(1, "/test.Echo/Slow", FrameClient.message([1]))
        #expect(other.answer(to: 1)?.fields["grpc-status"] == "14")
        let long = [("content-type", "application/grpc"), ("x", String(repeating: "y", count: 2000))]
        other.call(3, Self.echo, FrameClient.message([1]), long)
        #expect(other.answer(to: 3)?.fields["grpc-status"] == "8")
        #expect(server.statistics.refusals[.headerTooLarge] == 1)
        gate.signal()
        gate.signal()
        #expect(client.answer(to: 3)?.body == FrameClient.message([3]))
    }

    @Test func `a client that takes back call after call is sent away`() throws {
        let server = try Self.server { $0.resetsMax = 50 }
        let client = try FrameClient(port: server.port)
        client.begin()
        for number in 0..<60 {
            let stream = Int32(number * 2 + 1)
            client.call(stream, Self.echo, [], ends: false)
            client.send(FrameClient.frame(FrameClient.reset, 0, stream, [0, 0, 0, 8]))
        }
        while client.next() != nil {}
        let last = try #require(client.frames.last { $0.type == FrameClient.goAway })
        #expect(Array(last.payload.dropFirst(4).prefix(4)) == [0, 0, 0, 11])
    }

    @Test func `silent and slow connections are closed`() throws {
        let server = try Self.server {
            $0.prefaceDeadline = .milliseconds(50)
            $0.requestDeadline = .milliseconds(50)
            $0.idleTimeout = .milliseconds(300)
        }
        let silent = try FrameClient(port: server.port)
        #expect(silent.rest() == "")
        let slow = try FrameClient(port: server.port)
        slow.begin()
        slow.call(1, Self.echo, FrameClient.message([1], count: 100), ends: false)
        #expect(slow.answer(to: 1)?.fields["grpc-message"]?.contains("did not arrive") == true)
        while slow.next() != nil {}
        #expect(slow.frames.last { $0.type == FrameClient.goAway }?.payload.suffix(4) == [0, 0, 0, 0])
        let statistics = server.statistics
        #expect(statistics.timeouts == [.header: 1, .body: 1, .idle: 1])
        #expect(statistics.connectionsOpen == 0)
    }

    @Test func `stopping lets calls in progress end and tells clients to go`() throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try Self.server(
            slow: { request throws(GRPCStatus) in
                gate.wait()
                return request.message
            }
        )
        let client = try FrameClient(port: server.port)
        client.begin()
        client.call(1, "/test.Echo/Slow", FrameClient.message([4]))
        while server.statistics.workersBusy == 0 { usleep(1000) }
        let stopped = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            server.stop(drain: .seconds(20))
            stopped.signal()
        }
        while let frame = client.next(), frame.type != FrameClient.goAway {}
        gate.signal()
        #expect(client.answer(to: 1)?.body == FrameClient.message([4]))
        #expect(client.next() == nil)
        stopped.wait()
        #expect(server.statistics.connectionsOpen == 0)
        server.stop(drain: .zero)
    }

    @Test func `connections beyond the limit are closed at once, and a taken port is named`() throws {
        let server = try Self.server { $0.connectionsMax = 1 }
        let first = try FrameClient(port: server.port)
        first.begin()
        first.call(1, Self.echo, FrameClient.message([1]))
        #expect(first.answer(to: 1) != nil)
        #expect(try FrameClient(port: server.port).rest() == "")
        #expect(server.statistics.connectionsRejected == 1)
        #expect(throws: HTTPServerError.self) {
            _ = try GRPCServer(.init(port: server.port), methods: [:])
        }
    }

    /// The number of HTTP/2's code for a stream that the server did not look at.
    private let NGHTTP2_REFUSED_STREAM = 7
}
