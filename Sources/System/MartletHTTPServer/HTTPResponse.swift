/// What a handler answers.
public struct HTTPResponse: Sendable {
    /// The answer's body.
    public enum Body: Sendable {
        /// All of it, sent with `Content-Length`.
        case bytes([UInt8])
        /// Bytes that never change while the program runs, sent without a copy; for embedded assets.
        case `static`(StaticBytes)
        /// Chunks as they come: the closure gives the next one, or `nil` at the end. It runs on a worker thread.
        case chunks(@Sendable () throws -> [UInt8]?)
        /// Server-sent events, pushed from elsewhere until either side closes.
        case events(EventStream)
    }

    /// The status code, such as 200.
    public var status: Int

    /// The header fields; `Content-Length`, `Date` and `Connection` are the server's.
    public var headers: HTTPHeaders

    /// The body.
    public var body: Body

    /// Creates an answer.
    public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer of text.
    public static func text(
        _ text: String,
        status: Int = 200,
        contentType: String = "text/plain; charset=utf-8"
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": contentType], body: .bytes(Array(text.utf8)))
    }

    /// An answer of JSON text.
    public static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: .bytes(bytes))
    }
}

/// Answers requests; called on the listener's worker threads, several at a time.
public typealias HTTPHandler = @Sendable (HTTPRequest) -> HTTPResponse
