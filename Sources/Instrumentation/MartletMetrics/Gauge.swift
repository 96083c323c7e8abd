public import MartletCore

/// A value that goes up and down: temperature, queue length, memory in use.
///
/// ```swift
/// let queued = Gauge("jobs_queued", help: "Jobs waiting.")
/// queued.set(to: 12)
/// ```
///
/// Setting is a store, adding a compare-and-swap; neither takes a lock. A gauge registers itself at its first use, or when
/// a registry is told to declare it; one that contradicts an earlier declaration shows nothing, as ``Counter`` tells.
///
/// It can't be copied, because it notes in itself where its value is; ``series`` can.
public struct Gauge: ~Copyable, Sendable {
    @usableFromInline let handle: ScalarHandle

    /// Describes a gauge.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `queue_bytes`.
    ///   - help: What is measured, one sentence.
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
            .gauge,
            help: help,
            unit: unit,
            labels: labels,
            registry: registry,
            file: file,
            line: line
        )
    }

    /// The gauge as a value that may be copied, stored and captured freely.
    @inlinable @inline(__always)
    public var series: Series {
        let bits = handle.bits
        return Series(cell: UInt32(truncatingIfNeeded: bits), control: UInt32(truncatingIfNeeded: bits >> 32))
    }

    /// Makes this the value; any number, NaN and infinities included.
    @inlinable @inline(__always)
    public func set(to value: Double) {
        series.set(to: value)
    }

    /// Makes this the value.
    @inlinable @inline(__always)
    public func set(to value: Int) {
        series.set(to: value)
    }

    /// Adds to the value.
    @inlinable
    public func increment(by amount: Double = 1) {
        series.increment(by: amount)
    }

    /// Takes from the value.
    @inlinable
    public func decrement(by amount: Double = 1) {
        series.decrement(by: amount)
    }

    /// Counts the calls that are running: one more during the body, however it ends.
    ///
    /// - Parameter body: What is tracked.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    @inlinable
    public func track<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try series.track(body)
    }

    /// Counts the calls that are running: one more during the body, however it ends.
    ///
    /// - Parameter body: What is tracked; it runs where the caller does.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    @inlinable
    nonisolated(nonsending) public func track<Result, Failure>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await series.track(body)
    }

    /// The value now.
    public var value: Double { series.value }
}

extension Gauge: DeclaredMetric {
    /// Registers the gauge, unless it is; used by the registry.
    public func declare(in registry: MetricRegistry) {
        handle.declare(in: registry)
    }

    /// Registers the gauge, unless it is, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        try handle.register(in: registry)
    }

    /// A gauge that is registered already.
    init(_ instrument: Instrument) {
        handle = ScalarHandle(instrument)
    }
}
