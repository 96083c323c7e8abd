/// Another server's answer.
public struct IncomingResponse: Sendable {
    /// The status code.
    public var status: Int

    /// The header fields of the last answer, names in lower case.
    public var headers: [(name: String, value: String)]

    /// The body, decompressed.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a field, its name in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// Sends requests; ``HTTPClient`` does, and so can a test's double.
public protocol HTTPSending: Sendable {
    /// Sends a request and gives the whole answer, whatever its status.
    ///
    /// - Throws: ``HTTPClientError``. Cancelling the task ends the exchange.
    func send(_ request: OutgoingRequest) async throws(HTTPClientError) -> IncomingResponse
}

/// Why there is no answer.
public enum HTTPClientError: Error, Hashable, CustomStringConvertible {
    /// The address is not a usable `http` or `https` URL.
    case badURL(String)
    /// No connection, a broken one or a TLS failure; the message says which and why.
    case connection(String)
    /// The time was up.
    case timeout(String)
    /// The body is larger than allowed, as sent or once decompressed.
    case bodyTooLarge(limit: Int)
    /// The body's compression is damaged.
    case badEncoding(String)
    /// The caller's task was cancelled or the client closed.
    case cancelled

    /// The message, for people.
    public var description: String {
        switch self {
        case .badURL(let message), .connection(let message), .timeout(let message), .badEncoding(let message): message
        case .bodyTooLarge(let limit): "body exceeds the limit of \(limit) bytes"
        case .cancelled: "the request was cancelled"
        }
    }
}
