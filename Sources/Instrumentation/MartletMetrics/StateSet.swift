import CMartletCells
import MartletCore
import Synchronization

/// Which of some states hold: one series a state, 1 for those that do and 0 for the others.
///
/// ```swift
/// enum Phase: String, LabelValue { case starting, ready, draining }
/// let phase = StateSet<Phase>("shop_phase", help: "What the shop is doing.")
/// phase.set(to: .ready)
/// ```
///
/// Up to 64 states. Changing is an atomic store, so that a reader never sees two states in between.
public struct StateSet<State: LabelValue>: ~Copyable, Sendable {
    private let place = Atomic<UInt64>(0)
    private let name: String
    private let help: String
    private let registry: MetricRegistry?
    private let site: DeclarationSite

    /// Describes a set of states, none of which holds.
    ///
    /// - Parameters:
    ///   - name: The name, which is also that of the label that says the state.
    ///   - help: What the states are about, one sentence.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    public init(
        _ name: String,
        help: String,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.name = name
        self.help = help
        self.registry = registry
        site = DeclarationSite(file: "\(file)", line: line)
    }

    /// Makes this the only state that holds.
    public func set(to state: State) {
        let bits = resolved
        martlet_gauge_set(UInt32(truncatingIfNeeded: bits), UInt32(bits >> 32), Double(bitPattern: bit(state)))
    }

    /// Says whether a state holds, beside the others.
    public func set(_ state: State, _ holds: Bool) {
        let bits = resolved
        martlet_gauge_change_bits(
            UInt32(truncatingIfNeeded: bits),
            UInt32(bits >> 32),
            holds ? bit(state) : 0,
            holds ? 0 : bit(state)
        )
    }

    /// The states that hold.
    public var states: [State] {
        let cell = UInt32(truncatingIfNeeded: resolved)
        guard cell >= MARTLET_CELLS_FIRST else { return [] }
        let held = martlet_gauge_value(cell).bitPattern
        return State.allCases.filter { held & bit($0) != 0 }
    }

    private func bit(_ state: State) -> UInt64 { 1 << UInt64(state.labelIndex & 63) }

    private var resolved: UInt64 {
        let bits = place.load(ordering: .relaxed)
        return bits != 0 ? bits : resolve(in: nil)
    }

    private func resolve(in other: MetricRegistry?) -> UInt64 {
        let problem = problem.map { MetricRegistryError.invalidSetting(metric: name, reason: $0) }
        let found = (registry ?? other ?? .default).instrument(descriptor, problem: problem)
        let bits = ScalarHandle.bits(found)
        place.store(bits, ordering: .releasing)
        return bits
    }

    private var problem: String? {
        if State.allCases.isEmpty { return "it has no states" }
        if State.allCases.count > 64 { return "it has \(State.allCases.count) states, 64 are allowed" }
        return State.isIndexed ? nil : "the cases of \(State.self) carry something or are listed in another order"
    }

    private var descriptor: MetricDescriptor {
        MetricDescriptor(
            name: name,
            kind: .stateSet,
            help: help,
            details: State.allCases.map(\.labelText).joined(separator: "\n"),
            site: site
        )
    }
}

extension StateSet: DeclaredMetric {
    /// Registers the states, unless they are; used by the registry.
    public func declare(in registry: MetricRegistry) {
        if place.load(ordering: .relaxed) == 0 { _ = resolve(in: registry) }
    }

    /// Registers the states, unless they are, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        if let problem { throw .invalidSetting(metric: name, reason: problem) }
        place.store(ScalarHandle.bits(try registry.find(descriptor)), ordering: .releasing)
    }
}

/// Spreads the bits of a state set over series.
enum StateSeries {
    static func series(_ descriptor: MetricDescriptor, _ series: [MetricSeries]) -> [MetricSeries] {
        guard let only = series.first, let bits = only.value.number?.bitPattern else { return [] }
        return descriptor.details.split(separator: "\n").enumerated().map { place, state in
            let holds = bits & (1 << UInt64(place)) != 0
            return MetricSeries(labels: only.labels.setting(descriptor.name, to: String(state)), holds ? 1 : 0)
        }
    }
}
