public import Synchronization

/// A metric with one or two labels whose values are those of enumerations: the fastest look-up there is.
///
/// ```swift
/// enum Outcome: String, LabelValue { case hit, miss }
/// enum Tier: String, LabelValue { case memory, disk }
/// let lookups = Counter.By<Outcome>("cache_lookups_total", help: "Look-ups.", labels: "outcome")
/// let reads = Counter.By2<Outcome, Tier>("cache_reads_total", help: "Reads.", labels: "outcome", "tier")
/// lookups[.hit].increment()
/// reads[.hit, .disk].increment()
/// ```
///
/// All combinations are there, at 0, from its first use or declaration on. They must be no more than its registry
/// allows (10,000 unless said otherwise); otherwise it counts nothing and the registry's `problems` says why.
public struct TypedFamily<Metric: LabeledMetric, Labels: LabelCombination>: ~Copyable, Sendable {
    @usableFromInline let place: Atomic<UInt>
    @usableFromInline let declaration: FamilyDeclaration

    @inlinable @inline(__always)
    init(declaration: FamilyDeclaration) {
        place = Atomic(0)
        self.declaration = declaration
    }

    @inlinable @inline(__always)
    var reference: FamilyReference {
        let address = place.load(ordering: .acquiring)
        if let core = unsafe UnsafePointer<FamilyCore>(bitPattern: address) { return unsafe FamilyReference(core) }
        return resolve()
    }

    @usableFromInline @inline(never)
    func resolve() -> FamilyReference { resolve(in: nil) }

    /// The series of a case.
    @inlinable @inline(__always)
    public subscript<First>(first: First) -> Metric where Labels == OneLabel<First> {
        let family = reference
        return Metric(_cell: family.cell(at: first.labelIndex), of: family)
    }

    /// The series of two cases.
    @inlinable @inline(__always)
    public subscript<First, Second>(first: First, second: Second) -> Metric where Labels == TwoLabels<First, Second> {
        let family = reference
        return Metric(_cell: family.cell(at: first.labelIndex, second.labelIndex), of: family)
    }
}

extension TypedFamily: DeclaredMetric {
    /// Registers the family, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        if place.load(ordering: .relaxed) == 0 { _ = resolve(in: registry) }
    }

    /// Registers the family, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        let found = try registry.find(declaration.descriptor(of: Labels._values))
        let core = unsafe try found.typedCore(Labels._values, width: Labels._width)
        place.store(UInt(bitPattern: core), ordering: .releasing)
    }

    private func resolve(in other: MetricRegistry?) -> FamilyReference {
        let registry = declaration.registry ?? other ?? .default
        let values = Labels._values
        let core = unsafe registry.typedCore(declaration.descriptor(of: values), values, width: Labels._width)
        place.store(UInt(bitPattern: core), ordering: .releasing)
        return unsafe FamilyReference(core)
    }
}
