public import CMartletCells
import MartletCore

/// A value that goes up and down: temperature, queue length, memory in use.
///
/// ```swift
/// let queued = Gauge("jobs_queued", help: "Jobs waiting.")
/// queued.set(to: 12)
/// ```
///
/// It is a small value that may be copied, stored and captured freely. Setting is a store, adding a compare-and-swap;
/// neither takes a lock.
public struct Gauge: Sendable {
    @usableFromInline let cell: UInt32
    @usableFromInline let control: UInt32

    @usableFromInline
    init(cell: UInt32, control: UInt32) {
        self.cell = cell
        self.control = control
    }

    /// Declares a gauge, or finds the one declared alike before.
    ///
    /// A declaration that contradicts an earlier one, or whose name is not allowed, gives a gauge that shows nothing;
    /// `registry.problems` says why, and `martlet_registry_conflicts_total` counts it.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `queue_bytes`.
    ///   - help: What is measured, one sentence.
    ///   - unit: The base unit, such as `bytes`; empty for plain numbers.
    ///   - registry: Where it is shown.
    public init(_ name: String, help: String, unit: String = "", registry: MetricRegistry = .default) {
        let instrument = registry.instrument(MetricDescriptor(name: name, type: .gauge, help: help, unit: unit))
        self.init(cell: instrument.onlyCell, control: instrument.control)
    }

    /// Makes this the value; any number, NaN and infinities included.
    @inlinable @inline(__always)
    public func set(to value: Double) {
        martlet_gauge_set(cell, control, value)
    }

    /// Makes this the value.
    @inlinable @inline(__always)
    public func set(to value: Int) {
        martlet_gauge_set(cell, control, Double(value))
    }

    /// Adds to the value.
    @inlinable
    public func increment(by amount: Double = 1) {
        martlet_gauge_add(cell, control, amount)
    }

    /// Takes from the value.
    @inlinable
    public func decrement(by amount: Double = 1) {
        martlet_gauge_add(cell, control, -amount)
    }

    /// Counts the calls that are running: one more during the body, however it ends.
    ///
    /// - Parameter body: What is tracked.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    @inlinable
    public func track<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        increment()
        defer { decrement() }
        return try body()
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
        increment()
        defer { decrement() }
        return try await body()
    }

    /// The value now.
    public var value: Double { cell == 0 ? 0 : martlet_gauge_value(cell) }
}
