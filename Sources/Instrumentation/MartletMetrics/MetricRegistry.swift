import CMartletCells
public import MartletCore
import Synchronization

/// The metrics of a program, or of a part that is to be shown apart.
///
/// Handles such as ``Counter`` register themselves with ``default`` unless told otherwise. All of it may be used from
/// any thread.
public final class MetricRegistry: Sendable {
    struct State {
        var instruments: [String: Instrument] = [:]
        /// Which metric writes samples of a name.
        var sampleOwners: [String: String] = [:]
        var collectors: [CollectorRunner] = []
        var collectorErrors: [String: UInt64] = [:]
        var collectorTimeouts: [String: UInt64] = [:]
        var problems: [MetricRegistryError] = []
        /// Registrations that were refused.
        var refusedCount: UInt64 = 0
        /// Families and series that were left out of what was read.
        var conflictCount: UInt64 = 0
    }

    /// The registry of the process, in which handles are declared unless they name another.
    public static let `default` = MetricRegistry()

    /// How many problems are kept; later ones are only counted.
    static let problemsMax = 100

    /// Labels that all series of the registry carry.
    public let constantLabels: LabelSet

    /// The highest number of series of a family with labels.
    public let seriesLimit: Int

    /// The highest number of declared metrics.
    public let metricsLimit: Int

    /// How long one collector may take before what it brings is left out of the scrape that waits for it.
    public let collectorTimeLimit: Duration

    let control: UInt32
    let budget: SeriesBudget
    let clock: any WallClock
    let report: @Sendable (String) -> Void
    let state = Locked(State())

    /// Creates a registry beside the default one.
    ///
    /// - Parameters:
    ///   - constantLabels: Labels that all series carry, those of collectors included.
    ///   - seriesLimit: The highest number of series of a family with labels; further ones are counted together.
    ///   - totalSeriesLimit: The highest number of series of all families with labels.
    ///   - metricsLimit: The highest number of declared metrics.
    ///   - collectorTimeLimit: How long one collector may take.
    ///   - isEnabled: Whether anything is recorded and shown.
    ///   - clock: Tells when series begin, and what time summaries and expiring series see.
    ///   - report: Is told of each problem once; `nil` writes it to standard error.
    public init(
        constantLabels: LabelSet = .empty,
        seriesLimit: Int = 10_000,
        totalSeriesLimit: Int = 1_000_000,
        metricsLimit: Int = 10_000,
        collectorTimeLimit: Duration = .seconds(2),
        isEnabled: Bool = true,
        clock: any WallClock = SystemWallClock(),
        report: (@Sendable (String) -> Void)? = nil
    ) {
        self.constantLabels = constantLabels
        self.seriesLimit = seriesLimit
        self.metricsLimit = metricsLimit
        self.collectorTimeLimit = collectorTimeLimit
        budget = SeriesBudget(limit: totalSeriesLimit)
        self.clock = clock
        self.report = report ?? { StandardError.write("martlet: \($0)\n") }
        control = martlet_cells_allocate(1, 8)
        martlet_cells_switch(control, isEnabled)
    }

    deinit {
        // Nothing reads the cells any more; without this, a registry that was switched off would slow down all others.
        martlet_cells_switch(control, true)
    }

    /// Whether anything is recorded and shown; calls on handles of a registry that is off return and change nothing.
    ///
    /// While any registry of the process is off, recording takes a slower path for all.
    public var isEnabled: Bool {
        get { martlet_cells_is_on(control) }
        set { martlet_cells_switch(control, newValue) }
    }

    /// Why handles of this registry count nothing and why calls by name did nothing, each once, oldest first; the first
    /// hundred are kept.
    public var problems: [MetricRegistryError] {
        state.withLock(\.problems)
    }

    /// The names of all declared metrics, sorted; what collectors bring is not among them.
    public var names: [String] {
        state.withLock { $0.instruments.keys.sorted() }
    }

    /// What is declared, in the order of names; collectors declare nothing.
    ///
    /// - Complexity: O(*m* log *m*), where *m* is the number of metrics.
    public var declarations: [MetricDeclaration] {
        let descriptors = state.withLock { $0.instruments.values.map(\.descriptor) }
        return descriptors.map(MetricDeclaration.init).sorted { $0.name < $1.name }
    }

    /// One declared metric as it is now, or `nil` where none has that name.
    public subscript(name: String) -> MetricFamily? {
        state.withLock { $0.instruments[name] }?.snapshot(at: clock.millisecondsSinceEpoch)
    }

    /// How many series the declared metrics have.
    public var seriesCount: Int {
        state.withLock { Array($0.instruments.values) }.reduce(0) { $0 + $1.seriesCount }
    }

    var settings: InstrumentSettings {
        InstrumentSettings(
            control: control,
            constantLabels: constantLabels,
            seriesLimit: seriesLimit,
            budget: budget,
            clock: clock
        )
    }
}
