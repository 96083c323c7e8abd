import CMicrohttpd
public import MartletLogging
import Synchronization

/// An HTTP/1.1 listener with threads of its own.
///
/// Event threads move bytes and never wait; a bounded pool of workers runs the handler; one more thread closes
/// connections whose time is up. Two servers share nothing, so one of them answers while the other is flooded. What
/// exceeds a limit is refused with the status that HTTP has for it and counted in ``statistics``.
public final class HTTPServer: Sendable {
    private struct Running {
        var daemon: Daemon
        var reaper: Reaper
    }

    private let core: ServerCore
    private let running: Mutex<Running?>

    /// The port listened on, also where the configuration left it to the system.
    public let port: Int

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - configuration: Where to listen, and the limits.
    ///   - logger: Where trouble is told.
    ///   - handler: What answers; it is called on several threads at a time and may wait.
    /// - Throws: ``HTTPServerError``.
    public init(
        _ configuration: Configuration,
        logger: Logger = .silent,
        handler: @escaping HTTPHandler
    ) throws(HTTPServerError) {
        let certificate = try configuration.tls.map { tls throws(HTTPServerError) in
            try Self.pemText(ofFile: tls.certificateFile)
        }
        let key = try configuration.tls.map { tls throws(HTTPServerError) in try Self.pemText(ofFile: tls.keyFile) }
        let (descriptor, port) = try Self.listen(configuration)
        self.port = port
        let pool =
            configuration.workerThreads > 0
            ? WorkerPool(
                name: configuration.name,
                count: configuration.workerThreads,
                queueMax: configuration.queuedRequestsMax
            ) : nil
        let core = ServerCore(configuration: configuration, handler: handler, logger: logger, pool: pool)
        self.core = core
        guard configuration.workerThreads <= 0 || pool != nil else {
            Platform.closeDescriptor(descriptor)
            throw .cannotStart("the system has no threads left for the workers of \(configuration.name)")
        }
        // From here on the descriptor is libmicrohttpd's, which closes it when it cannot start, too.
        guard let daemon = Daemon(core, listenDescriptor: descriptor, certificate: certificate, key: key) else {
            _ = pool?.close(untilNanoseconds: .max)
            if let tls = configuration.tls {
                throw .badCertificate("cannot use certificate \(tls.certificateFile) with key \(tls.keyFile)")
            }
            throw .cannotStart("the system has no threads or descriptors left for the listener \(configuration.name)")
        }
        guard let reaper = Reaper(core) else {
            daemon.quiesce()
            daemon.stop()
            _ = pool?.close(untilNanoseconds: .max)
            throw .cannotStart("the system has no threads left for the listener \(configuration.name)")
        }
        running = Mutex(Running(daemon: daemon, reaper: reaper))
    }

    deinit {
        stop(drain: .zero)
    }

    /// What the server has done and is doing.
    public var statistics: HTTPServerStatistics {
        var statistics = core.counters.statistics
        statistics.connectionsOpen = core.openCount
        statistics.queueDepth = core.pool?.depth ?? 0
        statistics.workersBusy = core.pool?.busy ?? 0
        return statistics
    }

    /// Ends the server and its threads; calling it again does nothing.
    ///
    /// New connections are refused at once, event streams end, and requests in progress get their answers. After `drain`
    /// what is left is closed without; its handlers see ``HTTPRequest/isCancelled``. A handler that goes on for two
    /// seconds more is left to end by itself, and logged. Don't call it from a handler: it would wait for itself.
    ///
    /// - Parameter drain: How long requests in progress may take.
    public func stop(drain: Duration) {
        running.withLock { running in
            guard let current = running else { return }
            running = nil
            core.beginDraining()
            current.daemon.quiesce()
            let deadline = core.deadline(after: drain)
            drainConnections(until: deadline)
            core.forEachConnection { $0.exchange?.abort() }
            core.forEachConnection { Platform.breakConnection($0.descriptor) }
            let left = core.pool?.close(untilNanoseconds: core.deadline(after: .seconds(2))) ?? 0
            current.reaper.stop()
            current.daemon.stop()
            guard left > 0 else { return }
            core.logger.warn(
                "handlers still run after the listener has stopped",
                ["listener": .string(core.configuration.name), "handlers": .integer(Int64(left))]
            )
        }
    }

    private func drainConnections(until deadline: Int64) {
        let pause = Semaphore()
        while true {
            core.forEachConnection { record in
                if let stream = record.exchange?.stream { stream.close() }
                if record.exchange == nil, record.phase != .header { Platform.breakConnection(record.descriptor) }
            }
            let now = Platform.monotonicNanoseconds
            guard core.activeCount > 0, now < deadline else { return }
            _ = pause.wait(untilNanoseconds: min(deadline, now + 2_000_000))
        }
    }

    /// A socket that listens where a configuration says, and its port.
    ///
    /// - Throws: ``HTTPServerError``.
    package static func listen(_ configuration: Configuration) throws(HTTPServerError) -> (Int32, Int) {
        try bind(host: configuration.host, port: configuration.port, isDatagrams: false)
    }

    static func bind(host: String, port wanted: Int, isDatagrams: Bool) throws(HTTPServerError) -> (Int32, Int) {
        guard let port = UInt16(exactly: wanted) else {
            throw .cannotListen(host: host, port: wanted, reason: "a port is a number from 0 to 65535")
        }
        var bound: UInt16 = 0
        var error: Int32 = 0
        var lookupError: Int32 = 0
        let descriptor =
            isDatagrams
            ? unsafe martlet_listen_datagrams(host, port, &bound, &error, &lookupError)
            : unsafe martlet_listen(host, port, 1024, &bound, &error, &lookupError)
        guard descriptor < 0 else { return (descriptor, Int(bound)) }
        if lookupError != 0 {
            let reason = unsafe String(cString: gai_strerror(lookupError))
            throw .cannotListen(host: host, port: wanted, reason: reason.prefix(1).lowercased() + reason.dropFirst())
        }
        if error == EADDRINUSE {
            throw .portTaken(host: host, port: wanted, processName: PortOwner.name(ofPort: wanted))
        }
        throw .cannotListen(host: host, port: wanted, reason: Platform.message(ofError: error))
    }

    private static func pemText(ofFile path: String) throws(HTTPServerError) -> [UInt8] {
        guard let bytes = Platform.contents(ofFile: path) else {
            throw .badCertificate("cannot read \(path); it has to be a PEM file that this user may read")
        }
        return bytes
    }
}
