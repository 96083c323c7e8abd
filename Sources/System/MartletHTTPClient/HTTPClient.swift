import CCurl
import Synchronization

/// Sends requests over HTTP/1.1, many at a time, on one thread of its own.
///
/// Connections are kept and used again. Only `http` and `https` are spoken, certificates are verified unless the request
/// says otherwise, and no message tells more of a URL than its host and port.
public final class HTTPClient: HTTPSending, Sendable {
    /// How much a client does at a time.
    public struct Configuration: Sendable {
        /// How many exchanges are in progress at most; more wait in a queue.
        public var concurrentMax = 128
        /// How many requests may wait; one beyond fails at once.
        public var queuedMax = 10_000
        /// How many connections are kept for the next request.
        public var idleConnectionsMax = 256
        /// What `User-Agent` says.
        public var userAgent = "Martlet/0.1.0"

        /// Creates the defaults: 128 exchanges, 10,000 waiting, 256 idle connections.
        public init() {}
    }

    private let loop: TransferLoop
    private let thread: Mutex<SystemThread?>

    /// libcurl wants to be started once a process, before anything else.
    private static let isStarted = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Creates a client and starts its thread.
    ///
    /// - Parameter configuration: How much it does at a time.
    /// - Throws: ``HTTPClientError/connection(_:)`` when the system has no memory or thread for it.
    public init(_ configuration: Configuration = Configuration()) throws(HTTPClientError) {
        guard Self.isStarted, let loop = TransferLoop(configuration) else {
            throw .connection("libcurl does not start: the system has no memory for it")
        }
        guard let thread = SystemThread({ loop.run() }) else {
            throw .connection("the system has no thread left for the HTTP client")
        }
        self.loop = loop
        self.thread = Mutex(thread)
    }

    deinit {
        close()
    }

    /// Sends a request and gives the whole answer, whatever its status.
    ///
    /// - Throws: ``HTTPClientError``. Cancelling the task ends the exchange with ``HTTPClientError/cancelled``.
    public func send(_ request: OutgoingRequest) async throws(HTTPClientError) -> IncomingResponse {
        try await run(try Transfer(request)).get()
    }

    /// Moves a transfer to its end.
    func run(_ transfer: Transfer) async -> Transfer.Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Transfer.Outcome, Never>) in
                transfer.finish = { continuation.resume(returning: $0) }
                loop.submit(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
    }

    /// Ends all exchanges with ``HTTPClientError/cancelled`` and then the thread; calling it again does nothing.
    public func close() {
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let thread else { return }
        loop.close()
        thread.join()
    }
}
