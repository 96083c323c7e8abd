public import CMartletCells
public import MartletCore
public import Synchronization

// Safety: the bounds are never written after they were made, and never freed, so that any thread may read them for ever.

/// Counts observations by size: latencies, body lengths.
///
/// ```swift
/// let latency = Histogram("http_request_duration_seconds", help: "Time to answer.", unit: .seconds)
/// latency.observe(0.012)
/// ```
///
/// Observing takes no lock: each thread counts in memory of its own. The count is the sum of the buckets, so that it
/// agrees with them at any moment; the sum of the observations may lag behind by those that are under way.
///
/// A histogram registers itself at its first use, or when a registry is told to declare it; one that contradicts an
/// earlier declaration counts nothing, as ``Counter`` tells. It can't be copied, because it notes in itself where it
/// counts; ``series`` can.
@safe
public struct Histogram: ~Copyable, Sendable {
    // The address of its bounds, which say where it counts; 0 before the first use. Acquired, since they are read through.
    @usableFromInline let place: Atomic<UInt>
    @usableFromInline let name: String
    @usableFromInline let kind: MetricKind
    @usableFromInline let help: String
    @usableFromInline let unit: MetricUnit
    @usableFromInline let buckets: HistogramBuckets
    @usableFromInline let labels: LabelSet?
    @usableFromInline let registry: MetricRegistry?
    @usableFromInline let file: StaticString
    @usableFromInline let line: UInt

    /// Describes a histogram.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `http_request_duration_seconds`.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit, such as `.seconds`.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - labels: Labels that never change.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        buckets: HistogramBuckets = .standard,
        constantLabels labels: LabelSet? = nil,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.init(
            name,
            .histogram,
            help: help,
            unit: unit,
            buckets: buckets,
            labels: labels,
            registry: registry,
            file: file,
            line: line
        )
    }

    @inlinable @inline(__always)
    init(
        _ name: String,
        _ kind: MetricKind,
        help: String,
        unit: MetricUnit,
        buckets: HistogramBuckets,
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
        self.buckets = buckets
        self.labels = labels
        self.registry = registry
        self.file = file
        self.line = line
    }

    /// The histogram as a value that may be copied, stored and captured freely.
    @inlinable @inline(__always)
    public var series: Series {
        let bounds = unsafe self.bounds
        return unsafe Series(bounds: bounds, cell: bounds.pointee.only_cell, control: bounds.pointee.control)
    }

    @inlinable @inline(__always)
    var bounds: UnsafePointer<martlet_bounds> {
        let address = place.load(ordering: .acquiring)
        if let bounds = unsafe UnsafePointer<martlet_bounds>(bitPattern: address) { return unsafe bounds }
        return unsafe resolve()
    }

    @usableFromInline @inline(never)
    func resolve() -> UnsafePointer<martlet_bounds> { unsafe resolve(in: nil) }

    /// Counts a value in its bucket and adds it to the sum.
    ///
    /// A value equal to a bound belongs to that bound's bucket. An infinite value counts in the first or last bucket and
    /// makes the sum infinite. NaN is refused: nothing changes but `martlet_metric_calls_refused_total`.
    ///
    /// - Parameter value: The value, in the histogram's unit.
    @inlinable @inline(__always)
    public func observe(_ value: Double) {
        unsafe martlet_histogram_observe_only(bounds, value)
    }

    /// Observes a length of time, in seconds.
    @inlinable
    public func observe(_ duration: Duration) {
        observe(duration.inSeconds)
    }

    /// Observes each of many values: what they share is looked up once.
    ///
    /// - Parameter values: The values; those that are not numbers are refused.
    public func observe(contentsOf values: [Double]) {
        series.observe(contentsOf: values)
    }

    /// Observes a value that a trace tells more about; the trace becomes the exemplar of the value's bucket.
    public func observe(_ value: Double, exemplar trace: TraceReference) {
        series.observe(value, exemplar: trace)
    }

    /// Observes a value with an exemplar of any labels, 128 characters at most.
    public func observe(_ value: Double, exemplar labels: LabelSet) {
        series.observe(value, exemplar: labels)
    }

    /// The buckets, sum and count now, over all threads.
    public var value: HistogramValue { series.value }

    /// Estimates the value below which a share of the observations fall.
    ///
    /// - Parameter share: The share of observations, from 0 through 1; 0.99 asks for the 99th percentile.
    /// - Returns: The estimate in the histogram's unit, or `nil` before the first observation.
    /// - Precondition: `share` is in `0...1`.
    /// - Complexity: O(*b* · *t*), where *b* is the number of buckets and *t* that of threads.
    /// - SeeAlso: ``HistogramValue/quantile(_:)``
    public func quantile(_ share: Double) -> Double? {
        value.quantile(share)
    }
}

extension Histogram: DeclaredMetric {
    var descriptor: MetricDescriptor {
        MetricDescriptor(
            name: kind == .timer ? Timer.exportedName(name) : name,
            kind: kind,
            help: help,
            unit: unit.rawValue,
            buckets: buckets,
            constantLabels: labels ?? .empty,
            site: DeclarationSite(file: "\(file)", line: line)
        )
    }

    /// Registers the histogram, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        if place.load(ordering: .relaxed) == 0 { _ = unsafe resolve(in: registry) }
    }

    /// Registers the histogram, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        let found = try registry.find(descriptor)
        place.store(unsafe UInt(bitPattern: found.bounds), ordering: .releasing)
    }

    private func resolve(in other: MetricRegistry?) -> UnsafePointer<martlet_bounds> {
        let found = unsafe (registry ?? other ?? .default).instrument(descriptor).bounds
        place.store(UInt(bitPattern: found), ordering: .releasing)
        return unsafe found
    }

    /// A histogram that is registered already.
    init(_ instrument: Instrument) {
        self.init(instrument.descriptor.name, help: instrument.descriptor.help)
        place.store(unsafe UInt(bitPattern: instrument.bounds), ordering: .releasing)
    }
}
