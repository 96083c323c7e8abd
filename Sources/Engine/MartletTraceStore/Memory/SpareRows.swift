import Synchronization

/// The memory of rows that were sealed, for the next table: fresh pages cost more than what is written to them.
final class SpareRows: Sendable {
    private let left = Mutex<(rows: [SpanRow], values: [UInt64])?>(nil)

    /// What is left, if something is.
    func take() -> (rows: [SpanRow], values: [UInt64])? {
        left.withLock { left in
            defer { left = nil }
            return left
        }
    }

    /// Leaves memory, whose content is forgotten.
    func put(_ memory: consuming (rows: [SpanRow], values: [UInt64])) {
        memory.rows.removeAll(keepingCapacity: true)
        memory.values.removeAll(keepingCapacity: true)
        left.withLock { $0 = memory }
    }
}
