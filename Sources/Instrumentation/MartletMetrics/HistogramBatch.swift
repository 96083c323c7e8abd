// Safety: the buffer is the batch's own, `capacity` values long, and freed when the batch ends; `count` of them are set.

/// Collects observations of one thread and hands them to a histogram many at a time.
///
/// ```swift
/// var batch = HistogramBatch(sizes)
/// for message in messages { batch.observe(Double(message.count)) }
/// batch.flush()
/// ```
///
/// What is collected is handed over when 256 values are there, by ``flush()``, and when the batch ends. Until then nobody
/// sees it.
@safe
public struct HistogramBatch: ~Copyable {
    @usableFromInline let histogram: Histogram.Series
    @usableFromInline let values: UnsafeMutablePointer<Double>
    @usableFromInline var count = 0

    /// How many values are handed over at once.
    @inlinable @inline(__always)
    public static var capacity: Int { 256 }

    /// Creates a batch for a histogram.
    public init(_ histogram: borrowing Histogram) {
        self.init(histogram.series)
    }

    /// Creates a batch for a series of a histogram.
    public init(_ histogram: Histogram.Series) {
        self.histogram = histogram
        unsafe values = UnsafeMutablePointer<Double>.allocate(capacity: HistogramBatch.capacity)
    }

    deinit {
        unsafe histogram.observe(values, count)
        unsafe values.deallocate()
    }

    /// Takes a value in; NaN is refused when the batch is handed over.
    @inlinable @inline(__always)
    public mutating func observe(_ value: Double) {
        unsafe values[count] = value
        count &+= 1
        if _slowPath(count == HistogramBatch.capacity) { flush() }
    }

    /// Hands over what was collected.
    public mutating func flush() {
        unsafe histogram.observe(values, count)
        count = 0
    }
}
