import MartletAlerting
import MartletAudit
import MartletConfiguration
public import MartletCore
import MartletHTTPClient
import MartletHTTPServer
import MartletHealth
import MartletIngest
public import MartletLogging
import MartletMetrics
import MartletNotify
import MartletPacks
import MartletPatterns
import MartletPromQL
import MartletScrape
import MartletSeries
import MartletTSDB
import Synchronization

/// A whole Martlet server: it collects, stores, answers, alerts and shows.
///
/// ```swift
/// let server = try Server(Server.Options(), logger: Logger("server", sink: StandardErrorSink()))
/// try await server.start()
/// …
/// await server.stop()
/// ```
public final class Server: Sendable {
    /// Where data is kept.
    public let dataDirectory: String

    /// An element comes when a client asks the server to stop (`POST /-/quit`).
    public let quitRequests: AsyncStream<Void>

    let options: Options
    let logger: Logger
    let clock: any WallClock
    let status: ServerStatus
    let store: TimeSeriesStore
    let engine: QueryEngine
    let queries: QueryTracker
    let scrapes: ScrapeManager
    let rules: RuleManager
    let evaluator: RuleEvaluator
    let notifier: AlertDispatcher
    let alertStore: AlertStore
    let alertmanagers: ExternalAlertmanagerSender
    let client: HTTPClient
    let notificationClient: HTTPClient
    let metrics: ServerMetrics
    let host: MetricRegistry
    let health: ServerHealth
    let initial: LoadedConfiguration
    let otlp: OTLPMetricsReceiver
    let traces: TraceService
    let errors: ErrorService
    let ownErrors: OwnErrors
    let audit: AuditService
    let auditPublisher: AuditPublisher
    let auditIndex: LogService
    let logs: LogService
    let patterns: RE2Patterns
    private let requestQuit: AsyncStream<Void>.Continuation
    private let running = Mutex(Running())

    private struct Running {
        var main: Listener?
        var health: Listener?
        var otlp: Listener?
        var grpc: Listener?
        var jaeger: DatagramServer?
        var logSources: LogSources?
        var maintenance: Task<Void, Never>?
    }

    /// Reads the configuration and opens the data directory.
    ///
    /// - Throws: ``ConfigurationError`` with all problems of the configuration, or an error that says why the data
    ///   directory cannot be used.
    public init(_ options: Options, logger plain: Logger, clock: any WallClock = SystemWallClock()) throws {
        self.options = options
        let errors = ErrorService(
            path: options.dataDirectory + "/errors.json",
            clock: clock,
            logger: plain.named("errors")
        )
        self.errors = errors
        ownErrors = OwnErrors(errors.tracker)
        let logger = plain.adding(ownErrors)
        self.logger = logger
        self.clock = clock
        dataDirectory = options.dataDirectory
        (quitRequests, requestQuit) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        initial =
            try options.configurationFile.map {
                try LoadedConfiguration.load(file: $0, features: options.features)
            } ?? .standard
        let configuration = initial.configuration
        for warning in configuration.warnings {
            logger.warn("configuration", ["problem": .string(warning.description)])
        }
        status = ServerStatus(configuration, now: clock.millisecondsSinceEpoch)
        store = try TimeSeriesStore(
            Self.storeConfiguration(options, configuration),
            clock: clock,
            logger: logger.named("store")
        )
        otlp = OTLPMetricsReceiver(sink: store, source: store, settings: Self.otlpSettings(configuration, options))
        traces = TraceService(
            Self.traceConfiguration(options, configuration),
            clock: clock,
            logger: logger.named("traces"),
            failures: { errors.take($0) }
        )
        patterns = RE2Patterns()
        logs = LogService(
            Self.logConfiguration(options, configuration),
            patterns: patterns,
            clock: clock,
            logger: logger.named("logs")
        )
        engine = QueryEngine(patterns: patterns, options: Self.queryOptions(options, configuration))
        client = try HTTPClient()
        auditPublisher = AuditPublisher(
            toLog: configuration.audit.publishesToLog,
            file: configuration.audit.publishFile,
            webhook: configuration.audit.publishWebhook,
            client: client,
            logger: logger.named("audit")
        )
        audit = AuditService(
            Self.auditConfiguration(options, configuration),
            publisher: auditPublisher,
            clock: clock,
            logger: logger.named("audit")
        )
        let index = AuditIndex(audit, logger: logger.named("audit"))
        auditIndex = LogService(
            Self.auditIndexConfiguration(options, configuration),
            format: "martlet audit index 1",
            patterns: patterns,
            clock: clock,
            logger: logger.named("audit"),
            prepare: { index.fill($0) }
        )
        metrics = ServerMetrics()
        host = MetricRegistry()
        queries = QueryTracker(
            QueryTracker.Configuration(
                concurrency: configuration.server.limits.queryConcurrency,
                slow: options.slowQuery
            ),
            registry: metrics.registry,
            clock: clock,
            log: logger.named("query")
        )
        scrapes = ScrapeManager(
            sink: store,
            client: client,
            patterns: patterns,
            clock: clock,
            logger: logger.named("scrape"),
            extras: Self.scrapeExtras(options, configuration)
        )
        // Receivers that hang hold a connection each; that must not keep scrapes from theirs.
        var notification = HTTPClient.Configuration()
        notification.concurrentMax = 4096
        notificationClient = try HTTPClient(notification)
        alertStore = try AlertStore(path: options.dataDirectory + "/alerting.db")
        notifier = AlertDispatcher(store: alertStore, clock: clock, log: logger.named("notify"))
        alertmanagers = ExternalAlertmanagerSender(
            http: client,
            clock: clock,
            patterns: patterns,
            log: logger.named("notify")
        )
        evaluator = RuleEvaluator(
            query: QueryAdapter(engine: engine, source: store),
            sink: store,
            patterns: patterns,
            resendDelay: options.alertResendDelay,
            clock: clock,
            log: logger.named("rules")
        )
        rules = RuleManager(
            evaluator: evaluator,
            receiver: AlertFork(notifier: notifier, external: alertmanagers),
            clock: clock,
            executor: BlockingExecutor(label: "martlet.rules"),
            log: logger.named("rules")
        )
        health = Self.health(
            store: store,
            directory: options.dataDirectory,
            configuration.health,
            clock: clock
        )
        addCollectors()
    }

    /// Listens, and starts to collect and to evaluate.
    ///
    /// - Throws: ``ServerError`` when an address cannot be listened on.
    public func start() async throws {
        Machine.ignoreBrokenPipes()
        let context = listenerContext()
        let main = try Self.mainListener(options, initial.configuration, context)
        do {
            let health = try Self.healthListener(options, initial.configuration, context)
            running.withLock {
                $0.main = main
                $0.health = health
            }
            let otlp = try Self.otlpListener(options, initial.configuration, context)
            running.withLock { $0.otlp = otlp }
            let grpc = try Self.grpcListener(options, initial.configuration, context)
            running.withLock { $0.grpc = grpc }
            let jaeger = try Self.jaegerAgent(options, initial.configuration, context)
            running.withLock { $0.jaeger = jaeger }
            let sources = try startLogSources()
            running.withLock { $0.logSources = sources }
        } catch {
            main.server.stop(drain: .zero)
            running.withLock { [$0.health, $0.otlp, $0.grpc] }.forEach { $0?.server.stop(drain: .zero) }
            throw error
        }
        await notifier.restore(patterns: patterns)
        await apply(initial)
        await collect(every: min(.seconds(1), initial.configuration.metrics.collectionInterval))
        running.withLock { $0.maintenance = Task { await self.maintain() } }
        health.monitor.start()
        health.setReady(true)
        logger.info("ready", ["url": .string(url), "data": .string(dataDirectory)])
    }

    /// Reads the configuration again; a bad one is told and the running one kept.
    ///
    /// - Returns: Whether the configuration was good.
    @discardableResult
    public func reload() async -> Bool {
        guard let file = options.configurationFile else {
            logger.info("nothing to reload: the server runs without a configuration file")
            return true
        }
        do {
            let loaded = try LoadedConfiguration.load(file: file, features: options.features)
            for warning in loaded.configuration.warnings {
                logger.warn("configuration", ["problem": .string(warning.description)])
            }
            warnOfRestart(loaded.configuration)
            await apply(loaded)
            status.loaded(loaded.configuration, now: clock.millisecondsSinceEpoch)
            metrics.reload(succeeded: true)
            logger.info("configuration reloaded", ["file": .string(file)])
            audit.record(.reload(file, problem: nil))
            return true
        } catch {
            for problem in error.problems {
                logger.error("configuration not reloaded", ["problem": .string(problem.description)])
            }
            audit.record(.reload(file, problem: error.problems.first?.description ?? "the configuration is not good"))
            status.failedToLoad(now: clock.millisecondsSinceEpoch)
            metrics.reload(succeeded: false)
            return false
        }
    }

    /// Stops in the order in which data flows, answers what has begun, and makes everything durable.
    public func stop() async {
        health.setReady(false)
        health.monitor.stop()
        logger.info("stopping")
        let (main, healthListener, maintenance) = running.withLock { ($0.main, $0.health, $0.maintenance) }
        let (otlpListener, grpcListener) = running.withLock { ($0.otlp, $0.grpc) }
        maintenance?.cancel()
        await scrapes.stop()
        await rules.stop()
        await alertmanagers.stop()
        await notifier.stop()
        logSources?.stop()
        otlpListener?.server.stop(drain: .seconds(2))
        grpcListener?.server.stop(drain: .seconds(2))
        running.withLock { $0.jaeger }?.stop()
        main?.server.stop(drain: .seconds(10))
        traces.close()
        errors.update(from: logs)
        errors.save(atOnce: true)
        auditIndex.close()
        audit.close()
        logs.close()
        healthListener?.server.stop(drain: .seconds(1))
        client.close()
        notificationClient.close()
        do {
            try store.close()
        } catch {
            logger.error("the store was not closed well", ["error": .string(error.description)])
        }
        requestQuit.finish()
        logger.info("stopped")
    }

    /// The address of the web page and of all APIs.
    public var url: String {
        running.withLock { $0.main?.url } ?? ""
    }

    /// The address of the health listener, or `nil` where it is off.
    public var healthURL: String? {
        running.withLock { $0.health?.url }
    }

    /// The address of the listener for OTLP/HTTP, or `nil` where it is off.
    public var otlpURL: String? {
        running.withLock { $0.otlp?.url }
    }

    /// The address of the listener for OTLP/gRPC, or `nil` where it is off.
    public var grpcURL: String? {
        running.withLock { $0.grpc?.url }
    }

    /// Where spans of Jaeger's clients come in as datagrams, or `nil` where nothing does.
    public var jaegerAgentAddress: String? {
        guard let address = initial.configuration.traces.jaegerAgentListen,
            let port = running.withLock({ $0.jaeger?.port })
        else { return nil }
        return ListenAddress(host: address.host, port: port).description
    }

    /// How long samples are kept, such as `1d`.
    public var retentionText: String {
        let seconds = initial.configuration.storage.rawRetention.components.seconds
        return DurationText.string(milliseconds: seconds * 1000)
    }

    /// What the configuration names as sources of logs, while they are read.
    var logSources: LogSources? {
        running.withLock { $0.logSources }
    }

    private func startLogSources() throws(ServerError) -> LogSources? {
        let sources = initial.configuration.logs.sources
        guard !sources.isEmpty else { return nil }
        let opened = try LogSources(
            sources,
            checkpointPath: dataDirectory + "/log-checkpoints.json",
            target: LogServiceTarget(logs: logs),
            allowsInsecureListen: options.allowsInsecureListen || initial.configuration.server.allowsInsecureListen,
            clock: clock,
            logger: logger.named("logs")
        )
        opened.start()
        for (name, port) in opened.ports {
            logger.info("listening for logs", ["source": .string(name), "port": LogValue(port)])
        }
        return opened
    }

    /// Asks whoever runs the server to stop it.
    func askToQuit() {
        requestQuit.yield()
    }

    private func apply(_ loaded: LoadedConfiguration) async {
        let externalURL = options.externalURL ?? loaded.configuration.server.externalURL ?? url
        await apply(loaded.notification, loaded.configuration, externalURL: externalURL)
        await notifier.start()
        var evaluator = evaluator
        evaluator.externalURL = externalURL
        evaluator.externalLabels = loaded.configuration.global.externalLabels
        await rules.apply(loaded.ruleGroups, evaluator: evaluator)
        await rules.start()
        await scrapes.apply(loaded.configuration)
    }

    private func apply(
        _ notification: NotificationConfiguration,
        _ configuration: Configuration,
        externalURL: String
    ) async {
        status.alerting(notification)
        let plan = AlertPlan(
            route: notification.route,
            defaultReceivers: notification.defaultReceivers,
            inhibitions: notification.inhibitions,
            intervals: notification.intervals,
            policies: notification.policies
        )
        do {
            let factory = try SenderFactory(
                notification,
                externalURL: externalURL,
                http: notificationClient,
                mail: notificationClient,
                addresses: AddressPolicy(allowing: configuration.server.notificationAllowlist),
                patterns: patterns,
                log: logger.named("alerts")
            )
            await notifier.apply(plan, senders: factory.senders(of: notification))
        } catch {
            // Template files are checked with the configuration, so that this is about the built-in texts.
            logger.error("the channels cannot be made", ["error": .string(error.description)])
        }
        await alertmanagers.apply(notification.alertmanagers)
    }

    /// Seals, expires and bounds what is stored.
    private func maintain() async {
        var turns = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(10))
            if Task.isCancelled { return }
            turns += 1
            // A fresh page has something to draw at once; after half a minute the configured interval will do.
            if turns == 3 { await collect(every: initial.configuration.metrics.collectionInterval) }
            store.maintain()
            traces.maintain()
            audit.maintain()
            auditIndex.maintain()
            // Reads blocks, whose pages the maintenance of logs gives back.
            errors.update(from: logs)
            errors.save()
            logs.maintain()
        }
    }

    private func warnOfRestart(_ new: Configuration) {
        if new.server != initial.configuration.server || new.storage != initial.configuration.storage
            || new.logs != initial.configuration.logs || new.audit != initial.configuration.audit
        {
            logger.warn("changes of server, storage, logs and audit take effect at the next start")
        }
    }

    /// The listeners that are open.
    var listeners: [Listener] {
        running.withLock { [$0.main, $0.health, $0.otlp, $0.grpc].compactMap(\.self) }
    }
}
