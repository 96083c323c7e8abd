public import MartletConfiguration
public import MartletCore
public import MartletHTTPClient
public import MartletLogging
public import MartletSeries
import Synchronization

/// Finds targets, scrapes them and writes what they tell.
///
/// ```swift
/// let manager = ScrapeManager(sink: store, client: client, patterns: patterns, logger: logger)
/// await manager.apply(configuration)   // at the start and at every reload
/// …
/// await manager.stop()
/// ```
///
/// Every target has a loop of its own, which runs one scrape at a time. What is asked of a manager while it works
/// (``targets``, ``metadata``, ``statistics``) waits for no scrape.
public actor ScrapeManager {
    private let environment: ScrapeEnvironment
    private var internals: [String: ScrapeLoop] = [:]
    private var isStopped = false
    private nonisolated let pools = Mutex<[(job: String, pool: ScrapePool)]>([])
    private nonisolated let internalRecords = Mutex<[(job: String, record: TargetRecord)]>([])

    /// Creates a manager that scrapes nothing yet.
    ///
    /// - Parameters:
    ///   - sink: Where samples go, one batch a scrape.
    ///   - client: Asks targets over HTTP.
    ///   - patterns: Compiles the expressions of target files' readers.
    ///   - clock: The time of day that samples get.
    ///   - timer: The time that loops wait by.
    ///   - logger: Where trouble with discovery is told; failing scrapes are told at debug level only.
    ///   - extras: What is stored beyond what targets expose.
    public init(
        sink: any SampleSink,
        client: any HTTPSending,
        patterns: any PatternCompiler,
        clock: any WallClock = SystemWallClock(),
        timer: any ScrapeTimer = SystemScrapeTimer(),
        logger: Logger = .silent,
        extras: ScrapeExtras = ScrapeExtras()
    ) {
        environment = ScrapeEnvironment(
            sink: sink,
            client: client,
            patterns: patterns,
            clock: clock,
            timer: timer,
            logger: logger,
            extras: extras
        )
    }

    /// Scrapes what a configuration says from now on.
    ///
    /// Loops of targets for which nothing changed go on untouched. Targets that are gone end: each of their series
    /// gets a stale marker. Internal targets are not concerned.
    public func apply(_ configuration: Configuration) async {
        guard !isStopped else { return }
        let before = Dictionary(
            pools.withLock { $0 }.map { ($0.job, $0.pool) },
            uniquingKeysWith: { first, _ in first }
        )
        var after: [(job: String, pool: ScrapePool)] = []
        for job in configuration.scrapeConfigurations {
            after.append((job.jobName, before[job.jobName] ?? ScrapePool(job, environment: environment)))
        }
        let current = after
        pools.withLock { $0 = current }
        let kept = Set(after.map(\.job))
        await withTaskGroup(of: Void.self) { group in
            for (job, pool) in before where !kept.contains(job) { group.addTask { await pool.stop(endsSeries: true) } }
        }
        for (entry, job) in zip(after, configuration.scrapeConfigurations) {
            if before[entry.job] == nil { await entry.pool.start() } else { await entry.pool.update(job) }
        }
    }

    /// Adds a target inside this process; one of the same job takes the place of an earlier one.
    public func add(_ target: InternalTarget) {
        guard !isStopped else { return }
        let record = TargetRecord(target.target, job: target.job)
        internals[target.job] = ScrapeLoop(
            record,
            configuration: target.configuration,
            source: InternalExpositionSource(target: target),
            environment: environment,
            following: internals[target.job]
        )
        internalRecords.withLock { records in
            records.removeAll { $0.job == target.job }
            records.append((target.job, record))
        }
    }

    /// Stops all scraping, cancels what is on its way, and waits for the loops to end.
    ///
    /// No stale markers are written: a server that starts again soon goes on where this one stopped.
    public func stop() async {
        isStopped = true
        let pools = pools.withLock { $0 }
        let loops = Array(internals.values)
        internals = [:]
        await withTaskGroup(of: Void.self) { group in
            for (_, pool) in pools { group.addTask { await pool.stop(endsSeries: false) } }
            for loop in loops { group.addTask { _ = await loop.stop(endsSeries: false) } }
        }
    }

    /// The jobs, those of this process first.
    public nonisolated var jobs: [String] {
        internalRecords.withLock { $0.map(\.job) } + pools.withLock { $0.map(\.job) }
    }

    /// How every target is doing, by job in the order of the configuration.
    public nonisolated var targets: [TargetStatus] { records.map(\.status) }

    /// Targets that rules dropped; at most `keep_dropped_targets` a job.
    public nonisolated var droppedTargets: [DroppedTarget] {
        pools.withLock { $0 }.flatMap { entry in
            entry.pool.snapshot.dropped.map { DroppedTarget(job: entry.job, discoveredLabels: $0) }
        }
    }

    /// How many targets rules dropped in each job, those not kept among them.
    public nonisolated var droppedTargetCounts: [String: Int] {
        Dictionary(
            pools.withLock { $0 }.map { ($0.job, $0.pool.snapshot.droppedCount) },
            uniquingKeysWith: +
        )
    }

    /// What every target last said of its metric families.
    public nonisolated var metadata: [TargetMetadata] { records.flatMap(\.metadata) }

    /// What scraping has done since the start.
    public nonisolated var statistics: ScrapeStatistics {
        var statistics = environment.counters.snapshot
        statistics.jobs = jobs.count
        statistics.targets = records.count
        return statistics
    }

    private nonisolated var records: [TargetRecord] {
        internalRecords.withLock { $0.map(\.record) } + pools.withLock { $0 }.flatMap(\.pool.snapshot.records)
    }
}
