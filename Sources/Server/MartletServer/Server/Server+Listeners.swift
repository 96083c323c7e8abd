import MartletConfiguration
import MartletCore
import MartletGRPC
import MartletHTTPServer
import MartletLogging

extension Server {
    /// Opens the main listener.
    ///
    /// - Throws: ``ServerError`` when the address is not allowed, taken or not this machine's.
    static func mainListener(
        _ options: Options,
        _ configuration: Configuration,
        _ context: ListenerContext
    ) throws(ServerError) -> Listener {
        let address = options.listen ?? configuration.server.listen ?? ListenAddress(host: "127.0.0.1", port: 9090)
        try refuseUnprotected(address, options, configuration)
        do {
            return try listener(
                "main",
                address,
                configuration,
                context,
                workers: max(4, configuration.server.limits.queryConcurrency)
            )
        } catch {
            throw ServerError("\(error); choose another port with --listen \(address.host):\(address.port + 1)")
        }
    }

    /// Opens the health listener, or gives `nil` where it is off or its default port is taken.
    ///
    /// - Throws: ``ServerError`` when an address that the user named cannot be listened on.
    static func healthListener(
        _ options: Options,
        _ configuration: Configuration,
        _ context: ListenerContext
    ) throws(ServerError) -> Listener? {
        let wanted = AdditionalListener(
            title: "the health listener",
            option: "--health-listen",
            choice: options.healthListen,
            configured: configuration.server.healthListen,
            isConfigured: configuration.server.isHealthListenNamed
        )
        return try open(wanted, options, configuration, context) { address in
            try listener("health", address, configuration, context, workers: 2)
        }
    }

    /// Opens the listener for OTLP/HTTP, or gives `nil` where it is off or its default port is taken.
    ///
    /// - Throws: ``ServerError`` when an address that the user named cannot be listened on.
    static func otlpListener(
        _ options: Options,
        _ configuration: Configuration,
        _ context: ListenerContext
    ) throws(ServerError) -> Listener? {
        let wanted = AdditionalListener(
            title: "the listener for OTLP/HTTP",
            option: "--otlp-http-listen",
            choice: options.otlpListen,
            configured: configuration.server.otlpListen,
            isConfigured: configuration.server.isOTLPListenNamed
        )
        return try open(wanted, options, configuration, context) { address in
            try listener("otlp", address, configuration, context, workers: 2)
        }
    }

    /// Opens the listener for OTLP/gRPC, or gives `nil` where it is off or its default port is taken.
    ///
    /// - Throws: ``ServerError`` when an address that the user named cannot be listened on.
    static func grpcListener(
        _ options: Options,
        _ configuration: Configuration,
        _ context: ListenerContext
    ) throws(ServerError) -> Listener? {
        let wanted = AdditionalListener(
            title: "the listener for OTLP/gRPC",
            option: "--otlp-grpc-listen",
            choice: options.grpcListen,
            configured: configuration.server.grpcListen,
            isConfigured: configuration.server.isGRPCListenNamed
        )
        return try open(wanted, options, configuration, context) { address in
            guard configuration.server.tls == nil || address.isLoopback else {
                throw ServerError(
                    "OTLP/gRPC is served without TLS only, and \(address) can be reached from other machines; "
                        + "set otlp_grpc_listen to none or to loopback, and send OTLP/HTTP"
                )
            }
            return try grpcListener(at: address, configuration, context)
        }
    }

    /// Starts a listener that need not be there; one whose address nobody named is left out when its port is taken.
    private static func open(
        _ wanted: AdditionalListener,
        _ options: Options,
        _ configuration: Configuration,
        _ context: ListenerContext,
        start: (ListenAddress) throws -> Listener
    ) throws(ServerError) -> Listener? {
        guard let address = wanted.address else { return nil }
        try refuseUnprotected(address, options, configuration)
        do {
            return try start(address)
        } catch let error as ServerError {
            throw error
        } catch {
            guard !wanted.isNamed else { throw ServerError("\(error); choose another port with \(wanted.option)") }
            context.logger.warn(
                "\(wanted.title) is off: its default port is taken",
                [
                    "error": .string(String(describing: error)),
                    "remedy": .string("name another with \(wanted.option), or none"),
                ]
            )
            return nil
        }
    }

    private static func grpcListener(
        at address: ListenAddress,
        _ configuration: Configuration,
        _ context: ListenerContext
    ) throws -> Listener {
        let limits = configuration.server.limits
        var settings = GRPCServer.Configuration(host: address.host, port: address.port)
        settings.name = "otlp-grpc"
        settings.connectionsMax = limits.connections
        settings.headerBytesMax = limits.headerBytes
        settings.messageBytesMax = limits.bodyBytes
        settings.prefaceDeadline = limits.headerTimeout
        settings.requestDeadline = limits.bodyTimeout
        settings.wrongProtocolMessage =
            "this port speaks OTLP/gRPC; send OTLP/HTTP to the port of --otlp-http-listen, 4318 by default"
        let server = try GRPCServer(settings, methods: context.calls, logger: context.logger.named("grpc"))
        return Listener(
            name: "otlp-grpc",
            server: server,
            url: "http://\(ListenAddress(host: address.host, port: server.port))"
        )
    }

    /// Opens the port for datagrams of Jaeger's clients where the configuration names one.
    ///
    /// - Throws: ``ServerError`` when it cannot be had.
    static func jaegerAgent(
        _ options: Options,
        _ configuration: Configuration,
        _ context: ListenerContext
    ) throws(ServerError) -> DatagramServer? {
        guard let address = configuration.traces.jaegerAgentListen else { return nil }
        try refuseUnprotected(address, options, configuration)
        let logger = context.logger.named("jaeger")
        let jaeger = context.jaeger
        do {
            return try DatagramServer(name: "jaeger-agent", host: address.host, port: address.port) {
                jaeger.receive(datagram: $0, from: $1, logger)
            }
        } catch {
            throw ServerError("\(error); choose another with traces.inputs.jaeger_agent_listen")
        }
    }

    private static func listener(
        _ name: String,
        _ address: ListenAddress,
        _ configuration: Configuration,
        _ context: ListenerContext,
        workers: Int
    ) throws(HTTPServerError) -> Listener {
        let limits = configuration.server.limits
        var settings = HTTPServer.Configuration(host: address.host, port: address.port)
        settings.name = name
        settings.eventThreads = 1
        settings.workerThreads = workers
        settings.connectionsMax = name == "health" ? 256 : limits.connections
        settings.headerBytesMax = limits.headerBytes
        settings.bodyBytesMax = name == "health" ? 1 << 20 : limits.bodyBytes
        settings.headerDeadline = limits.headerTimeout
        settings.bodyDeadline = limits.bodyTimeout
        settings.http2Message =
            "this port speaks HTTP/1.1; send gRPC to the port of --otlp-grpc-listen, 4317 by default"
        if let tls = configuration.server.tls, name != "health" {
            settings.tls = .init(certificateFile: tls.certificateFile, keyFile: tls.keyFile)
        }
        let router =
            switch name {
            case "health": context.healthRouter
            case "otlp": context.otlpRouter
            default: context.mainRouter
            }
        let front = Front(router: router, metrics: context.metrics, logger: context.logger.named("http"))
        let server = try HTTPServer(settings, logger: context.logger.named("http")) { front.answer($0) }
        let actual = ListenAddress(host: address.host, port: server.port)
        return Listener(name: name, server: server, url: "\(settings.tls == nil ? "http" : "https")://\(actual)")
    }

    /// Nobody is asked who they are yet, so only this machine may ask, unless the user insists.
    private static func refuseUnprotected(
        _ address: ListenAddress,
        _ options: Options,
        _ configuration: Configuration
    ) throws(ServerError) {
        if address.isLoopback || options.allowsInsecureListen || configuration.server.allowsInsecureListen { return }
        throw ServerError(
            "refusing to listen on \(address): anyone who reaches it could read and write everything; "
                + "listen on 127.0.0.1 behind a proxy that authenticates, or insist with --insecure-listen"
        )
    }
}
