import MartletConfiguration
import MartletCore
import MartletLogging
import Synchronization

/// The targets of one job: finds them, and keeps a loop running for each.
actor ScrapePool {
    /// How often target files are looked at.
    static let discoveryIntervalNanoseconds: Int64 = 5_000_000_000

    /// What the pool shows of itself.
    struct Snapshot {
        var records: [TargetRecord] = []
        var dropped: [LabelSet] = []
        var droppedCount = 0
    }

    private let environment: ScrapeEnvironment
    private var configuration: ScrapeConfiguration
    private var loops: [ScrapeTarget.Key: ScrapeLoop] = [:]
    private var discoverers: [FileDiscoverer] = []
    private var discoveryTask: Task<Void, Never>?
    private var isStopped = false
    private nonisolated let shown = Mutex(Snapshot())

    init(_ configuration: ScrapeConfiguration, environment: ScrapeEnvironment) {
        self.configuration = configuration
        self.environment = environment
    }

    /// What the pool has now.
    nonisolated var snapshot: Snapshot { shown.withLock { $0 } }

    /// Finds the targets and starts their loops.
    func start() async {
        await takeDiscoveries()
    }

    /// Takes other settings; loops of targets that nothing changed for go on untouched.
    func update(_ new: ScrapeConfiguration) async {
        guard new != configuration else { return }
        let isLoopChanged = new.withoutTargets != configuration.withoutTargets
        let isDiscoveryChanged = new.fileDiscoveries != configuration.fileDiscoveries
        configuration = new
        if isDiscoveryChanged {
            discoveryTask?.cancel()
            await takeDiscoveries(restarting: isLoopChanged)
        } else {
            await synchronise(restarting: isLoopChanged)
        }
    }

    /// Stops all loops and the discovery.
    func stop(endsSeries: Bool) async {
        isStopped = true
        discoveryTask?.cancel()
        let old = loops
        loops = [:]
        await withTaskGroup(of: Void.self) { group in
            for loop in old.values { group.addTask { _ = await loop.stop(endsSeries: endsSeries) } }
        }
        shown.withLock { $0 = Snapshot() }
    }

    private func takeDiscoveries(restarting: Bool = false) async {
        discoverers = configuration.fileDiscoveries.map { FileDiscoverer($0, patterns: environment.patterns) }
        lookAtFiles()
        await synchronise(restarting: restarting)
        guard !discoverers.isEmpty else { return }
        discoveryTask = Task { [environment] in
            while !Task.isCancelled {
                let due = environment.timer.nanoseconds + Self.discoveryIntervalNanoseconds
                guard (try? await environment.timer.sleep(untilNanoseconds: due)) != nil else { return }
                await self.rediscover()
            }
        }
    }

    private func rediscover() async {
        guard !isStopped, !Task.isCancelled else { return }
        lookAtFiles()
        await synchronise()
    }

    private func lookAtFiles() {
        for index in discoverers.indices {
            for error in discoverers[index].refresh(nowMilliseconds: environment.timer.nanoseconds / 1_000_000) {
                environment.counters.update { $0.discoveryErrors += 1 }
                environment.logger.warn(
                    "cannot take targets from a file; its old targets stay: \(error)",
                    ["job": .string(configuration.jobName)]
                )
            }
        }
    }

    /// Makes the running loops those of the targets that are wanted now.
    ///
    /// A loop that is replaced by one with the same labels hands its series over instead of ending them.
    private func synchronise(restarting: Bool = false) async {
        guard !isStopped else { return }
        var wanted: [ScrapeTarget.Key: ScrapeTarget] = [:]
        var order: [ScrapeTarget.Key] = []
        var dropped: [LabelSet] = []
        var droppedCount = 0
        var refused: [String] = []
        let assembly = TargetAssembly(configuration: configuration)
        for group in configuration.staticGroups + discoverers.flatMap(\.groups) {
            for address in group.targets {
                switch assembly.outcome(of: address, in: group) {
                case .target(let target):
                    if wanted.updateValue(target, forKey: target.key) == nil { order.append(target.key) }
                case .dropped(let labels):
                    droppedCount += 1
                    if dropped.count < configuration.limits.keptDroppedTargets { dropped.append(labels) }
                case .refused(let reason): refused.append(reason)
                }
            }
        }
        tellRefused(refused)
        var gone: [LabelSet: ScrapeLoop] = [:]
        for (key, loop) in loops where restarting || wanted[key] == nil {
            gone[key.labels] = loop
            loops[key] = nil
        }
        for key in order {
            guard let target = wanted[key] else { continue }
            if let loop = loops[key] {
                loop.record.rediscover(target.discoveredLabels)
            } else {
                loops[key] = startLoop(target, following: gone.removeValue(forKey: key.labels))
            }
        }
        applyTargetLimit()
        let records = order.compactMap { loops[$0]?.record }
        shown.withLock { $0 = Snapshot(records: records, dropped: dropped, droppedCount: droppedCount) }
        await withTaskGroup(of: Void.self) { group in
            for loop in gone.values { group.addTask { _ = await loop.stop(endsSeries: true) } }
        }
    }

    private func startLoop(_ target: ScrapeTarget, following predecessor: ScrapeLoop?) -> ScrapeLoop {
        ScrapeLoop(
            TargetRecord(target, job: configuration.jobName),
            configuration: configuration,
            source: HTTPExpositionSource(target: target, configuration: configuration, client: environment.client),
            environment: environment,
            following: predecessor
        )
    }

    private func applyTargetLimit() {
        let limit = configuration.limits.targets
        let failure =
            limit > 0 && loops.count > limit
            ? ScrapeFailure(.targetLimit, "target_limit of \(limit) is exceeded; the job has \(loops.count) targets")
            : nil
        for loop in loops.values { loop.record.forcedFailure = failure }
    }

    private func tellRefused(_ refused: [String]) {
        guard let first = refused.first else { return }
        environment.counters.update { $0.targetsRefused += refused.count }
        let more = refused.count > 1 ? " (and \(refused.count - 1) more)" : ""
        environment.logger.warn("target refused: \(first)\(more)", ["job": .string(configuration.jobName)])
    }
}

extension ScrapeConfiguration {
    /// The settings that concern a running loop, without those that only say which targets there are.
    fileprivate var withoutTargets: ScrapeConfiguration {
        var settings = self
        settings.staticGroups = []
        settings.fileDiscoveries = []
        settings.relabelRules = []
        settings.limits.targets = 0
        settings.limits.keptDroppedTargets = 0
        // Part of each target's own key.
        settings.interval = .zero
        settings.timeout = .zero
        return settings
    }
}
