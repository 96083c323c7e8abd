public import CMartletCells

/// Counts every event of a kind, and times some of them, each for several.
///
/// For events so frequent that reading the clock twice is much beside what they do: the count is exact, and the times of
/// one event in `interval` stand for all, with its weight, so that counts and sums of the histogram, and so rates and
/// averages, stay right.
///
/// ```swift
/// let routing = CountedTimer(messages["orders"], times: durations["orders"], interval: 16)
/// routing.measure { deliver(message) }
/// ```
///
/// Of each `interval` events that a thread counts exactly one is timed, another one each time, so that a pattern in the
/// events does no harm; while some registry is switched off it is one on the average. The histogram lags behind the counter by
/// less than `interval` a thread. It is found once: a value to keep, which recording neither looks up nor locks anything for.
public struct CountedTimer: Sendable {
    /// Of how many events one is timed.
    public let interval: Int

    @usableFromInline let counter: Counter.Series
    @usableFromInline let times: Histogram.Series
    @usableFromInline let mask: UInt64
    @usableFromInline let shift: UInt64

    /// When an event began; says nothing of one that is not timed.
    public struct Start: Sendable {
        @usableFromInline let nanoseconds: Int64

        @inlinable @inline(__always)
        init(nanoseconds: Int64) {
            self.nanoseconds = nanoseconds
        }

        /// Whether the event is timed.
        @inlinable
        public var isTimed: Bool { nanoseconds != .min }
    }

    /// Creates a timer of two series.
    ///
    /// - Parameters:
    ///   - counter: What counts all events.
    ///   - times: What takes the times, in seconds.
    ///   - interval: Of how many events one is timed: 1 for each of them; a power of two, to which others are raised, of
    ///     at most 65,536.
    public init(_ counter: Counter.Series, times: Histogram.Series, interval: Int = 1) {
        self.counter = counter
        self.times = times
        shift = interval <= 1 ? 0 : min(16, UInt64(Int.bitWidth - (interval - 1).leadingZeroBitCount))
        self.interval = 1 << Int(shift)
        mask = (1 << shift) - 1
    }

    /// Counts an event that begins.
    ///
    /// - Returns: What ``end(_:)`` wants when it ends.
    @inlinable @inline(__always)
    public func begin() -> Start {
        let count = martlet_cells_count(counter.cell, counter.control)
        // The place of the one that is timed in a run of as many events comes from the number of the run.
        let place = ((count &>> shift) &* 0x9E37_79B9_7F4A_7C15) &>> 32
        guard (count ^ place) & mask == 0 else { return Start(nanoseconds: .min) }
        return Start(nanoseconds: martlet_monotonic_nanoseconds())
    }

    /// Notes the time of an event that ends, if it is timed.
    @inlinable @inline(__always)
    public func end(_ start: Start) {
        guard start.nanoseconds != .min else { return }
        let seconds = Double(martlet_monotonic_nanoseconds() &- start.nanoseconds) * 1e-9
        if interval == 1 { times.observe(seconds) } else { times.observe(seconds, weight: UInt64(interval)) }
    }

    /// Counts an event, and perhaps times it, however it ends.
    ///
    /// - Parameter body: The event.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    @inlinable @inline(__always)
    public func measure<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let start = begin()
        defer { end(start) }
        return try body()
    }

    /// Counts an event, and perhaps times it, however it ends.
    ///
    /// - Parameter body: The event; it runs where the caller does.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    nonisolated(nonsending) public func measure<Result, Failure>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let start = begin()
        defer { end(start) }
        return try await body()
    }
}
