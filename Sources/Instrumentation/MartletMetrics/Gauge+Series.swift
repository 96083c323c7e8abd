public import CMartletCells

extension Gauge {
    /// One series of a gauge, found: what a family's look-up gives, and what may be copied, stored and captured freely.
    public struct Series: Sendable {
        @usableFromInline let cell: UInt32
        @usableFromInline let control: UInt32

        @inlinable @inline(__always)
        init(cell: UInt32, control: UInt32) {
            self.cell = cell
            self.control = control
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
        public var value: Double { cell < MARTLET_CELLS_FIRST ? 0 : martlet_gauge_value(cell) }
    }
}
