public import MartletCore
public import MartletLogging
public import MartletMetrics
import Synchronization

/// Reads a registry at an interval and hands what it says to exporters, each of which can be off or on.
///
/// ```swift
/// let reporter = MetricsReporter(interval: .seconds(30))
/// reporter.add(LogExporter(logger))
/// reporter.add(try PushExporter(url: "https://dashboard.example/ingest"))
/// reporter.start()
/// ```
///
/// Counters are read, never reset, so that stopping a reporter and starting it again, or an exporter that fails, loses no
/// count. An exporter that fails is told of once in a row and counted in `martlet_exports_total{exporter,result}`; the others
/// and the loop go on. Where exporting takes longer than the interval, the times that have passed meanwhile are left out.
public final class MetricsReporter: Sendable {
    private struct State {
        var exporters: [(exporter: any MetricsExporter, isOn: Bool)] = []
        var failing: Set<String> = []
        var loop: Task<Void, Never>?
    }

    /// How often metrics are exported.
    public let interval: Duration

    private let registry: MetricRegistry
    private let logger: Logger
    private let clock: any WallClock
    private let timer: any MonotonicTimer
    private let state = Mutex(State())
    private let exports: ResolvedFamily<Counter.Series>

    /// Creates a reporter that is not started.
    ///
    /// - Parameters:
    ///   - registry: What is exported.
    ///   - interval: How often.
    ///   - logger: Where failures are told.
    ///   - clock: Tells when metrics were read.
    ///   - timer: What is waited with.
    /// - Precondition: `interval` is over 0.
    public init(
        _ registry: MetricRegistry = .default,
        interval: Duration = .seconds(30),
        logger: Logger = .silent,
        clock: any WallClock = SystemWallClock(),
        timer: any MonotonicTimer = SystemTimer()
    ) {
        precondition(interval > .zero, "a reporter needs an interval over 0; got \(interval)")
        self.registry = registry
        self.interval = interval
        self.logger = logger
        self.clock = clock
        self.timer = timer
        let family = Counter.Family(
            "martlet_exports_total",
            help: "Exports of the metrics by exporter and result.",
            labels: "exporter",
            "result",
            registry: registry
        )
        exports = family.resolved
    }

    deinit { state.withLock { $0.loop?.cancel() } }

    // MARK: Exporters

    /// Adds an exporter, which is on; one of the same name is replaced.
    public func add(_ exporter: some MetricsExporter) {
        state.withLock { state in
            state.exporters.removeAll { $0.exporter.name == exporter.name }
            state.exporters.append((exporter, true))
        }
    }

    /// Takes an exporter away.
    public func remove(named name: String) {
        state.withLock { $0.exporters.removeAll { $0.exporter.name == name } }
    }

    /// Turns an exporter off, or on again.
    ///
    /// - Parameters:
    ///   - name: The exporter's name.
    ///   - isOn: Whether it takes part from the next time on.
    /// - Returns: Whether there is one of that name.
    @discardableResult
    public func set(_ name: String, isOn: Bool) -> Bool {
        state.withLock { state in
            guard let place = state.exporters.firstIndex(where: { $0.exporter.name == name }) else { return false }
            state.exporters[place].isOn = isOn
            return true
        }
    }

    /// The exporters by name, and whether each is on.
    public var exporters: [String: Bool] {
        state.withLock { state in
            Dictionary(state.exporters.map { ($0.exporter.name, $0.isOn) }) { first, _ in first }
        }
    }

    // MARK: Running

    /// Starts to export, for the first time after one interval; does nothing while it runs.
    public func start() {
        state.withLock { state in
            guard state.loop == nil else { return }
            state.loop = Task { [weak self, timer, interval] in
                let step = max(1, interval.wholeNanoseconds)
                var next = timer.nanoseconds
                while !Task.isCancelled {
                    // At a fixed rate: an export that took long does not move those after it.
                    next += step * max(1, (timer.nanoseconds - next) / step + 1)
                    do { try await timer.sleep(untilNanoseconds: next) } catch { return }
                    guard let self else { return }
                    await self.exportNow()
                }
            }
        }
    }

    /// Ends exporting, also what is under way; it may be started again.
    public func stop() {
        let loop = state.withLock { state in
            defer { state.loop = nil }
            return state.loop
        }
        loop?.cancel()
    }

    /// Exports at once, with each exporter that is on, one after the other.
    ///
    /// - Returns: Why exporters failed, by their names.
    @discardableResult
    public func exportNow() async -> [String: String] {
        let active = state.withLock { $0.exporters.filter(\.isOn).map(\.exporter) }
        guard !active.isEmpty else { return [:] }
        let families = registry.gather()
        let time = clock.millisecondsSinceEpoch
        var failures: [String: String] = [:]
        for exporter in active {
            do {
                try await exporter.export(families, at: time)
                note(exporter.name, nil)
            } catch {
                failures[exporter.name] = "\(error)"
                note(exporter.name, "\(error)")
            }
        }
        return failures
    }

    private func note(_ name: String, _ failure: String?) {
        exports[name, failure == nil ? "success" : "failure"].increment()
        let isChange = state.withLock { state in
            failure == nil ? state.failing.remove(name) != nil : state.failing.insert(name).inserted
        }
        guard isChange else { return }
        if let failure {
            logger.warn("metrics are not exported", ["exporter": .string(name), "error": .string(failure)])
        } else {
            logger.info("metrics are exported again", ["exporter": .string(name)])
        }
    }
}
