public import MartletCore
public import Synchronization

/// What counters and gauges without labels are declared with, and where they count once they are registered.
///
/// Plain constants but for the place, so that a global one needs no code to be initialised.
@usableFromInline
struct ScalarHandle: ~Copyable, Sendable {
    // The cell in the lower half and the control cell in the upper one; 0 before the first use. One relaxed load finds
    // both: they never change again, and what they lead to is made before they are stored.
    @usableFromInline let place: Atomic<UInt64>
    @usableFromInline let name: String
    @usableFromInline let kind: MetricKind
    @usableFromInline let help: String
    @usableFromInline let unit: MetricUnit
    @usableFromInline let labels: LabelSet?
    @usableFromInline let registry: MetricRegistry?
    @usableFromInline let file: StaticString
    @usableFromInline let line: UInt

    @inlinable @inline(__always)
    init(
        _ name: String,
        _ kind: MetricKind,
        help: String,
        unit: MetricUnit,
        labels: LabelSet?,
        registry: MetricRegistry?,
        file: StaticString,
        line: UInt
    ) {
        place = Atomic(0)
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit
        self.labels = labels
        self.registry = registry
        self.file = file
        self.line = line
    }

    /// One that is registered already.
    init(_ instrument: Instrument) {
        let descriptor = instrument.descriptor
        self.init(
            descriptor.name,
            descriptor.kind,
            help: descriptor.help,
            unit: .none,
            labels: nil,
            registry: nil,
            file: "",
            line: 0
        )
        place.store(ScalarHandle.bits(instrument), ordering: .releasing)
    }

    /// Where it counts; registers it at the first call.
    @inlinable @inline(__always)
    var bits: UInt64 {
        let bits = place.load(ordering: .relaxed)
        return _slowPath(bits == 0) ? resolve() : bits
    }

    @usableFromInline @inline(never)
    func resolve() -> UInt64 { resolve(in: nil) }

    func declare(in registry: MetricRegistry) {
        if place.load(ordering: .relaxed) == 0 { _ = resolve(in: registry) }
    }

    func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        place.store(ScalarHandle.bits(try registry.find(descriptor)), ordering: .releasing)
    }

    private func resolve(in other: MetricRegistry?) -> UInt64 {
        let bits = ScalarHandle.bits((registry ?? other ?? .default).instrument(descriptor))
        place.store(bits, ordering: .releasing)
        return bits
    }

    private var descriptor: MetricDescriptor {
        MetricDescriptor(
            name: name,
            kind: kind,
            help: help,
            unit: unit.rawValue,
            constantLabels: labels ?? .empty,
            site: DeclarationSite(file: "\(file)", line: line)
        )
    }

    static func bits(_ instrument: Instrument) -> UInt64 {
        UInt64(instrument.onlyCell) | UInt64(instrument.control) << 32
    }
}
