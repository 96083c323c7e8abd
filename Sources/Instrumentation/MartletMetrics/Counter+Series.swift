public import CMartletCells
public import MartletCore

extension Counter {
    /// One series of a counter, found: what a family's look-up gives, and what may be copied, stored and captured freely.
    public struct Series: Sendable {
        @usableFromInline let cell: UInt32
        @usableFromInline let control: UInt32

        @inlinable @inline(__always)
        init(cell: UInt32, control: UInt32) {
            self.cell = cell
            self.control = control
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

        /// Counts something that a trace tells more about.
        ///
        /// - Parameters:
        ///   - amount: How many; 0 or more.
        ///   - trace: The trace; it becomes the counter's exemplar.
        public func increment(by amount: Int = 1, exemplar trace: TraceReference) {
            increment(by: amount)
            guard amount >= 0, martlet_cells_is_on(control) else { return }
            ExemplarStore.note(trace, value: Double(amount), cell: cell)
        }

        /// Counts something with an exemplar of any labels, 128 characters at most.
        ///
        /// - Parameters:
        ///   - amount: How many; 0 or more.
        ///   - labels: What leads to the details.
        public func increment(by amount: Int = 1, exemplar labels: LabelSet) {
            increment(by: amount)
            guard amount >= 0, martlet_cells_is_on(control) else { return }
            ExemplarStore.note(labels, value: Double(amount), cell: cell)
        }

        /// The count now, over all threads.
        public var value: Double { exactValue.number ?? 0 }

        /// The count now: a whole number wherever it is one.
        public var exactValue: MetricValue {
            // The first cells take what handles that count nothing are told.
            guard cell >= MARTLET_CELLS_FIRST else { return .integer(0) }
            return Counter.exactValue(martlet_cells_sum(cell), martlet_cells_sum_fractions(cell))
        }
    }

    static func exactValue(_ whole: UInt64, _ fraction: Double) -> MetricValue {
        guard let rest = UInt64(exactly: fraction) else { return .number(Double(whole) + fraction) }
        let (sum, overflow) = whole.addingReportingOverflow(rest)
        return overflow ? .number(Double(whole) + fraction) : .integer(sum)
    }
}
