import MartletCore
import MartletEvents

extension SpanTable {
    /// A row with its number.
    struct NumberedRow {
        var number: UInt32
        var row: SpanRow
    }

    /// The order in which a block has the rows: traces by their ids, the rows of each together.
    struct SealOrder {
        /// The traces by their ids.
        private(set) var slots: [UInt32]
        /// The numbers of the rows, trace by trace, and as they came within each.
        private(set) var numbers: [UInt32]
        /// How many rows have each shape.
        private(set) var rowsOfShape: [Int]

        /// Looks at every row once, in the order they lie in memory.
        init(_ table: borrowing SpanTable) {
            slots = Self.sorted(table.traces)
            var next = [UInt32](repeating: 0, count: table.traces.count)
            var sum: UInt32 = 0
            for slot in slots {
                next[Int(slot)] = sum
                sum += table.traces[Int(slot)].count
            }
            numbers = [UInt32](repeating: 0, count: table.count)
            rowsOfShape = [Int](repeating: 0, count: table.shapeColumns.count)
            Self.distribute(table.rows.span, &next, &numbers, &rowsOfShape)
        }

        private static func distribute(
            _ rows: Span<SpanRow>,
            _ next: inout [UInt32],
            _ numbers: inout [UInt32],
            _ rowsOfShape: inout [Int]
        ) {
            var next = next.mutableSpan
            var numbers = numbers.mutableSpan
            var rowsOfShape = rowsOfShape.mutableSpan
            for number in rows.indices {
                let (slot, shape) = (Int(rows[number].slot), Int(rows[number].shape))
                numbers[Int(next[slot])] = UInt32(truncatingIfNeeded: number)
                next[slot] &+= 1
                rowsOfShape[shape] &+= 1
            }
        }

        /// The traces by their ids.
        ///
        /// Most ids are random, so that their first bits spread them over as many buckets as there are traces and little is
        /// left to sort; where they are not, the buckets are sorted all the same.
        private static func sorted(_ traces: [Trace]) -> [UInt32] {
            let bits = max(1, UInt64.bitWidth - traces.count.leadingZeroBitCount)
            let shift = UInt64(UInt64.bitWidth - bits)
            var ends = [UInt32](repeating: 0, count: 1 << bits + 1)
            for trace in traces { ends[Int(trace.id.high >> shift) + 1] += 1 }
            for bucket in ends.indices.dropFirst() { ends[bucket] += ends[bucket - 1] }
            // What was a bucket's start becomes its end.
            var slots = [UInt32](repeating: 0, count: traces.count)
            for slot in traces.indices {
                let bucket = Int(traces[slot].id.high >> shift)
                slots[Int(ends[bucket])] = UInt32(truncatingIfNeeded: slot)
                ends[bucket] += 1
            }
            var start = 0
            for end in ends.dropLast() {
                let end = Int(end)
                if end - start > 1 {
                    slots[start..<end].sort { traces[Int($0)].id < traces[Int($1)].id }
                }
                start = end
            }
            return slots
        }
    }

    /// The spans of one trace by their starts, with the places of their ids and with their values.
    struct Family {
        private(set) var rows: [NumberedRow] = []
        private var placeOf = NumberMap()
        /// Up to here looking at every id is faster than a table.
        private static let fewMax = 32

        /// Takes rows over; one after the other in a short loop, so that several can be on their way from memory at once.
        mutating func take(_ table: borrowing SpanTable, _ numbers: Span<UInt32>) {
            rows.removeAll(keepingCapacity: true)
            rows.reserveCapacity(numbers.count)
            let all = table.rows.span
            for place in numbers.indices {
                rows.append(NumberedRow(number: numbers[place], row: all[Int(numbers[place])]))
            }
            // Senders often begin with what ended first.
            guard rows.count > Self.fewMax else { return sortFew() }
            rows.sort { $0.row.start != $1.row.start ? $0.row.start < $1.row.start : $0.number < $1.number }
            placeOf.removeAll()
            for place in rows.indices where placeOf[rows[place].row.span] == nil {
                placeOf.insert(rows[place].row.span, UInt32(place))
            }
        }

        /// They come in the order of their numbers, which those with equal starts keep.
        private mutating func sortFew() {
            var rows = rows.mutableSpan
            for place in rows.indices.dropFirst() where rows[place].row.start < rows[place - 1].row.start {
                let row = rows[place]
                var at = place
                while at > 0, rows[at - 1].row.start > row.row.start {
                    rows[at] = rows[at - 1]
                    at -= 1
                }
                rows[at] = row
            }
        }

        /// The first place of a span's id.
        @inline(__always)
        func place(of id: UInt64) -> Int? {
            if rows.count > Self.fewMax { return placeOf[id].map { Int($0) } }
            let rows = rows.span
            for place in rows.indices where rows[place].row.span == id { return place }
            return nil
        }
    }
}
