extension GRPCServer {
    /// What a server listens on and how much it lets clients do.
    public struct Configuration: Sendable {
        /// Which listener this is, in logs and thread names.
        public var name = "grpc"

        /// The address to listen on: a name, an IPv4 or an IPv6 address.
        public var host = "127.0.0.1"

        /// The port; 0 lets the system choose.
        public var port = 0

        /// How many threads run methods.
        public var workerThreads = 2

        /// How many calls may wait for a worker; those beyond get `UNAVAILABLE`.
        public var queuedCallsMax = 256

        /// How many connections are served; those beyond are closed at once.
        public var connectionsMax = 1024

        /// How many calls one connection may have open at a time; clients are told.
        public var streamsMax = 128

        /// The header fields of a call, in bytes, as HTTP/2 counts them; clients are told.
        public var headerBytesMax = 16 << 10

        /// A message, in bytes, as sent and decompressed; a larger one gets `RESOURCE_EXHAUSTED`.
        public var messageBytesMax = 16 << 20

        /// All messages that are held at one time, in bytes; a call beyond gets `UNAVAILABLE`.
        public var messageBytesInFlightMax = 256 << 20

        /// How many bytes of a call may be under way before the server has taken them up, HTTP/2's window.
        public var windowBytes = 1 << 20

        /// How many calls a client may abandon within a second before its connection is closed.
        public var resetsMax = 256

        /// How long a client may take from the connection to its first whole frame.
        public var prefaceDeadline: Duration = .seconds(10)

        /// How long a client may take to send a request.
        public var requestDeadline: Duration = .seconds(60)

        /// How long a client may leave an answer unread.
        public var writeDeadline: Duration = .seconds(60)

        /// How long a connection may be silent with no call open.
        public var idleTimeout: Duration = .seconds(300)

        /// What a client is told that does not speak HTTP/2, or HTTP/2 but not gRPC.
        public var wrongProtocolMessage = "this port speaks gRPC"

        /// Creates the configuration of a listener on a loopback port that the system chooses.
        public init(host: String = "127.0.0.1", port: Int = 0) {
            self.host = host
            self.port = port
        }
    }
}
