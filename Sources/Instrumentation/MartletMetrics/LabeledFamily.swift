public import Synchronization

/// What one series of a family is reached through: ``Counter/Series`` and its like.
public protocol LabeledMetric: Sendable {
    /// The series whose cell was found; only the library calls it.
    init(_cell cell: UInt32, of family: FamilyReference)

    /// What kind of metric it is a series of; only the library asks.
    static var _kind: MetricKind { get }
}

/// A series that is one number, such as ``Counter/Series``; only the library conforms to it.
public protocol ScalarMetric: LabeledMetric {}

/// A metric with labels: one series for each combination of their values.
///
/// ```swift
/// let requests = Counter.Family("http_requests_total", help: "Requests served.", labels: "method", "code")
/// requests["get", "200"].increment()
/// ```
///
/// Looking a series up takes no lock and allocates nothing once it exists; where the values are known beforehand, keep
/// what the subscript gives. Where the values are those of enumerations, ``Counter/By`` is faster still.
///
/// A family has at most as many series as its registry allows (10,000 unless said otherwise): values beyond that, or
/// longer than 4 KiB, are counted together in a series whose labels all say `other`, and each such look-up in
/// `martlet_series_dropped_total`. Series that are there keep their counts.
///
/// A family registers itself at its first use. One that contradicts an earlier declaration counts nothing, as ``Counter``
/// tells.
public struct LabeledFamily<Metric: LabeledMetric>: ~Copyable, Sendable {
    // The address of what look-ups need; 0 before the first use.
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

    @usableFromInline @inline(never)
    func slowCell(_ first: String) -> UInt32 { reference.slowCell(first) }

    @usableFromInline @inline(never)
    func slowCell(_ first: String, _ second: String) -> UInt32 { reference.slowCell(first, second) }

    @usableFromInline @inline(never)
    func slowCell(_ first: String, _ second: String, _ third: String) -> UInt32 {
        reference.slowCell(first, second, third)
    }

    /// The family as a value that may be copied, stored and captured freely.
    @inlinable @inline(__always)
    public var resolved: ResolvedFamily<Metric> { ResolvedFamily(reference) }

    /// The series of a family with one label.
    ///
    /// - Precondition: The family has one label.
    @inlinable @inline(__always)
    public subscript(first: String) -> Metric {
        let a = FamilyReference.words(first)
        if _fastPath(a.1 >> 63 == 1) {
            let family = reference
            return Metric(_cell: family.cell(a), of: family)
        }
        let cell = slowCell(first)
        return Metric(_cell: cell, of: reference)
    }

    /// The series of a family with two labels, whose values come in the order of the declaration.
    ///
    /// - Precondition: The family has two labels.
    @inlinable @inline(__always)
    public subscript(first: String, second: String) -> Metric {
        let a = FamilyReference.words(first)
        let b = FamilyReference.words(second)
        if _fastPath((a.1 & b.1) >> 63 == 1) {
            let family = reference
            return Metric(_cell: family.cell(a, b), of: family)
        }
        let cell = slowCell(first, second)
        return Metric(_cell: cell, of: reference)
    }

    /// The series of a family with three labels, whose values come in the order of the declaration.
    ///
    /// - Precondition: The family has three labels.
    @inlinable @inline(__always)
    public subscript(first: String, second: String, third: String) -> Metric {
        let a = FamilyReference.words(first)
        let b = FamilyReference.words(second)
        let c = FamilyReference.words(third)
        if _fastPath((a.1 & b.1 & c.1) >> 63 == 1) {
            let family = reference
            return Metric(_cell: family.cell(a, b, c), of: family)
        }
        let cell = slowCell(first, second, third)
        return Metric(_cell: cell, of: reference)
    }

    /// The series of a family with one label, by texts that are part of the program: these cost no reference counts, even
    /// where they come from an array.
    ///
    /// - Precondition: The family has one label.
    @_disfavoredOverload @inlinable @inline(__always)
    public subscript(first: StaticString) -> Metric {
        let family = reference
        return Metric(_cell: family.cell(FamilyReference.words(first)), of: family)
    }

    /// The series of a family with two labels, by texts that are part of the program: these cost no reference counts, even
    /// where they come from an array.
    ///
    /// - Precondition: The family has two labels.
    @_disfavoredOverload @inlinable @inline(__always)
    public subscript(first: StaticString, second: StaticString) -> Metric {
        let family = reference
        return Metric(_cell: family.cell(FamilyReference.words(first), FamilyReference.words(second)), of: family)
    }

    /// The series of a family with three labels, by texts that are part of the program: these cost no reference counts, even
    /// where they come from an array.
    ///
    /// - Precondition: The family has three labels.
    @_disfavoredOverload @inlinable @inline(__always)
    public subscript(first: StaticString, second: StaticString, third: StaticString) -> Metric {
        let family = reference
        let (a, b, c) = (
            FamilyReference.words(first), FamilyReference.words(second), FamilyReference.words(third)
        )
        return Metric(_cell: family.cell(a, b, c), of: family)
    }

    /// The series of those label values, in the order of the declaration; for any number of labels.
    ///
    /// - Precondition: There are as many values as labels.
    public subscript(labels values: [String]) -> Metric {
        resolved[labels: values]
    }

    /// Takes the series of those label values away; it comes back, from 0, when it is looked up again.
    ///
    /// What was kept from an earlier look-up counts nothing that is shown any more. From the first removal on, look-ups
    /// in this family take a lock.
    ///
    /// - Parameter values: The values, in the order of the declaration.
    /// - Returns: Whether there was such a series.
    @discardableResult
    public func remove(_ values: String...) -> Bool {
        reference.instrument.remove(values)
    }

    /// Takes the series of those label values away; see ``remove(_:)``.
    @discardableResult
    public func remove(labels values: [String]) -> Bool {
        resolved.remove(labels: values)
    }

    /// How many series there are.
    public var count: Int { resolved.count }
}

extension LabeledFamily: DeclaredMetric {
    /// Registers the family, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        if place.load(ordering: .relaxed) == 0 { _ = resolve(in: registry) }
    }

    /// Registers the family, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        let found = try registry.find(declaration.descriptor, makeObject: declaration.makeObject)
        place.store(unsafe UInt(bitPattern: found.core), ordering: .releasing)
    }

    private func resolve(in other: MetricRegistry?) -> FamilyReference {
        let registry = declaration.registry ?? other ?? .default
        let found = registry.instrument(declaration.descriptor, makeObject: declaration.makeObject)
        place.store(unsafe UInt(bitPattern: found.core), ordering: .releasing)
        return unsafe FamilyReference(found.core)
    }

    /// A family that is registered already.
    init(_ instrument: Instrument) {
        self.init(declaration: FamilyDeclaration(instrument.descriptor))
        place.store(unsafe UInt(bitPattern: instrument.core), ordering: .releasing)
    }
}
