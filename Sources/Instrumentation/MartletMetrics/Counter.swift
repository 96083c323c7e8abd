public import CMartletCells
import MartletCore

/// A count that only grows: requests served, bytes sent, errors.
///
/// Declare it once and keep it; it is a small value that may be copied, stored and captured freely:
///
/// ```swift
/// let requests = Counter("http_requests_total", help: "Requests served.")
/// requests.increment()
/// ```
///
/// Increments are exact from any number of threads, take no lock and wait for nobody, a scrape included: each thread
/// adds to memory of its own. Whole numbers are exact through 2^64 - 1.
public struct Counter: Sendable {
    @usableFromInline let cell: UInt32
    @usableFromInline let control: UInt32

    @usableFromInline
    init(cell: UInt32, control: UInt32) {
        self.cell = cell
        self.control = control
    }

    /// Declares a counter, or finds the one declared alike before.
    ///
    /// A declaration that contradicts an earlier one, or whose name is not allowed, gives a counter that counts nothing;
    /// `registry.problems` says why, and `martlet_registry_conflicts_total` counts it.
    ///
    /// - Parameters:
    ///   - name: The name with its unit and `_total`, such as `http_requests_total` or `sent_bytes_total`.
    ///   - help: What is counted, one sentence.
    ///   - unit: The base unit, such as `bytes`; empty for plain numbers.
    ///   - registry: Where it is shown.
    public init(_ name: String, help: String, unit: String = "", registry: MetricRegistry = .default) {
        let instrument = registry.instrument(
            MetricDescriptor(name: name, type: .counter, help: help, unit: unit)
        )
        self.init(cell: instrument.onlyCell, control: instrument.control)
    }

    /// Counts one.
    @inlinable @inline(__always)
    public func increment() {
        martlet_cells_add(cell, control, 1)
    }

    /// Counts several at once.
    ///
    /// A negative amount is refused: nothing changes but `martlet_metric_calls_refused_total`.
    ///
    /// - Parameter amount: How many; 0 or more.
    @inlinable @inline(__always)
    public func increment(by amount: Int) {
        if amount >= 0 {
            martlet_cells_add(cell, control, UInt64(truncatingIfNeeded: amount))
        } else {
            martlet_cells_refuse(control)
        }
    }

    /// Adds to a counter of something divisible, such as seconds.
    ///
    /// A negative amount, NaN or infinity is refused: nothing changes but `martlet_metric_calls_refused_total`. Whole
    /// and divided amounts are added up apart, so that divided ones do not cost the exactness of the whole ones.
    ///
    /// - Parameter amount: How much; 0 or more.
    @inlinable @inline(__always)
    public func increment(by amount: Double) {
        if amount >= 0, amount < .infinity {
            martlet_cells_add_fraction(cell, control, amount)
        } else {
            martlet_cells_refuse(control)
        }
    }

    /// The count now, over all threads.
    public var value: Double { exactValue.number ?? 0 }

    /// The count now: a whole number wherever it is one.
    var exactValue: MetricValue {
        // Cell 0 takes what handles that count nothing are told.
        guard cell != 0 else { return .integer(0) }
        let whole = martlet_cells_sum(cell)
        let fraction = martlet_cells_sum_fractions(cell)
        guard let rest = UInt64(exactly: fraction) else { return .number(Double(whole) + fraction) }
        let (sum, overflow) = whole.addingReportingOverflow(rest)
        return overflow ? .number(Double(whole) + fraction) : .integer(sum)
    }
}
