public import CMartletCells
import MartletCore

// Safety: the bounds are never written after they were made, and never freed, so that any thread may read them for ever.

/// Counts observations by size: latencies, body lengths.
///
/// ```swift
/// let latency = Histogram("http_request_duration_seconds", help: "Time to answer.", unit: "seconds")
/// latency.observe(0.012)
/// ```
///
/// It is a small value that may be copied, stored and captured freely. Observing takes no lock: each thread counts in
/// memory of its own. The count is the sum of the buckets, so that it agrees with them at any moment; the sum of the
/// observations may lag behind by those that are under way.
@safe
public struct Histogram: @unchecked Sendable {
    @usableFromInline let bounds: UnsafePointer<martlet_bounds>
    @usableFromInline let cell: UInt32
    @usableFromInline let control: UInt32

    @usableFromInline
    init(bounds: UnsafePointer<martlet_bounds>, cell: UInt32, control: UInt32) {
        unsafe self.bounds = unsafe bounds
        self.cell = cell
        self.control = control
    }

    /// Declares a histogram, or finds the one declared alike before.
    ///
    /// A declaration that contradicts an earlier one, or whose name or buckets are not allowed, gives a histogram that
    /// counts nothing; `registry.problems` says why, and `martlet_registry_conflicts_total` counts it.
    ///
    /// - Parameters:
    ///   - name: The name with its unit, such as `http_request_duration_seconds`.
    ///   - help: What is observed, one sentence.
    ///   - unit: The base unit, such as `seconds`; empty for plain numbers.
    ///   - buckets: The upper bounds of the buckets, in the unit.
    ///   - registry: Where it is shown.
    public init(
        _ name: String,
        help: String,
        unit: String = "",
        buckets: HistogramBuckets = .standard,
        registry: MetricRegistry = .default
    ) {
        let instrument = registry.instrument(
            MetricDescriptor(name: name, type: .histogram, help: help, unit: unit, buckets: buckets)
        )
        unsafe self.init(bounds: instrument.bounds, cell: instrument.onlyCell, control: instrument.control)
    }

    /// Counts a value in its bucket and adds it to the sum.
    ///
    /// A value equal to a bound belongs to that bound's bucket. An infinite value counts in the first or last bucket and
    /// makes the sum infinite. NaN is refused: nothing changes but `martlet_metric_calls_refused_total`.
    ///
    /// - Parameter value: The value, in the histogram's unit.
    @inlinable @inline(__always)
    public func observe(_ value: Double) {
        unsafe martlet_histogram_observe(bounds, cell, control, value)
    }

    /// Observes a length of time, in seconds.
    @inlinable
    public func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    /// The buckets, sum and count now, over all threads.
    public var value: HistogramValue {
        // Cell 0 takes what handles that count nothing are told.
        guard cell != 0 else {
            return HistogramValue(buckets: [.init(upperBound: .infinity, cumulativeCount: 0)], sum: 0, count: 0)
        }
        let count = unsafe Int(bounds.pointee.count)
        var totals = [UInt64](repeating: 0, count: count + 1)
        unsafe totals.withUnsafeMutableBufferPointer {
            unsafe martlet_cells_sum_range(cell, UInt32(count + 1), $0.baseAddress)
        }
        var running: UInt64 = 0
        let buckets = totals.indices.map { index in
            running &+= totals[index]
            return unsafe HistogramValue.Bucket(
                upperBound: martlet_bounds_bound(bounds, UInt32(index)),
                cumulativeCount: running
            )
        }
        let sum = martlet_cells_sum_doubles(cell + 8 * UInt32(count + 1))
        return HistogramValue(buckets: buckets, sum: sum, count: running)
    }

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
