import MartletConfiguration
import MartletLogging
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
                name: "--enable-admin-api",
                help: "serve POST /api/v1/admin/…: delete series, make snapshots, seal the store"
            ),
            .init(name: "--enable-lifecycle", help: "serve POST /-/reload and /-/quit"),
            .init(name: "--log-level", value: "LEVEL", help: "trace, debug, info (default), warn, error or critical"),
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
        for await signal in signals.stream {
            guard signal == SIGHUP else {
                break
            }
            await server.reload()
        }
        stop.cancel()
        await server.stop()
        return .success
    }

    private static func greeting(_ server: Server) -> String {
        var text = "Martlet \(Version.current) is ready\n  web page  \(server.url)\n"
        if let health = server.healthURL { text += "  health    \(health)/health\n" }
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
        options.allowsInsecureListen = arguments.has("--insecure-listen")
        options.enablesAdminAPI = arguments.has("--enable-admin-api")
        options.enablesLifecycle = arguments.has("--enable-lifecycle")
        options.externalURL = arguments["--external-url"]
        if let delay = try arguments.duration("--alert-resend-delay") {
            options.alertResendDelay = .milliseconds(delay)
        }
        return options
    }

    private static func address(_ name: String, _ arguments: Arguments) throws(UsageError) -> ListenAddress? {
        guard let text = arguments[name] else { return nil }
        guard let address = ListenAddress(text) else {
            throw UsageError("\(name) needs HOST:PORT, such as 127.0.0.1:9090; got \"\(text)\"", syntax: syntax)
        }
        return address
    }

    static func logger(_ arguments: Arguments) throws -> Logger {
        var level = LogLevel.info
        if let text = arguments["--log-level"] {
            guard let known = LogLevel(name: text) else {
                let words = LogLevel.allCases.map(\.name).joined(separator: ", ")
                throw UsageError("--log-level takes \(words); got \"\(text)\"", syntax: syntax)
            }
            level = known
        }
        let format = try arguments.choice("--log-format", of: LogLineFormat.self) ?? .text
        return Logger("server", minimumLevel: level, sink: StandardErrorSink(format: format))
    }
}
