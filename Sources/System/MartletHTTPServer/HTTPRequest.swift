/// A request as the server's handler sees it: complete, its body within the limit and decoded from `Content-Encoding`
/// only if the handler does so.
public struct HTTPRequest: Sendable {
    /// The method as sent, such as `GET`; the server shows `HEAD` as `GET` and keeps the answer's body to itself.
    public var method: String

    /// The path with percent escapes decoded, such as `/api/v1/label/job/values`; the query is not part of it.
    public var path: String

    /// The path as sent, percent escapes and all; for routes whose segments may hold an escaped slash.
    public var rawPath: String

    /// The query parameters, decoded, in the order sent; a name may come more than once.
    public var query: [(name: String, value: String)]

    /// The header fields.
    public var headers: HTTPHeaders

    /// The body as sent; empty where there is none.
    public var body: [UInt8]

    /// The client's address, such as `127.0.0.1`.
    public var remoteAddress: String

    /// Whether the client has left, so that nobody waits for the answer; a long query asks now and then.
    ///
    /// It costs a system call, so ask a few times a second rather than a few times a microsecond. A client that has
    /// closed its sending half counts as gone, as with most servers.
    public var isCancelled: @Sendable () -> Bool = { false }

    /// Creates a request.
    public init(
        method: String,
        path: String,
        rawPath: String? = nil,
        query: [(name: String, value: String)] = [],
        headers: HTTPHeaders = HTTPHeaders(),
        body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1"
    ) {
        self.method = method
        self.path = path
        self.rawPath = rawPath ?? path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The parameters of the query and, for a form body (`application/x-www-form-urlencoded`), of the body after them.
    public var parameters: [(name: String, value: String)] {
        guard let type = headers["content-type"], type.hasPrefix("application/x-www-form-urlencoded") else {
            return query
        }
        return query + FormEncoding.decode(String(decoding: body, as: UTF8.self))
    }
}
