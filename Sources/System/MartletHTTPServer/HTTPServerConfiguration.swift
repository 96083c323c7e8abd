extension HTTPServer {
    /// What a server listens on and how much it lets clients do.
    public struct Configuration: Sendable {
        /// Where the certificate and its key are, PEM files both.
        public struct TLS: Sendable, Hashable {
            /// The certificate, with those between it and the authority after it.
            public var certificateFile: String
            /// The private key, without a password.
            public var keyFile: String

            /// Names the two files.
            public init(certificateFile: String, keyFile: String) {
                self.certificateFile = certificateFile
                self.keyFile = keyFile
            }
        }

        /// Which listener this is, in logs.
        public var name = "http"

        /// The address to listen on: a name, an IPv4 or an IPv6 address; `0.0.0.0` and `::` stand for all.
        public var host = "127.0.0.1"

        /// The port; 0 lets the system choose.
        public var port = 0

        /// How many threads move bytes; they never run a handler unless ``workerThreads`` is 0.
        public var eventThreads = 2

        /// How many threads run handlers; with 0 the event threads do, for handlers that never wait.
        public var workerThreads = 8

        /// How many requests may wait for a worker; those beyond are answered 503.
        public var queuedRequestsMax = 256

        /// How many connections are served; some beyond are answered 503, the rest closed at once.
        ///
        /// Event threads that accept at the same moment may each let one more in.
        public var connectionsMax = 1024

        /// How many connections one address may have; `nil` for as many as there are.
        public var perAddressConnectionsMax: Int?

        /// The request line and the header together, in bytes; more is answered 431.
        public var headerBytesMax = 32 << 10

        /// The URL, in bytes; a longer one is answered 414.
        public var urlBytesMax = 8 << 10

        /// The body as sent, in bytes; a larger one is answered 413.
        public var bodyBytesMax = 16 << 20

        /// Another limit than ``bodyBytesMax`` for some requests, by method and path.
        public var bodyLimit: (@Sendable (_ method: String, _ path: String) -> Int)?

        /// All the bodies that are held at one time, in bytes; a request beyond is answered 503.
        public var bodyBytesInFlightMax = 256 << 20

        /// How long a client may take from the connection, or from the request line, to the end of the header.
        public var headerDeadline: Duration = .seconds(10)

        /// How long a client may take to send a body.
        public var bodyDeadline: Duration = .seconds(60)

        /// How long a client may take to receive an answer, or the next part of one made in parts.
        public var writeDeadline: Duration = .seconds(120)

        /// How long a connection may wait for its next request.
        public var idleTimeout: Duration = .seconds(60)

        /// How often a comment is sent to clients of an ``EventStream`` that has nothing to say.
        public var heartbeatInterval: Duration = .seconds(15)

        /// What a client is told that speaks HTTP/2 from the start, as gRPC's do; `nil` for HTTP/1's status 505 alone.
        public var http2Message: String?

        /// Where the certificate is; `nil` for plain HTTP.
        public var tls: TLS?

        /// Creates the configuration of a plain listener on a loopback port that the system chooses.
        public init(host: String = "127.0.0.1", port: Int = 0) {
            self.host = host
            self.port = port
        }
    }
}
