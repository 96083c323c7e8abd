/// A request to another server.
public struct OutgoingRequest: Sendable {
    /// How to show who asks.
    public enum Credentials: Sendable, Hashable {
        /// User name and password, sent as HTTP Basic.
        case basic(user: String, password: String)
        /// An `Authorization` header: a scheme such as `Bearer`, and what follows it.
        case authorization(scheme: String, credentials: String)
    }

    /// The method in capitals.
    public var method = "GET"

    /// The address, `http` or `https`.
    public var url: String

    /// The header fields, besides those that the client sets itself.
    public var headers: [(name: String, value: String)] = []

    /// The body; `nil` for none.
    public var body: [UInt8]?

    /// Who asks.
    public var credentials: Credentials?

    /// How a TLS connection is made; `nil` for the system's defaults.
    public var tls: TLSOptions?

    /// How long the whole exchange may take.
    public var timeout: Duration = .seconds(10)

    /// The largest body to accept, in bytes after decompression.
    public var bodyBytesMax = 64 << 20

    /// Whether the answer counts by its status alone: a body that is too large is cut, and one that is too slow is not
    /// waited for beyond the time-out, instead of failing.
    public var needsOnlyStatus = false

    /// Whether redirects are followed, five at most, to `http` and `https` only.
    public var followsRedirects = false

    /// Whether gzip is asked for; the body is always given decompressed.
    public var acceptsGzip = true

    /// A proxy's address; `nil` for a direct connection.
    ///
    /// The environment's proxies are never used.
    public var proxy: String?

    /// Which addresses may be connected to; `nil` for all.
    public var addresses: AddressPolicy?

    /// Creates a request.
    public init(_ method: String = "GET", url: String, body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.body = body
    }
}

/// How a TLS connection is made.
public struct TLSOptions: Sendable, Hashable {
    /// A file of certificate authorities in PEM form; `nil` for the system's.
    public var authorityFile: String?

    /// The client's certificate, a PEM file.
    public var certificateFile: String?

    /// The client's private key, a PEM file.
    public var keyFile: String?

    /// The name that the server's certificate must have; `nil` for the address' host.
    public var serverName: String?

    /// Whether any certificate is accepted.
    public var acceptsAnyCertificate = false

    /// Creates options that verify against the system's authorities.
    public init() {}
}
