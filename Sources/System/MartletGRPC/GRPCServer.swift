public import MartletHTTPServer
public import MartletLogging
import Synchronization

/// A gRPC listener for unary calls over HTTP/2 without TLS, with threads of its own.
///
/// One thread moves the bytes of all connections and never waits; a bounded pool of workers runs the methods. Clients
/// begin HTTP/2 at once ("prior knowledge"), as all gRPC clients do. What exceeds a limit is refused with a status and a
/// sentence, and counted in ``statistics``.
///
/// - SeeAlso: [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/v1.66.0/doc/PROTOCOL-HTTP2.md)
public final class GRPCServer: Sendable {
    private let core: GRPCCore
    private let thread: Mutex<SystemThread?>

    /// The port listened on, also where the configuration left it to the system.
    public let port: Int

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - configuration: Where to listen, and the limits.
    ///   - methods: What answers, by path; a call of any other gets `UNIMPLEMENTED`.
    ///   - logger: Where trouble is told.
    /// - Throws: `HTTPServerError`.
    public init(
        _ configuration: Configuration,
        methods: [String: GRPCMethod],
        logger: Logger = .silent
    ) throws(HTTPServerError) {
        let (descriptor, port) = try HTTPServer.listen(.init(host: configuration.host, port: configuration.port))
        self.port = port
        let workers = max(1, configuration.workerThreads)
        guard let pool = WorkerPool(name: configuration.name, count: workers, queueMax: configuration.queuedCallsMax)
        else {
            Platform.closeDescriptor(descriptor)
            throw .cannotStart("the system has no threads left for the workers of \(configuration.name)")
        }
        guard let core = GRPCCore(configuration, methods: methods, pool: pool, logger: logger) else {
            Platform.closeDescriptor(descriptor)
            _ = pool.close(untilNanoseconds: .max)
            throw .cannotStart("the system has no descriptors left for the listener \(configuration.name)")
        }
        self.core = core
        let thread = SystemThread(name: configuration.name) { GRPCLoop(core, listening: descriptor).run() }
        self.thread = Mutex(thread)
        guard thread != nil else {
            Platform.closeDescriptor(descriptor)
            _ = pool.close(untilNanoseconds: .max)
            throw .cannotStart("the system has no threads left for the listener \(configuration.name)")
        }
    }

    deinit {
        stop(drain: .zero)
    }

    /// What the server has done and is doing; answers are counted by the class of HTTP's status that means the same.
    public var statistics: HTTPServerStatistics {
        var statistics = core.counters.statistics
        statistics.connectionsOpen = core.connectionsOpen.load(ordering: .relaxed)
        statistics.queueDepth = core.pool.depth
        statistics.workersBusy = core.pool.busy
        return statistics
    }

    /// Ends the server and its threads; calling it again does nothing.
    ///
    /// New connections are refused at once, clients are told to go away, and calls in progress get their answers; after
    /// `drain` what is left is closed without. Don't call it from a method: it would wait for itself.
    ///
    /// - Parameter drain: How long calls in progress may take.
    public func stop(drain: Duration) {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        core.stop(until: Platform.monotonicNanoseconds + drain.nanosecondsClamped)
        running.join()
        let deadline = Platform.monotonicNanoseconds + Duration.seconds(2).nanosecondsClamped
        let left = core.pool.close(untilNanoseconds: deadline)
        guard left > 0 else { return }
        core.logger.warn(
            "methods still run after the listener has stopped",
            ["listener": .string(core.configuration.name), "methods": .integer(Int64(left))]
        )
    }
}
