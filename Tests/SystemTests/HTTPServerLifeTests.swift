import Foundation
import MartletHTTPServer
import Synchronization
import Testing

@Suite("HTTP server, start and stop")
struct HTTPServerLifeTests {
    private func threadCount() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
    }

    private func run(_ program: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test func `tells who has taken the port`() throws {
        let first = try HTTPServer(HTTPServer.Configuration()) { _ in .text("") }
        let error = #expect(throws: HTTPServerError.self) {
            _ = try HTTPServer(HTTPServer.Configuration(port: first.port)) { _ in .text("") }
        }
        guard case .portTaken(let host, let port, let name) = error else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
        #expect(host == "127.0.0.1")
        #expect(port == first.port)
        #expect(name?.hasSuffix("(process \(ProcessInfo.processInfo.processIdentifier))") == true, "\(name ?? "nil")")
        #expect(error?.description.hasPrefix("cannot listen on 127.0.0.1:\(port): the port is taken by ") == true)
    }

    @Test(arguments: ["127.0.0.1", "::1", "localhost", "0.0.0.0", "::"])
    func `listens on many kinds of address`(host: String) throws {
        let server = try HTTPServer(HTTPServer.Configuration(host: host)) { .text($0.remoteAddress) }
        #expect(server.port > 0)
        guard host != "::1" else { return }
        if host == "localhost", (try? RawConnection(port: server.port)) == nil { return }
        let connection = try RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(connection.readAnswer()?.body == "127.0.0.1")
    }

    @Test(arguments: [
        ("no.such.host.invalid", 0, "cannot listen on no.such.host.invalid:0: "),
        ("192.0.2.1", 0, "cannot listen on 192.0.2.1:0: cannot assign requested address"),
        ("127.0.0.1", 70000, "cannot listen on 127.0.0.1:70000: a port is a number from 0 to 65535"),
    ])
    func `tells why it cannot listen`(host: String, port: Int, message: String) {
        let error = #expect(throws: HTTPServerError.self) {
            _ = try HTTPServer(HTTPServer.Configuration(host: host, port: port)) { _ in .text("") }
        }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test func `tells what is wrong with a certificate`() {
        var configuration = HTTPServer.Configuration()
        configuration.tls = .init(certificateFile: "/nowhere/cert.pem", keyFile: "/nowhere/key.pem")
        let error = #expect(throws: HTTPServerError.self) { _ = try HTTPServer(configuration) { _ in .text("") } }
        #expect(
            error
                == .badCertificate("cannot read /nowhere/cert.pem; it has to be a PEM file that this user may read")
        )
        configuration.tls = .init(certificateFile: "/etc/hostname", keyFile: "/etc/hostname")
        let second = #expect(throws: HTTPServerError.self) { _ = try HTTPServer(configuration) { _ in .text("") } }
        #expect(second == .badCertificate("cannot use certificate /etc/hostname with key /etc/hostname"))
    }

    @Test func `drains requests in progress and refuses new connections`() throws {
        let started = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let server = try HTTPServer(HTTPServer.Configuration()) { _ in
            started.signal()
            gate.wait()
            return .text("done")
        }
        let idle = try RawConnection(port: server.port)
        idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        started.wait()
        gate.signal()
        #expect(idle.readAnswer()?.status == 200)
        let busy = try RawConnection(port: server.port)
        busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        started.wait()
        let stopped = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            server.stop(drain: .seconds(30))
            stopped.signal()
        }
        #expect(idle.waitForEnd())
        #expect(eventually { (try? RawConnection(port: server.port)) == nil })
        gate.signal()
        let answer = busy.readAnswer()
        #expect(answer?.body == "done")
        #expect(answer?.headers["connection"]?.lowercased() == "close")
        stopped.wait()
        server.stop(drain: .seconds(30))
    }

    @Test func `closes what is not done by the deadline`() throws {
        let ended = Mutex(false)
        let server = try HTTPServer(HTTPServer.Configuration()) { request in
            _ = eventually { request.isCancelled() }
            ended.withLock { $0 = true }
            return .text("never seen")
        }
        let connection = try RawConnection(port: server.port)
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(eventually { server.statistics.workersBusy == 1 })
        server.stop(drain: .milliseconds(10))
        #expect(connection.readAnswer() == nil)
        #expect(ended.withLock { $0 })
    }

    @Test func `stops under load`() throws {
        let requests = "GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
        for round in 0..<5 {
            let server = try HTTPServer(HTTPServer.Configuration()) { .text("\($0.path)") }
            let port = server.port
            let clients = DispatchGroup()
            for _ in 0..<8 {
                clients.enter()
                Thread.detachNewThread {
                    while let connection = try? RawConnection(port: port) {
                        connection.send(requests)
                        while connection.readAnswer() != nil { connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }
                    }
                    clients.leave()
                }
            }
            #expect(eventually { server.statistics.requestsAnswered > 8 })
            server.stop(drain: .milliseconds(round * 20))
            clients.wait()
            #expect(server.statistics.connectionsOpen == 0)
        }
    }

    @Test func `leaves no descriptor open`() throws {
        for _ in 0..<3 {
            let server = try HTTPServer(HTTPServer.Configuration()) { _ in .text("") }
            let connection = try RawConnection(port: server.port)
            connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(connection.readAnswer()?.status == 200)
            let port = server.port
            server.stop(drain: .zero)
            let again = try HTTPServer(HTTPServer.Configuration(port: port)) { _ in .text("") }
            again.stop(drain: .zero)
        }
    }

    @Test func `speaks TLS`() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (key, certificate) = (directory.path + "/key.pem", directory.path + "/cert.pem")
        let status = try run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            ]
        )
        #expect(status == 0)
        var configuration = HTTPServer.Configuration()
        configuration.tls = .init(certificateFile: certificate, keyFile: key)
        let server = try HTTPServer(configuration) { .text("secret \($0.path)") }
        let output = directory.path + "/out"
        let curl = try run(
            "/usr/bin/curl",
            [
                "-s", "--cacert", certificate, "--resolve", "localhost:\(server.port):127.0.0.1", "-o", output,
                "https://localhost:\(server.port)/x",
            ]
        )
        #expect(curl == 0)
        #expect(try String(contentsOfFile: output, encoding: .utf8) == "secret /x")
        let plain = try RawConnection(port: server.port)
        plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(plain.readAnswer() == nil)
    }
}
