public import CMartletCells
public import MartletCore

// Safety: the bounds are never written after they were made, and never freed, so that any thread may read them for ever.

extension Histogram {
    /// One series of a histogram, found: what a family's look-up gives, and what may be copied, stored and captured freely.
    @safe
    public struct Series: @unchecked Sendable {
        @usableFromInline let bounds: UnsafePointer<martlet_bounds>
        @usableFromInline let cell: UInt32
        @usableFromInline let control: UInt32

        @inlinable @inline(__always)
        init(bounds: UnsafePointer<martlet_bounds>, cell: UInt32, control: UInt32) {
            unsafe self.bounds = unsafe bounds
            self.cell = cell
            self.control = control
        }

        /// Counts a value in its bucket and adds it to the sum.
        ///
        /// A value equal to a bound belongs to that bound's bucket. An infinite value counts in the first or last bucket
        /// and makes the sum infinite. NaN is refused: nothing changes but `martlet_metric_calls_refused_total`.
        ///
        /// - Parameter value: The value, in the histogram's unit.
        @inlinable @inline(__always)
        public func observe(_ value: Double) {
            unsafe martlet_histogram_observe(bounds, cell, control, value)
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
            unsafe values.withUnsafeBufferPointer {
                guard let start = $0.baseAddress else { return }
                unsafe observe(start, $0.count)
            }
        }

        func observe(_ values: UnsafePointer<Double>, _ count: Int) {
            unsafe martlet_histogram_observe_all(bounds, cell, control, values, count)
        }

        /// Observes a value that stands for several: one of a sample.
        ///
        /// - Parameters:
        ///   - value: The value, in the histogram's unit.
        ///   - weight: How many observations it stands for.
        public func observe(_ value: Double, weight: UInt64) {
            unsafe martlet_histogram_observe_slow(bounds, cell, control, value, weight)
        }

        /// Observes a value that a trace tells more about.
        ///
        /// - Parameters:
        ///   - value: The value, in the histogram's unit.
        ///   - trace: The trace; it becomes the exemplar of the value's bucket.
        public func observe(_ value: Double, exemplar trace: TraceReference) {
            observe(value)
            guard !value.isNaN, martlet_cells_is_on(control) else { return }
            ExemplarStore.note(trace, value: value, cell: bucketCell(value))
        }

        /// Observes a value with an exemplar of any labels, 128 characters at most.
        ///
        /// - Parameters:
        ///   - value: The value, in the histogram's unit.
        ///   - labels: What leads to the details.
        public func observe(_ value: Double, exemplar labels: LabelSet) {
            observe(value)
            guard !value.isNaN, martlet_cells_is_on(control) else { return }
            ExemplarStore.note(labels, value: value, cell: bucketCell(value))
        }

        private func bucketCell(_ value: Double) -> UInt32 {
            unsafe cell + 8 * martlet_bounds_bucket(bounds, value)
        }

        /// The buckets, sum and count now, over all threads.
        public var value: HistogramValue {
            let upperBounds = unsafe (0..<bounds.pointee.count).map { unsafe martlet_bounds_bound(bounds, $0) }
            var counts = [UInt64](repeating: 0, count: upperBounds.count + 1)
            // The first cells take what handles that count nothing are told.
            guard cell >= MARTLET_CELLS_FIRST else { return HistogramValue(upperBounds, counts[...], sum: 0, cell: 0) }
            unsafe martlet_cells_sum_range(cell, UInt32(counts.count), &counts)
            let sum = unsafe martlet_histogram_sum(bounds, cell)
            return HistogramValue(upperBounds, counts[...], sum: sum, cell: cell)
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
}

extension HistogramValue {
    /// Adds the counts up, and looks for exemplars where there is a cell.
    init(_ upperBounds: [Double], _ counts: ArraySlice<UInt64>, sum: Double, cell: UInt32) {
        var running: UInt64 = 0
        let buckets = zip(upperBounds + [.infinity], counts).enumerated().map { index, bucket in
            running &+= bucket.1
            return Bucket(
                upperBound: bucket.0,
                cumulativeCount: running,
                exemplar: cell == 0 ? nil : ExemplarStore.exemplar(of: cell + 8 * UInt32(index))
            )
        }
        self.init(buckets: buckets, sum: sum, count: running)
    }
}

extension Duration {
    /// The seconds with their fraction.
    @inlinable
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
