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
        var collectors: [any MetricCollector] = []
        var collectorErrors: [String: UInt64] = [:]
        var problems: [MetricRegistryError] = []
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

    let control: UInt32
    let state = Mutex(State())

    /// Creates a registry beside the default one.
    ///
    /// - Parameters:
    ///   - constantLabels: Labels that all series carry, those of collectors included.
    ///   - seriesLimit: The highest number of series of a family with labels; further ones are counted together.
    ///   - isEnabled: Whether anything is recorded and shown.
    public init(constantLabels: LabelSet = .empty, seriesLimit: Int = 10_000, isEnabled: Bool = true) {
        self.constantLabels = constantLabels
        self.seriesLimit = seriesLimit
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

    /// Why handles of this registry count nothing, oldest first; the first hundred are kept.
    public var problems: [MetricRegistryError] {
        state.withLock(\.problems)
    }

    /// The names of all declared metrics, sorted; what collectors bring is not among them.
    public var names: [String] {
        state.withLock { $0.instruments.keys.sorted() }
    }

    /// One declared metric as it is now, or `nil` where none has that name.
    public subscript(name: String) -> MetricFamily? {
        state.withLock { $0.instruments[name] }?.snapshot()
    }

    /// Adds a collector, which is asked at each ``gather()``.
    ///
    /// A collector of the same name is replaced.
    public func add(collector: any MetricCollector) {
        state.withLock { state in
            state.collectors.removeAll { $0.name == collector.name }
            state.collectors.append(collector)
        }
    }

    /// Takes the collector of that name away; does nothing where there is none.
    public func removeCollector(named name: String) {
        state.withLock { $0.collectors.removeAll { $0.name == name } }
    }

    /// The names of the collectors, in the order added.
    public var collectorNames: [String] {
        state.withLock { $0.collectors.map(\.name) }
    }
}
