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
        let address: ListenAddress?
        let isNamed: Bool
        switch options.healthListen {
        case .off: (address, isNamed) = (nil, true)
        case .address(let named): (address, isNamed) = (named, true)
        case .standard:
            (address, isNamed) = (configuration.server.healthListen, configuration.server.isHealthListenNamed)
        }
        guard let address else { return nil }
        try refuseUnprotected(address, options, configuration)
        do {
            return try listener("health", address, configuration, context, workers: 2)
        } catch {
            guard !isNamed else { throw ServerError("\(error); choose another port with --health-listen") }
            context.logger.warn(
                "the health listener is off: its default port is taken",
                ["error": .string(String(describing: error)), "remedy": "name another with --health-listen, or none"]
            )
            return nil
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
        let address: ListenAddress?
        let isNamed: Bool
        switch options.otlpListen {
        case .off: (address, isNamed) = (nil, true)
        case .address(let named): (address, isNamed) = (named, true)
        case .standard:
            (address, isNamed) = (configuration.server.otlpListen, configuration.server.isOTLPListenNamed)
        }
        guard let address else { return nil }
        try refuseUnprotected(address, options, configuration)
        do {
            return try listener("otlp", address, configuration, context, workers: 2)
        } catch {
            guard !isNamed else { throw ServerError("\(error); choose another port with --otlp-http-listen") }
            context.logger.warn(
                "the listener for OTLP/HTTP is off: its default port is taken",
                [
                    "error": .string(String(describing: error)),
                    "remedy": "name another with --otlp-http-listen, or none",
                ]
            )
            return nil
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
        let address: ListenAddress?
        let isNamed: Bool
        switch options.grpcListen {
        case .off: (address, isNamed) = (nil, true)
        case .address(let named): (address, isNamed) = (named, true)
        case .standard:
            (address, isNamed) = (configuration.server.grpcListen, configuration.server.isGRPCListenNamed)
        }
        guard let address else { return nil }
        try refuseUnprotected(address, options, configuration)
        guard configuration.server.tls == nil || address.isLoopback else {
            throw ServerError(
                "OTLP/gRPC is served without TLS only, and \(address) can be reached from other machines; "
                    + "set otlp_grpc_listen to none or to loopback, and send OTLP/HTTP"
            )
        }
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
        do {
            let server = try GRPCServer(
                settings,
                methods: context.calls.methods,
                logger: context.logger.named("grpc")
            )
            let actual = ListenAddress(host: address.host, port: server.port)
            return Listener(name: "otlp-grpc", server: server, url: "http://\(actual)")
        } catch {
            guard !isNamed else { throw ServerError("\(error); choose another port with --otlp-grpc-listen") }
            context.logger.warn(
                "the listener for OTLP/gRPC is off: its default port is taken",
                [
                    "error": .string(String(describing: error)),
                    "remedy": "name another with --otlp-grpc-listen, or none",
                ]
            )
            return nil
        }
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
