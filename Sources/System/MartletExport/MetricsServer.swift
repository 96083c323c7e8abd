import MartletCompression
import MartletCore
import MartletExposition
public import MartletHTTPServer
public import MartletHealth
public import MartletLogging
public import MartletMetrics

/// Serves a service's metrics and health over HTTP, for services that have no server of their own.
///
/// ```swift
/// let server = try MetricsServer(port: 9464)
/// ```
///
/// It answers `GET /metrics` in the format that the scraper prefers (Prometheus text, OpenMetrics or protobuf),
/// `GET /metrics/json` (`?shape=collectors` for the map by collector) and `GET /health`, with gzip where it is accepted.
/// It has threads of its own, so that it answers while the service is busy, and writes answers piece by piece: a scraper
/// that goes away half-way costs no more than it has read. It listens on loopback unless told otherwise.
public final class MetricsServer: Sendable {
    /// What is served and how.
    public struct Options: Sendable {
        /// Where to listen, and the limits; at most 32 connections unless changed.
        public var http: HTTPServer.Configuration

        /// How the service is; called at each `/health`.
        public var health: @Sendable () -> ServiceHealth

        /// Whose report `/health` tells instead, each check with its state; it runs by itself, or nothing changes.
        public var monitor: HealthMonitor?

        /// Which levels are logged: told by `GET /log-filter` and changed by `PUT /log-filter?filter=info,db=debug`; off where
        /// there are none.
        ///
        /// Whoever reaches the port may change them; the filter before is told to the server's logger at each change.
        public var levels: LogLevels?

        /// Whether OpenMetrics has `_created` samples.
        public var showsCreation = false

        /// What stands before all names, with an underscore after it; nothing where it is empty.
        public var namespace = ""

        /// Whether the name of the collector that brought a metric stands before its name.
        public var includesCollector = false

        /// Creates options for a loopback address.
        public init(
            port: Int = 0,
            host: String = "127.0.0.1",
            health: @escaping @Sendable () -> ServiceHealth = { .healthy },
            monitor: HealthMonitor? = nil
        ) {
            self.monitor = monitor
            http = HTTPServer.Configuration(host: host, port: port)
            http.name = "metrics"
            http.eventThreads = 1
            http.workerThreads = 2
            http.connectionsMax = 32
            http.queuedRequestsMax = 32
            http.bodyBytesMax = 1024
            self.health = health
        }
    }

    private let server: HTTPServer

    /// Starts to serve on a port.
    ///
    /// - Parameters:
    ///   - port: The port; 0 lets the system choose.
    ///   - host: The address; `0.0.0.0` and `::` stand for all.
    ///   - registry: What is served.
    ///   - logger: Where trouble is told.
    ///   - health: How the service is; called at each `/health`.
    /// - Throws: `HTTPServerError` where the port is taken or the address is none of this machine.
    public convenience init(
        port: Int,
        host: String = "127.0.0.1",
        registry: MetricRegistry = .default,
        logger: Logger = .silent,
        health: @escaping @Sendable () -> ServiceHealth = { .healthy }
    ) throws(HTTPServerError) {
        try self.init(Options(port: port, host: host, health: health), registry: registry, logger: logger)
    }

    /// Starts to serve on a port, with the checks of a monitor.
    ///
    /// ```swift
    /// let server = try MetricsServer(port: 9464, monitor: monitor)
    /// ```
    ///
    /// - Parameters:
    ///   - port: The port; 0 lets the system choose.
    ///   - host: The address; `0.0.0.0` and `::` stand for all.
    ///   - registry: What is served.
    ///   - logger: Where trouble is told.
    ///   - monitor: Whose report `/health` tells: what its last checks found, so that asking runs none.
    /// - Throws: `HTTPServerError` where the port is taken or the address is none of this machine.
    public convenience init(
        port: Int,
        host: String = "127.0.0.1",
        registry: MetricRegistry = .default,
        logger: Logger = .silent,
        monitor: HealthMonitor
    ) throws(HTTPServerError) {
        try self.init(Options(port: port, host: host, monitor: monitor), registry: registry, logger: logger)
    }

    /// Starts to serve with all there is to choose.
    ///
    /// - Parameters:
    ///   - options: What is served and how.
    ///   - registry: What is served.
    ///   - logger: Where trouble is told.
    /// - Throws: `HTTPServerError` where the port is taken or the address is none of this machine.
    public init(
        _ options: Options,
        registry: MetricRegistry = .default,
        logger: Logger = .silent
    ) throws(HTTPServerError) {
        let answers = MetricsAnswers(registry: registry, options: options, logger: logger)
        server = try HTTPServer(options.http, logger: logger) { answers.answer($0) }
    }

    /// The port listened on, also where it was left to the system.
    public var port: Int { server.port }

    /// What the server has done and is doing.
    public var statistics: HTTPServerStatistics { server.statistics }

    /// Ends the server; calling it again does nothing.
    ///
    /// - Parameter drain: How long requests in progress may take.
    public func stop(drain: Duration = .seconds(1)) {
        server.stop(drain: drain)
    }
}
