public import Synchronization

/// A metric with a label whose values are those of an enumeration: the fastest look-up there is.
///
/// ```swift
/// enum Outcome: String, LabelValue { case hit, miss }
/// let lookups = Counter.By<Outcome>("cache_lookups_total", help: "Look-ups.", labels: "outcome")
/// lookups[.hit].increment()
/// ```
///
/// All series are there, at 0, from its first use or declaration on. They must be no more than its registry
/// allows (10,000 unless said otherwise); otherwise it counts nothing and the registry's `problems` says why.
public struct TypedFamily<Metric: LabeledMetric, First: LabelValue>: ~Copyable, Sendable {
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
    public subscript(first: First) -> Metric {
        let family = reference
        return Metric(_cell: family.cell(at: first.labelIndex), of: family)
    }
}

extension TypedFamily: DeclaredMetric {
    /// Registers the family, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        if place.load(ordering: .relaxed) == 0 { _ = resolve(in: registry) }
    }

    /// Registers the family, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        let found = try registry.find(declaration.descriptor(of: values))
        let core = unsafe try found.typedCore(values, width: 1)
        place.store(UInt(bitPattern: core), ordering: .releasing)
    }

    private func resolve(in other: MetricRegistry?) -> FamilyReference {
        let registry = declaration.registry ?? other ?? .default
        let core = unsafe registry.typedCore(declaration.descriptor(of: values), values, width: 1)
        place.store(UInt(bitPattern: core), ordering: .releasing)
        return unsafe FamilyReference(core)
    }

    /// The label values of all series in the order of their cells; `nil` where the cases can't be numbered.
    private var values: [[String]]? {
        First.isIndexed ? First.allCases.map { [$0.labelText] } : nil
    }
}

extension Counter {
    /// A counter with a label whose values are an enumeration's.
    public typealias By<First: LabelValue> = TypedFamily<Series, First>
}

extension TypedFamily where Metric == Counter.Series {
    /// Describes a counter by an enumeration.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What the numbers mean, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - first: The name of the first label.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        labels first: String,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.init(
            declaration: FamilyDeclaration(
                name,
                .counter,
                help: help,
                unit: unit,
                (first, "", "", ""),
                buckets: .standard,
                seriesLimit: 0,
                expiry: nil,
                registry: registry,
                file: file,
                line: line
            )
        )
    }
}

extension Gauge {
    /// A gauge with a label whose values are an enumeration's.
    public typealias By<First: LabelValue> = TypedFamily<Series, First>
}

extension TypedFamily where Metric == Gauge.Series {
    /// Describes a gauge by an enumeration.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What the numbers mean, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - first: The name of the first label.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        labels first: String,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.init(
            declaration: FamilyDeclaration(
                name,
                .gauge,
                help: help,
                unit: unit,
                (first, "", "", ""),
                buckets: .standard,
                seriesLimit: 0,
                expiry: nil,
                registry: registry,
                file: file,
                line: line
            )
        )
    }
}

extension Histogram {
    /// A histogram with a label whose values are an enumeration's.
    public typealias By<First: LabelValue> = TypedFamily<Series, First>
}

extension TypedFamily where Metric == Histogram.Series {
    /// Describes a histogram by an enumeration.
    ///
    /// - Parameters:
    ///   - name: The name with its unit.
    ///   - help: What the numbers mean, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - first: The name of the first label.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        labels first: String,
        buckets: HistogramBuckets = .standard,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.init(
            declaration: FamilyDeclaration(
                name,
                .histogram,
                help: help,
                unit: unit,
                (first, "", "", ""),
                buckets: buckets,
                seriesLimit: 0,
                expiry: nil,
                registry: registry,
                file: file,
                line: line
            )
        )
    }
}
