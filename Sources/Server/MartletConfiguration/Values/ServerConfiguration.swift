/// How this server is reached: the `server` section.
public struct ServerConfiguration: Equatable, Sendable {
    /// The main listener (`listen`, default 127.0.0.1:9090); `nil` for none.
    public var listen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 9090)

    /// The listener for OTLP/HTTP (`otlp_http_listen`, default 127.0.0.1:4318); `nil` for none.
    public var otlpListen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 4318)

    /// Whether the file names the listener for OTLP/HTTP, so that a taken port is fatal.
    public var isOTLPListenNamed = false

    /// The listener for OTLP/gRPC (`otlp_grpc_listen`, default 127.0.0.1:4317); `nil` for none.
    public var grpcListen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 4317)

    /// Whether the file names the listener for OTLP/gRPC, so that a taken port is fatal.
    public var isGRPCListenNamed = false

    /// The listener for health (`health_listen`, default 127.0.0.1:8080); `nil` for none.
    public var healthListen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8080)

    /// Whether the file names the main listener.
    public var isListenNamed = false

    /// Whether the file names the health listener, which makes a taken port fatal.
    public var isHealthListenNamed = false

    /// Whether listening beyond loopback without authentication is wanted (`insecure_listen`).
    public var allowsInsecureListen = false

    /// Whether the JSON API under `/api/v1` and `/metrics/json` are served (`json_api_enabled`, default true).
    public var isJSONAPIEnabled = true

    /// Whether `/metrics` and `/federate` are served for Prometheus to scrape (`prometheus_enabled`, default true).
    public var isPrometheusEnabled = true

    /// How TLS is served; `nil` for plain HTTP.
    public var tls: ServerTLS?

    /// The address under which people reach this server (`external_url`).
    public var externalURL: String?

    /// What requests may cost at most.
    public var limits = ServerLimits()

    /// Addresses or networks that notifications may go to although they are private (`notification_allowlist`).
    public var notificationAllowlist: [String] = []

    /// Creates the defaults.
    public init() {}
}

/// How TLS is served: `server.tls`.
public struct ServerTLS: Hashable, Sendable {
    /// The certificate, a PEM file (`cert_file`).
    public var certificateFile: String

    /// Its key, a PEM file (`key_file`).
    public var keyFile: String

    /// The authorities whose clients are let in, a PEM file (`client_ca_file`); `nil` asks for no certificate.
    public var clientAuthorityFile: String?
}

/// What requests may cost at most: `server.limits`.
public struct ServerLimits: Hashable, Sendable {
    /// How many connections at once (`connections`, default 4096).
    public var connections = 4096

    /// The largest header in bytes (`header_bytes`, default 64KiB).
    public var headerBytes = 64 << 10

    /// The largest body in bytes, decompressed (`body_bytes`, default 64MiB).
    public var bodyBytes = 64 << 20

    /// How long a client may take to send its header (`header_timeout`, default 10s).
    public var headerTimeout: Duration = .seconds(10)

    /// How long a client may take to send its body (`body_timeout`, default 1m).
    public var bodyTimeout: Duration = .seconds(60)

    /// How long a query may take (`query_timeout`, default 2m).
    public var queryTimeout: Duration = .seconds(120)

    /// How many queries run at once (`query_concurrency`, default 20).
    public var queryConcurrency = 20

    /// How many samples a query may load (`query_samples`, default 50,000,000).
    public var querySamples = 50_000_000

    /// Creates the defaults.
    public init() {}
}
