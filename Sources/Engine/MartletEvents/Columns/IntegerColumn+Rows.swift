// Numbers of texts and kinds are looked at a granule at a time: unpacked into one piece of memory, then looked up in a table.

extension IntegerColumn {
    /// The numbers of a range, in place of what an array has.
    ///
    /// - Precondition: The range lies below ``count``, in one granule.
    package func values(in range: Range<Int>, into values: inout [Int]) {
        sums(in: range, from: 0, into: &values)
        var before = 0
        for place in values.indices {
            let sum = values[place]
            values[place] = sum &- before
            before = sum
        }
    }

    private var granuleRanges: some Sequence<Range<Int>> {
        stride(from: 0, to: count, by: Self.granule).lazy.map { $0..<Swift.min($0 + Self.granule, count) }
    }

    /// How often each number comes in some rows; numbers that are not below the limit count as the last below.
    package func tally(_ among: RowSet, limit: Int) -> [Int] {
        precondition(among.rows == count)
        var tally = [Int](repeating: 0, count: Swift.max(1, limit))
        var values: [Int] = []
        for range in granuleRanges where among.hasAny(in: range) {
            self.values(in: range, into: &values)
            among.forEach(in: range) { row in
                let value = values[row &- range.lowerBound]
                tally[Swift.min(Swift.max(0, value), tally.count - 1)] += 1
            }
        }
        return tally
    }

    /// The rows, of some or all, whose numbers are wanted.
    package func rows(where isWanted: [Bool], _ among: RowSet?) -> RowSet {
        precondition(among.map { $0.rows == count } ?? true)
        var result = RowSet(rows: count)
        var values: [Int] = []
        for range in granuleRanges where among?.hasAny(in: range) ?? true {
            self.values(in: range, into: &values)
            for first in stride(from: 0, to: values.count, by: 64) {
                var word: UInt64 = 0
                for place in first..<Swift.min(first + 64, values.count) {
                    let value = values[place]
                    let isIn = value >= 0 && value < isWanted.count && isWanted[value]
                    word |= (isIn ? 1 : 0) << UInt64(place &- first)
                }
                result.words[(range.lowerBound + first) >> 6] = word
            }
        }
        if let among { result.formIntersection(among) }
        return result
    }
}
