import CMartletHost
import MartletConfiguration
import MartletCore
import MartletLogging
import MartletPromQL
import MartletServer
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// `martlet serve`: runs the server until it is told to stop.
enum ServeVerb: Verb {
    static let syntax = Syntax(
        words: ["serve"],
        summary: "Run the server. Without options it needs no configuration and shows this host.",
        options: [
            .init(
                name: "--config",
                value: "FILE",
                help: "configuration, in Prometheus' and Alertmanager's keys and our own"
            ),
            .init(name: "--data-dir", value: "DIR", help: "where data is kept (default ./martlet-data)"),
            .init(
                name: "--listen",
                value: "HOST:PORT",
                help: "main listener: page, APIs, metrics (default 127.0.0.1:9090)"
            ),
            .init(
                name: "--health-listen",
                value: "HOST:PORT",
                help: "health listener on threads of its own (default 127.0.0.1:8080), or none"
            ),
            .init(
                name: "--otlp-http-listen",
                value: "HOST:PORT",
                help: "listener for OTLP over HTTP (default 127.0.0.1:4318), or none"
            ),
            .init(
                name: "--otlp-grpc-listen",
                value: "HOST:PORT",
                help: "listener for OTLP over gRPC, without TLS (default 127.0.0.1:4317), or none"
            ),
            .init(
                name: "--insecure-listen",
                help: "allow addresses beyond loopback although nobody is asked who they are"
            ),
            .init(
                name: "--external-url",
                value: "URL",
                help: "how browsers reach the server, for links in notifications"
            ),
            .init(
                name: "--alert-resend-delay",
                value: "DURATION",
                help: "how long before a firing alert is told to the receivers' groups again (default 1m)"
            ),
            .init(
                name: "--enable-feature",
                value: "NAME,…",
                help: "parts of PromQL beyond the stable language: "
                    + "promql-experimental-functions, promql-duration-expr, promql-extended-range-selectors, "
                    + "promql-binop-fill-modifiers, promql-delayed-name-removal, promql-use-start-timestamps, "
                    + "type-and-unit-labels; and created-timestamp-zero-ingestion"
            ),
            .init(
                name: "--slow-query",
                value: "DURATION",
                help: "log queries that take this long or longer (default 1s)"
            ),
            .init(
                name: "--enable-admin-api",
                help: "serve POST /api/v1/admin/…: delete series, make snapshots, seal the store"
            ),
            .init(name: "--enable-lifecycle", help: "serve POST /-/reload and /-/quit"),
            .init(
                name: "--log-level",
                value: "FILTER",
                help: "trace, debug, info (default), warn, error or critical, and levels of parts: info,scrape=debug; "
                    + "MARTLET_LOG sets it too"
            ),
            .init(
                name: "--log-format",
                value: "FORMAT",
                help: "text (default) or json, one line an event, on standard error"
            ),
        ],
        discussion: """
            It prints its addresses when it is ready. SIGHUP reloads the configuration; a bad one is told and the
            running one kept. SIGTERM and SIGINT drain, flush and exit with 0.
            """
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let signals = Signals(SIGTERM, SIGINT, SIGHUP)
        martlet_settle_heap()
        let server = try Server(options(arguments), logger: logger(arguments))
        return try await run(server, signals)
    }

    /// Starts a server, prints where it is, and serves until a signal or a request says stop.
    static func run(_ server: Server, _ signals: Signals) async throws -> ExitStatus {
        try await server.start()
        Terminal.print(greeting(server))
        let stop = Task {
            for await _ in server.quitRequests { kill(getpid(), SIGTERM) }
        }
        let memory = Task { await IdleMemory.keepReleasing() }
        for await signal in signals.stream {
            guard signal == SIGHUP else {
                break
            }
            await server.reload()
        }
        stop.cancel()
        memory.cancel()
        await server.stop()
        return .success
    }

    private static func greeting(_ server: Server) -> String {
        var text = "Martlet \(Version.current) is ready\n  web page  \(server.url)\n"
        if let health = server.healthURL { text += "  health    \(health)/health\n" }
        if let otlp = server.otlpURL { text += "  otlp      \(otlp)\n" }
        if let grpc = server.grpcURL { text += "  grpc      \(grpc)\n" }
        if let jaeger = server.jaegerAgentAddress { text += "  jaeger    udp://\(jaeger)\n" }
        return text + "  data      \(server.dataDirectory), kept for \(server.retentionText)\n"
    }

    private static func options(_ arguments: Arguments) throws -> Server.Options {
        var options = Server.Options()
        options.configurationFile = arguments["--config"]
        options.dataDirectory = arguments["--data-dir"] ?? options.dataDirectory
        options.listen = try address("--listen", arguments)
        if arguments["--health-listen"] == "none" {
            options.healthListen = .off
        } else if let address = try address("--health-listen", arguments) {
            options.healthListen = .address(address)
        }
        if arguments["--otlp-http-listen"] == "none" {
            options.otlpListen = .off
        } else if let address = try address("--otlp-http-listen", arguments) {
            options.otlpListen = .address(address)
        }
        if arguments["--otlp-grpc-listen"] == "none" {
            options.grpcListen = .off
        } else if let address = try address("--otlp-grpc-listen", arguments) {
            options.grpcListen = .address(address)
        }
        options.allowsInsecureListen = arguments.has("--insecure-listen")
        options.enablesAdminAPI = arguments.has("--enable-admin-api")
        options.enablesLifecycle = arguments.has("--enable-lifecycle")
        options.externalURL = arguments["--external-url"]
        options.features = try features(arguments)
        options.storesZerosOfBeginnings = arguments.all("--enable-feature")
            .contains { $0.split(separator: ",").contains { $0 == zerosOfBeginnings } }
        if let slow = try arguments.duration("--slow-query") { options.slowQuery = .milliseconds(slow) }
        if let delay = try arguments.duration("--alert-resend-delay") {
            options.alertResendDelay = .milliseconds(delay)
        }
        return options
    }

    /// The features named, as Prometheus names them; those that it has and are always on here are taken and ignored.
    private static func features(_ arguments: Arguments) throws(UsageError) -> PromQLFeatures {
        let names = arguments.all("--enable-feature").flatMap { $0.split(separator: ",").map(String.init) }
        var features: PromQLFeatures = []
        for name in names where !alwaysOn.contains(name) && name != zerosOfBeginnings {
            guard let found = PromQLFeatures.named.first(where: { $0.name == name }) else {
                let nearest = Suggestion.closest(
                    to: name,
                    among: PromQLFeatures.named.map(\.name) + [zerosOfBeginnings]
                )
                throw UsageError("unknown feature \"\(name)\"" + UsageError.hint(nearest), syntax: syntax)
            }
            features.insert(found.feature)
        }
        return features
    }

    private static let zerosOfBeginnings = "created-timestamp-zero-ingestion"

    private static let alwaysOn: Set<String> = [
        "exemplar-storage", "native-histograms", "concurrent-rule-eval", "extra-scrape-metrics",
        "remote-write-receiver",
        "otlp-write-receiver", "promql-per-step-stats", "metadata-wal-records", "auto-gomaxprocs", "auto-gomemlimit",
        "use-uncached-io", "memory-snapshot-on-shutdown",
    ]

    private static func address(_ name: String, _ arguments: Arguments) throws(UsageError) -> ListenAddress? {
        guard let text = arguments[name] else { return nil }
        guard let address = ListenAddress(text) else {
            throw UsageError("\(name) needs HOST:PORT, such as 127.0.0.1:9090; got \"\(text)\"", syntax: syntax)
        }
        return address
    }

    static func logger(_ arguments: Arguments) throws -> Logger {
        let filter: LogFilter
        do throws(LogFilterError) {
            let text = arguments["--log-level"] ?? Environment["MARTLET_LOG"] ?? ""
            filter = try LogFilter(parsing: text)
        } catch {
            throw UsageError("--log-level, or MARTLET_LOG: \(error)", syntax: syntax)
        }
        let format = try arguments.choice("--log-format", of: LogLineFormat.self) ?? .text
        let pipeline = LogPipeline(sink: StandardErrorSink(format: format), levels: LogLevels(filter))
        return pipeline.logger("server")
    }
}
