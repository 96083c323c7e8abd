import Foundation
import MartletCore
import MartletLogInputs
import MartletLogging
import MartletSockets
import Testing

@Suite("Syslog over sockets")
struct SyslogInputTests {
    let taken = Taken()

    func input(_ name: String = "syslog") -> SyslogInput {
        SyslogInput(
            name: name,
            attributes: [Attribute("site", "lab")],
            utcOffset: 0,
            target: taken,
            clock: SystemWallClock(),
            logger: .silent
        )
    }

    func connect(_ port: Int, type: Int32) -> Int32 {
        let descriptor = socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(status == 0)
        return descriptor
    }

    func send(_ descriptor: Int32, _ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, 0) }

    @Test func `receives datagrams`() async throws {
        let input = input()
        let listener = try SocketListener(.init(kind: .datagrams, host: "127.0.0.1", port: 0), handler: input)
        listener.start()
        let sender = connect(listener.port, type: Int32(SOCK_DGRAM.rawValue))
        for index in 0..<100 { send(sender, "<13>1 - host app - - - message \(index)\n") }
        send(sender, "\n")
        await taken.wait(for: 100)
        close(sender)
        listener.stop()
        #expect(taken.bodies == (0..<100).map { "message \($0)" })
        #expect(taken.resources.contains("site=lab"))
        #expect(taken.entries.first?.attributes.contains(Attribute("net.peer.ip", "127.0.0.1")) == true)
        #expect(input.numbers.current.taken == 100)
        #expect(input.numbers.current.lines.records == 100)
    }

    @Test func `receives streams of several connections, and the last message of one that ends`() async throws {
        let input = input()
        let listener = try SocketListener(.init(kind: .connections, host: "localhost", port: 0), handler: input)
        listener.start()
        let (first, second) = (
            connect(listener.port, type: Int32(SOCK_STREAM.rawValue)),
            connect(listener.port, type: Int32(SOCK_STREAM.rawValue))
        )
        send(first, "<13>1 - h a - - - one\n<13>1 - h a")
        send(second, "24 <13>1 - h b - - - fourth<14>x: fifth")
        send(first, " - - - two\n")
        await taken.wait(for: 3)
        close(second)
        await taken.wait(for: 4)
        close(first)
        listener.stop()
        #expect(taken.bodies.filter { ["one", "two"].contains($0) } == ["one", "two"])
        #expect(Set(taken.bodies) == ["one", "two", "fourth", "fifth"])
        #expect(listener.openConnections == 0)
    }

    @Test func `keeps records while the store refuses them, and gives up when it is stopped`() async throws {
        taken.refusals.withLock { $0 = 3 }
        let input = input()
        input.received(Array("<13>1 - h a - - - kept".utf8)[...], connection: 0, peer: "")
        await withCheckedContinuation { done in
            DispatchQueue.global().async {
                input.roundEnded()
                done.resume()
            }
        }
        #expect(taken.bodies == ["kept"])
        #expect(input.numbers.current.refusals == 3)
        taken.refusals.withLock { $0 = .max }
        input.willStop()
        input.received(Array("<13>1 - h a - - - lost".utf8)[...], connection: 0, peer: "")
        input.roundEnded()
        #expect(input.numbers.current.dropped == 1)
    }

    @Test func `closes connections beyond the limit, and idle ones`() async throws {
        var configuration = SocketListener.Configuration(kind: .connections, host: "127.0.0.1", port: 0)
        configuration.connectionsMax = 1
        configuration.idleSeconds = 0
        let listener = try SocketListener(configuration, handler: input())
        listener.start()
        let descriptors = (0..<3).map { _ in connect(listener.port, type: Int32(SOCK_STREAM.rawValue)) }
        for _ in 0..<1_000 where listener.refusedConnections < 2 || listener.openConnections > 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(listener.refusedConnections >= 1)
        listener.stop()
        for descriptor in descriptors { close(descriptor) }
    }

    @Test func `says why an address cannot be listened on`() throws {
        let first = try SocketListener(.init(kind: .connections, host: "127.0.0.1", port: 0), handler: input())
        do {
            _ = try SocketListener(.init(kind: .connections, host: "127.0.0.1", port: first.port), handler: input())
            Issue.record("the port is taken")
        } catch {
            let reason = "cannot listen on 127.0.0.1:\(first.port)/tcp: address already in use; choose another port"
            #expect(error.description == reason)
        }
        #expect(throws: SocketError.self) {
            try SocketListener(.init(kind: .datagrams, host: "nowhere", port: 0), handler: input())
        }
        #expect(throws: SocketError.self) {
            try SocketListener(.init(kind: .datagrams, host: "192.0.2.1", port: 0), handler: input())
        }
        let sixth = try SocketListener(.init(kind: .connections, host: "[::1]", port: 0), handler: input())
        #expect(sixth.port > 0)
    }
}
