import MartletHTTPServer
import Synchronization

/// A server in the test's own process that keeps what it is sent and answers as the test says.
final class Sink: Sendable {
    private let requests = Mutex<[HTTPRequest]>([])
    private let server: Mutex<HTTPServer?> = Mutex(nil)
    private let listening = Mutex(0)

    /// Starts on a port of the system's choice.
    init(_ answer: @escaping HTTPHandler = { _ in HTTPResponse(status: 200) }) throws {
        var configuration = HTTPServer.Configuration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        let server = try HTTPServer(configuration) { [self] request in
            requests.withLock { $0.append(request) }
            return answer(request)
        }
        listening.withLock { $0 = server.port }
        self.server.withLock { $0 = server }
    }

    deinit {
        server.withLock { $0?.stop(drain: .zero) }
    }

    var port: Int { listening.withLock { $0 } }

    /// Everything received so far.
    var received: [HTTPRequest] { requests.withLock { $0 } }

    /// Counts calls from zero.
    final class Counter: Sendable {
        private let count = Mutex(0)

        /// How often this was called before.
        func next() -> Int {
            count.withLock { count in
                defer { count += 1 }
                return count
            }
        }
    }
}
