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

    /// Adds the rows of a range.
    package mutating func insert(_ range: Range<Int>) {
        var row = range.lowerBound
        while row < range.upperBound {
            if row & 63 == 0, row + 64 <= range.upperBound {
                words[row >> 6] = .max
                row += 64
            } else {
                insert(row)
                row += 1
            }
        }
    }

    /// Adds up to sixty-four rows, a bit each, the first of which is a multiple of sixty-four.
    @inlinable
    package mutating func insert(_ bits: UInt64, from first: Int) { words[first >> 6] |= bits }

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

    /// Takes out what is in another set.
    package mutating func formSubtraction(_ other: RowSet) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    /// Whether so few rows are in that looking at each is cheaper than looking at all.
    package var isSparse: Bool {
        // No branch follows a word, of which some are zero in no order; where many rows are in, it ends early.
        var (found, start) = (0, 0)
        while start < words.count, found <= rows / 16 {
            let end = min(start + 64, words.count)
            for index in start..<end { found += words[index].nonzeroBitCount }
            start = end
        }
        return found <= rows / 16
    }

    /// Whether any row of a range is in.
    package func hasAny(in range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        let (first, last) = (range.lowerBound >> 6, (range.upperBound - 1) >> 6)
        let (head, tail) = (
            UInt64.max << UInt64(range.lowerBound & 63), UInt64.max >> UInt64(63 - (range.upperBound - 1) & 63)
        )
        if first == last { return words[first] & head & tail != 0 }
        if words[first] & head != 0 || words[last] & tail != 0 { return true }
        for index in (first + 1)..<last where words[index] != 0 { return true }
        return false
    }

    /// The last row, `nil` for none.
    package var last: Int? {
        for index in words.indices.reversed() where words[index] != 0 {
            return index * 64 + 63 - words[index].leadingZeroBitCount
        }
        return nil
    }

    /// The rows that are not in.
    package var complement: RowSet {
        var result = RowSet(rows: rows, isFull: true)
        for index in words.indices { result.words[index] &= ~words[index] }
        return result
    }

    /// How many rows are in.
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The first so many rows that are in, or the last.
    package func kept(_ most: Int, fromEnd: Bool) -> RowSet {
        var (result, left) = (RowSet(rows: rows), most)
        for place in words.indices where left > 0 {
            let index = fromEnd ? words.count - 1 - place : place
            var word = words[index]
            while word.nonzeroBitCount > left {
                // The row that is furthest from the side that is kept goes first.
                word &= fromEnd ? word - 1 : ~(1 << UInt64(63 - word.leadingZeroBitCount))
            }
            result.words[index] = word
            left -= word.nonzeroBitCount
        }
        return result
    }

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

    /// Hands the rows of a range over, in order.
    ///
    /// - Precondition: The range begins at a multiple of 64.
    @inlinable
    package func forEach(in range: Range<Int>, _ body: (Int) -> Void) {
        precondition(range.lowerBound & 63 == 0 && range.upperBound <= rows)
        for index in (range.lowerBound >> 6)..<((range.upperBound + 63) >> 6) {
            var word = words[index]
            while word != 0 {
                let row = index * 64 + word.trailingZeroBitCount
                guard row < range.upperBound else { return }
                body(row)
                word &= word - 1
            }
        }
    }
}
