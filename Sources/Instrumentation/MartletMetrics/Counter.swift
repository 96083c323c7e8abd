public import MartletCore

/// A count that only grows: requests served, bytes sent, errors.
///
/// Declare it once, as a global, a static or a stored property, and use it everywhere:
///
/// ```swift
/// let requests = Counter("http_requests_total", help: "Requests served.")
/// requests.increment()
/// ```
///
/// Increments are exact from any number of threads, take no lock and wait for nobody, a scrape included: each thread
/// adds to memory of its own. Whole numbers are exact through 2^64 - 1.
///
/// A counter registers itself at its first use, or when a registry is told to declare it. A declaration that contradicts
/// an earlier one, or whose name is not allowed, gives a counter that counts nothing: the registry's `problems` says why,
/// one line on standard error too, and `martlet_registration_conflicts_total` counts it.
///
/// It can't be copied, because it notes in itself where it counts; ``series`` can.
public struct Counter: ~Copyable, Sendable {
    @usableFromInline let handle: ScalarHandle

    /// Describes a counter.
    ///
    /// - Parameters:
    ///   - name: The name with its unit and `_total`, such as `http_requests_total` or `sent_bytes_total`.
    ///   - help: What is counted, one sentence.
    ///   - unit: The base unit, such as `.bytes`.
    ///   - labels: Labels that never change.
    ///   - registry: Where it is shown; `nil` for the default registry, or for the one that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    @inlinable @inline(__always)
    public init(
        _ name: String,
        help: String,
        unit: MetricUnit = .none,
        constantLabels labels: LabelSet? = nil,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        handle = ScalarHandle(
            name,
            .counter,
            help: help,
            unit: unit,
            labels: labels,
            registry: registry,
            file: file,
            line: line
        )
    }

    /// The counter as a value that may be copied, stored and captured freely.
    @inlinable @inline(__always)
    public var series: Series {
        let bits = handle.bits
        return Series(cell: UInt32(truncatingIfNeeded: bits), control: UInt32(truncatingIfNeeded: bits >> 32))
    }

    /// Counts one.
    @inlinable @inline(__always)
    public func increment() {
        series.increment()
    }

    /// Counts several at once.
    ///
    /// A negative amount is refused: nothing changes but `martlet_metric_calls_refused_total`.
    ///
    /// - Parameter amount: How many; 0 or more.
    @inlinable @inline(__always)
    public func increment(by amount: Int) {
        series.increment(by: amount)
    }

    /// Adds to a counter of something divisible, such as seconds.
    ///
    /// A negative amount, NaN or infinity is refused: nothing changes but `martlet_metric_calls_refused_total`. Whole
    /// and divided amounts are added up apart, so that divided ones do not cost the exactness of the whole ones.
    ///
    /// - Parameter amount: How much; 0 or more.
    @inlinable @inline(__always)
    public func increment(by amount: Double) {
        series.increment(by: amount)
    }

    /// Counts something that a trace tells more about; see ``Series/increment(by:exemplar:)-(Int,TraceReference)``.
    public func increment(by amount: Int = 1, exemplar trace: TraceReference) {
        series.increment(by: amount, exemplar: trace)
    }

    /// Counts something with an exemplar of any labels, 128 characters at most.
    public func increment(by amount: Int = 1, exemplar labels: LabelSet) {
        series.increment(by: amount, exemplar: labels)
    }

    /// The count now, over all threads.
    public var value: Double { series.value }
}

extension Counter: DeclaredMetric {
    /// Registers the counter, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        handle.declare(in: registry)
    }

    /// Registers the counter, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        try handle.register(in: registry)
    }

    /// A counter that is registered already.
    init(_ instrument: Instrument) {
        handle = ScalarHandle(instrument)
    }
}
