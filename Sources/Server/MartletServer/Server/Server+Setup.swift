import MartletAudit
import MartletConfiguration
import MartletCore
import MartletEvents
import MartletFiles
import MartletGRPC
import MartletHTTPServer
import MartletHealth
import MartletIngest
import MartletLogStore
import MartletLogging
import MartletMetrics
import MartletPacks
import MartletPromQL
import MartletScrape
import MartletTSDB
import MartletTraceStore

extension Server {
    /// Registers what the server tells about itself and about its host.
    func addCollectors() {
        metrics.registry.add(collector: ProcessCollector(version: Version.current))
        metrics.registry.add(
            collector: StoreCollector(
                store: store,
                bytesMax: Self.storeConfiguration(options, initial.configuration).bytesMax
            )
        )
        metrics.registry.add(collector: DeltaCollector(receiver: otlp))
        metrics.registry.add(collector: TraceCollector(traces: traces))
        metrics.registry.add(collector: LogStoreCollector(logs: logs))
        metrics.registry.add(collector: LogMetricsCollector(initial.configuration.logs.metrics, logs: logs))
        metrics.registry.add(collector: LogInputCollector { [weak self] in self?.logSources })
        metrics.registry.add(collector: AuditCollector(audit: audit, publisher: auditPublisher))
        metrics.registry.add(collector: ScrapeCollector(scrapes: scrapes))
        let notifications = NotificationNumbers(notifier)
        metrics.registry.add(collector: AlertingCollector(rules: rules, notifications: notifications))
        metrics.registry.add(
            collector: ErrorCollector(
                errors: errors,
                logs: logs,
                own: ownErrors,
                rules: rules,
                notifications: notifications
            )
        )
        metrics.registry.add(collector: RuleCollector(rules: rules))
        metrics.registry.add(collector: ListenerCollector { [weak self] in self?.listeners ?? [] })
        host.add(collector: HostCollector())
        HealthCollector.attach(to: health.monitor, registry: metrics.registry)
        health.monitor.add(observer: HealthLog(logger.named("health")))
    }

    /// Collects what needs no configuration, the server itself and its host, at an interval from now on.
    func collect(every interval: Duration) async {
        let instance = url.split(separator: "/").last.map(String.init) ?? "localhost"
        for (job, registry) in [("martlet", metrics.registry), ("host", host)] {
            await scrapes.add(
                InternalTarget(job: job, instance: instance, interval: interval) { registry.gather() }
            )
        }
    }

    /// What both listeners share, and what only the main one serves.
    func listenerContext() -> ListenerContext {
        var shared = Router()
        health.addRoutes(to: &shared)
        let switches = initial.configuration.server
        MetricsAPI(
            registry: metrics.registry,
            servesText: switches.isPrometheusEnabled,
            servesJSON: switches.isJSONAPIEnabled
        ).addRoutes(to: &shared)
        var main = shared
        if switches.isJSONAPIEnabled {
            PrometheusAPI(
                engine: engine,
                patterns: patterns,
                source: store,
                clock: clock,
                server: self
            ).addRoutes(to: &main)
            RemoteReadAPI(server: self, source: store, patterns: patterns).addRoutes(to: &main)
        }
        if switches.isPrometheusEnabled {
            FederationAPI(server: self, source: store, clock: clock).addRoutes(to: &main)
        }
        let bodyBytesMax = initial.configuration.server.limits.bodyBytes
        let receiver = RemoteWriteReceiver(
            sink: store,
            settings: .init(
                bodyBytesMax: bodyBytesMax,
                ingestsCreatedTimestamps: options.storesZerosOfBeginnings
            )
        )
        RemoteWriteAPI(receiver: receiver, metrics: metrics).addRoutes(to: &main)
        let signals: [any OTLPSignal] = [
            MetricsSignal(receiver: otlp), TracesSignal(traces: traces), LogsSignal(logs: logs),
        ]
        var otlpRouter = Router()
        var calls: [String: GRPCMethod] = [:]
        for signal in signals {
            let api = OTLPAPI(bodyBytesMax: bodyBytesMax, signal: signal, metrics: metrics)
            api.addRoutes(to: &main)
            api.addRoutes(to: &otlpRouter)
            let call = OTLPCall(signal: signal, metrics: metrics)
            calls[signal.method] = call.answer
        }
        TracesAPI(traces: traces, patterns: patterns, clock: clock).addRoutes(to: &main)
        AuditAPI(audit: audit).addRoutes(to: &main)
        LogsAPI(path: "/api/v1/audit/search", logs: auditIndex, clock: clock).addRoutes(to: &main)
        LogsAPI(logs: logs, clock: clock).addRoutes(to: &main)
        ErrorsAPI(errors: errors, logs: logs).addRoutes(to: &main)
        let jaeger = JaegerAPI(bodyBytesMax: bodyBytesMax, traces: TracesSignal(traces: traces), metrics: metrics)
        jaeger.addRoutes(to: &main)
        LogIngestAPI(bodyBytesMax: bodyBytesMax, logs: logs, metrics: metrics, clock: clock).addRoutes(to: &main)
        ZipkinAPI(bodyBytesMax: bodyBytesMax, traces: traces, metrics: metrics).addRoutes(to: &main)
        AlertmanagerAPI(server: self, patterns: patterns).addRoutes(to: &main)
        AlertingAPI(server: self, patterns: patterns).addRoutes(to: &main)
        APIDescription().addRoutes(to: &main)
        addAdminRoutes(to: &main)
        WebAPI.addRoutes(to: &main)
        if options.enablesLifecycle { addLifecycleRoutes(to: &main) }
        return ListenerContext(
            mainRouter: main,
            healthRouter: shared,
            otlpRouter: otlpRouter,
            calls: calls,
            jaeger: jaeger,
            metrics: metrics,
            logger: logger
        )
    }

    private func addAdminRoutes(to router: inout Router) {
        guard options.enablesAdminAPI else { return AdminAPI.addRefusals(to: &router) }
        AdminAPI(
            store: store,
            sealEvents: { [traces, logs, auditIndex] in
                try traces.storeIfOpen?.sealAll()
                for service in [logs, auditIndex] { try service.storeIfOpen?.sealAll() }
            },
            snapshotDirectory: "\(dataDirectory)/snapshots",
            engine: engine,
            clock: clock,
            logger: logger.named("admin")
        ).addRoutes(to: &router)
        LogFilterAPI(levels: logger.pipeline.levels, audit: audit, logger: logger.named("admin")).addRoutes(to: &router)
    }

    private func addLifecycleRoutes(to router: inout Router) {
        router.add("POST", "PUT", path: "/-/reload") { _, _ in
            let isGood = Blocking.value { await self.reload() }
            return isGood
                ? .text("reloaded\n") : .text("the configuration is not good; the log says why\n", status: 500)
        }
        router.add("POST", "PUT", path: "/-/quit") { _, _ in
            self.askToQuit()
            return .text("stopping\n")
        }
    }

    /// What the command line and the configuration come to, as the flags page shows it.
    var flags: [(name: String, value: String)] {
        let storage = initial.configuration.storage
        return [
            ("config.file", options.configurationFile ?? ""),
            ("storage.tsdb.path", dataDirectory),
            ("storage.tsdb.retention.time", retentionText),
            ("storage.tsdb.durability", storage.durability.rawValue),
            ("web.listen-address", url),
            ("web.external-url", options.externalURL ?? initial.configuration.server.externalURL ?? url),
            ("web.enable-lifecycle", options.enablesLifecycle ? "true" : "false"),
            ("enable-feature", options.featureNames.joined(separator: ",")),
            ("query.lookback-delta", "5m"),
            ("query.max-concurrency", String(initial.configuration.server.limits.queryConcurrency)),
            ("query.max-samples", String(initial.configuration.server.limits.querySamples)),
            ("query.timeout", Self.durationText(initial.configuration.server.limits.queryTimeout)),
            ("rules.alert.resend-delay", Self.durationText(options.alertResendDelay)),
            ("web.enable-admin-api", options.enablesAdminAPI ? "true" : "false"),
        ]
    }

    private static func durationText(_ duration: Duration) -> String {
        DurationText.string(milliseconds: Int64(duration / .milliseconds(1)))
    }

    static func storeConfiguration(_ options: Options, _ configuration: Configuration) -> TimeSeriesStore.Configuration
    {
        let storage = configuration.storage
        var settings = TimeSeriesStore.Configuration(directory: options.dataDirectory)
        settings.retention = storage.rawRetention
        if let bytesMax = storage.bytesMax { settings.bytesMax = bytesMax }
        if let seriesMax = storage.seriesMax { settings.seriesMax = seriesMax }
        if let seriesMax = storage.seriesPerTargetMax { settings.seriesOfOriginMax = seriesMax }
        if let seriesMax = storage.seriesPerMetricMax { settings.seriesOfMetricMax = seriesMax }
        settings.rollups = [
            RollupTier(stepSeconds: 3600, retention: storage.hourlyRetention),
            RollupTier(stepSeconds: 86_400, retention: storage.dailyRetention),
        ]
        settings.outOfOrderWindow = storage.outOfOrderWindow
        settings.durability = durability(storage)
        return settings
    }

    static func traceConfiguration(_ options: Options, _ configuration: Configuration) -> EventConfiguration {
        var settings = eventConfiguration("traces", options, configuration)
        settings.retention = configuration.traces.retention
        if let bytesMax = configuration.traces.bytesMax { settings.bytesMax = bytesMax }
        return settings
    }

    static func logConfiguration(_ options: Options, _ configuration: Configuration) -> EventConfiguration {
        var settings = eventConfiguration("logs", options, configuration)
        settings.retention = configuration.logs.retention
        if let bytesMax = configuration.logs.bytesMax { settings.bytesMax = bytesMax }
        return settings
    }

    private static func eventConfiguration(
        _ name: String,
        _ options: Options,
        _ configuration: Configuration
    ) -> EventConfiguration {
        var settings = EventConfiguration(directory: "\(options.dataDirectory)/\(name)")
        settings.durability = durability(configuration.storage)
        return settings
    }

    /// When an acknowledged sample, span or log record survives a power cut.
    private static func durability(_ storage: StorageConfiguration) -> LogDurability {
        switch storage.durability {
        case .each: .each
        case .interval: .interval(milliseconds: max(1, Int(storage.syncInterval / .milliseconds(1))))
        case .os: .os
        }
    }

    static func scrapeExtras(_ options: Options, _ configuration: Configuration) -> ScrapeExtras {
        var extras = ScrapeExtras()
        extras.storesZeros = options.storesZerosOfBeginnings
        extras.zeroAgeMax = configuration.storage.outOfOrderWindow
        extras.addsTypeAndUnit = options.features.contains(.typeAndUnitLabels)
        return extras
    }

    static func auditIndexConfiguration(_ options: Options, _ configuration: Configuration) -> EventConfiguration {
        // A copy of what the ledger has; after a power cut it is filled from there again.
        var settings = EventConfiguration(directory: "\(options.dataDirectory)/audit/index")
        settings.retention = configuration.audit.retention ?? .seconds(315_360_000_000)
        return settings
    }

    static func auditConfiguration(_ options: Options, _ configuration: Configuration) -> AuditConfiguration {
        let audit = configuration.audit
        var settings = AuditConfiguration(directory: "\(options.dataDirectory)/audit")
        settings.isSynced = audit.isSynced
        settings.retention = audit.retention
        settings.bytesMax = audit.bytesMax
        settings.blockEventsMax = audit.blockEvents
        settings.checkpointInterval = audit.checkpointInterval
        return settings
    }

    static func otlpSettings(_ configuration: Configuration, _ options: Options) -> OTLPSettings {
        let otlp = configuration.otlp
        var settings = OTLPSettings()
        settings.strategy = TranslationStrategy(rawValue: otlp.strategy.rawValue) ?? settings.strategy
        settings.promotedAttributes = otlp.promotedAttributes
        settings.promotesAllAttributes = otlp.promotesAllAttributes
        settings.ignoredAttributes = otlp.ignoredAttributes
        settings.keepsIdentifyingAttributes = otlp.keepsIdentifyingAttributes
        settings.promotesScope = otlp.promotesScope
        settings.convertsHistograms = otlp.convertsHistograms
        settings.ingestsCreatedTimestamps = options.storesZerosOfBeginnings
        settings.deltaLookback = Int64(configuration.storage.rawRetention / .milliseconds(1))
        return settings
    }

    /// A value of the flags page.
    func flag(_ name: String) -> String {
        flags.first { $0.name == name }?.value ?? ""
    }

    static func queryOptions(_ serverOptions: Options, _ configuration: Configuration) -> QueryEngine.Options {
        let limits = configuration.server.limits
        var options = QueryEngine.Options()
        options.features = serverOptions.features
        options.timeout = limits.queryTimeout
        options.samplesMax = limits.querySamples
        options.stepsMax = PrometheusAPI.stepsMax + 1
        return options
    }

    /// What watches over the server's own parts, its machine and what the configuration names.
    static func health(
        store: TimeSeriesStore,
        directory: String,
        _ configuration: HealthConfiguration,
        clock: any WallClock
    ) -> ServerHealth {
        let monitor = HealthMonitor(configuration.monitor, clock: clock)
        monitor.add(
            ClosureHealthCheck("storage", isCritical: true, component: "storage", interval: .seconds(1)) {
                store.statistics.failure.map { .unhealthy($0) } ?? .healthy("samples are taken and kept")
            }
        )
        monitor.add(
            ClosureHealthCheck("collection", component: "collection", interval: .seconds(5)) {
                guard let newest = store.statistics.newestTime else { return .healthy("nothing collected yet") }
                let seconds = (clock.millisecondsSinceEpoch - newest) / 1000
                return seconds < 120
                    ? .healthy("the newest sample is \(max(0, seconds)) s old")
                    : .degraded("the newest sample is \(seconds) s old")
            }
        )
        monitor.add(DiskSpaceCheck(directory, isCritical: false))
        monitor.add(MemoryHealthCheck(memoryThreshold: configuration.memoryThreshold))
        for check in configuration.checks { check.add(to: monitor) }
        return ServerHealth(monitor, isAlways200: configuration.isAlways200)
    }
}

extension HealthConfiguration {
    fileprivate var monitor: HealthMonitor.Configuration {
        var settings = HealthMonitor.Configuration()
        settings.interval = interval
        settings.timeout = timeout
        settings.alertThreshold = alertThreshold
        settings.statusThreshold = statusThreshold
        settings.mode = hasThreeWords ? .threeWords : .fourStates
        return settings
    }
}

extension HealthCheckConfiguration {
    fileprivate func add(to monitor: HealthMonitor) {
        switch subject {
        case .tcp(let host, let port):
            monitor.add(
                TCPHealthCheck(
                    name,
                    host: host,
                    port: port,
                    isCritical: isCritical,
                    component: component,
                    interval: interval,
                    timeout: timeout
                )
            )
        case .disk(let directory):
            monitor.add(DiskSpaceCheck(directory, name: name, isCritical: isCritical))
        }
    }
}
