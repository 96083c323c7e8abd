/// Some of a block's rows, a bit each.
package struct RowSet: Sendable {
    /// How many rows the block has.
    package let rows: Int

    @usableFromInline var words: [UInt64]

    /// Creates a set of none or of all rows.
    package init(rows: Int, isFull: Bool = false) {
        self.rows = rows
        words = [UInt64](repeating: isFull ? .max : 0, count: (rows + 63) / 64)
        if isFull, rows % 64 > 0 { words[words.count - 1] = 1 << UInt64(rows % 64) - 1 }
    }

    /// Adds a row.
    @inlinable
    package mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    /// Whether a row is in.
    @inlinable
    package func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }

    /// Keeps what is in another set too.
    package mutating func formIntersection(_ other: RowSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    /// Adds what is in another set.
    package mutating func formUnion(_ other: RowSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    /// The rows that are not in.
    package var complement: RowSet {
        var result = RowSet(rows: rows, isFull: true)
        for index in words.indices { result.words[index] &= ~words[index] }
        return result
    }

    /// How many rows are in.
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether no row is in.
    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// Hands the rows over, in order.
    @inlinable
    package func forEach(_ body: (Int) -> Void) {
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                body(index * 64 + word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }
}
