import FoundationEssentials
import MartletConfiguration
import MartletHTTPClient
import MartletServer
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// `martlet demo`: a server, a small service, load, and alerts that fire.
enum DemoVerb: Verb {
    static let syntax = Syntax(
        words: ["demo"],
        summary: "Run a server on a temporary directory with a small service under load and alerts that fire.",
        options: [
            .init(name: "--listen", value: "HOST:PORT", help: "main listener (default 127.0.0.1:9090)"),
            .init(name: "--seed", value: "N", help: "what chance is derived from (default 1)"),
        ],
        discussion: "It prints each notification that the service receives. Ctrl-C ends it and removes the directory."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let signals = Signals(SIGTERM, SIGINT)
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-demo-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shop = try Shop(seed: UInt64(try arguments.integer("--seed") ?? 1), tellNotification: tell)
        defer { shop.close() }
        let configuration = folder.appending(path: "martlet.yml")
        try Data(DemoFiles.configuration(port: shop.port).utf8).write(to: configuration)
        try Data(DemoFiles.rules.utf8).write(to: folder.appending(path: "rules.yml"))

        var options = Server.Options()
        options.configurationFile = configuration.path
        options.dataDirectory = folder.appending(path: "data").path
        options.healthListen = .off
        options.otlpListen = .off
        options.grpcListen = .off
        if let text = arguments["--listen"] {
            guard let address = ListenAddress(text) else {
                throw UsageError("--listen needs HOST:PORT, such as 127.0.0.1:9090; got \"\(text)\"", syntax: syntax)
            }
            options.listen = address
        }
        let load = Task { await visit(shop.port) }
        defer { load.cancel() }
        return try await ServeVerb.run(Server(options, logger: ServeVerb.logger(arguments)), signals)
    }

    /// Twenty visits a second, one after the other; every fifth buys.
    private static func visit(_ port: Int) async {
        guard let client = try? HTTPClient() else { return }
        var count = 0
        while !Task.isCancelled {
            count += 1
            let page = count % 5 == 0 ? "checkout" : "items"
            _ = try? await client.send(OutgoingRequest(url: "http://127.0.0.1:\(port)/\(page)"))
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Prints a notification in a line: its state, its alert, what it says.
    private static func tell(_ body: String) {
        guard let notification = Answer(Array(body.utf8)) else { return }
        for alert in notification["alerts"].elements {
            let state = alert["status"].text == "firing" ? "firing  " : "resolved"
            let summary = alert["annotations"]["summary"].text
            Terminal.print("notification: \(state) \(alert["labels"]["alertname"].text): \(summary)\n")
        }
    }
}
