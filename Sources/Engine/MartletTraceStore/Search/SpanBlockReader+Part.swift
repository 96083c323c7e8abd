import MartletCore
import MartletEvents
import MartletFiles

extension SpanBlockReader: SpanPart {
    var spanOrigins: [SpanOrigin] {
        zip(services, originHeads).map { SpanOrigin(service: $0, $1) }
    }

    func attributeColumns() throws(EventError) -> [(key: [UInt8], type: ValueType)] {
        try attributeTables().columns
    }

    func rows(ofTrace id: TraceID) -> RowSet {
        var result = RowSet(rows: count)
        if let trace = trace(id) { result.insert(rows(trace)) }
        return result
    }

    func rows(ofSpan id: UInt64) -> RowSet {
        var result = RowSet(rows: count)
        spanIDs.withBytes { bytes in
            for row in 0..<count where bytes.uint64(at: 8 * row) == id { result.insert(row) }
        }
        return result
    }

    func rows(startingIn times: ClosedRange<Int64>) -> RowSet {
        let isWhole = times.contains(file.times.lowerBound) && times.contains(file.times.upperBound)
        return isWhole ? RowSet(rows: count, isFull: true) : rowsWithin(times)
    }

    func rows(lasting wanted: ClosedRange<Int64>) -> RowSet {
        rows(durations) { wanted.contains(max(0, $0)) }
    }

    func rows(kinds wanted: UInt8, statuses: UInt8) -> RowSet {
        rows(kinds) { wanted >> UInt8($0 & 7) & 1 == 1 && statuses >> UInt8($0 >> 3 & 3) & 1 == 1 }
    }

    func rows(from wanted: [Bool]) -> RowSet {
        guard wanted.contains(true) else { return RowSet(rows: count) }
        return rows(origins) { wanted.indices.contains(Int($0)) && wanted[Int($0)] }
    }

    func rows(named isWanted: (Span<UInt8>) -> Bool) -> RowSet {
        guard let wanted = wanted(in: nameTexts, isWanted) else { return RowSet(rows: count) }
        return rows(names) { wanted.indices.contains(Int($0)) && wanted[Int($0)] }
    }

    func rows(column: Int, texts isWanted: (Span<UInt8>) -> Bool) throws(EventError) -> RowSet {
        let (values, texts, _) = try values(column)
        guard let texts, let wanted = wanted(in: texts, isWanted) else { return RowSet(rows: count) }
        return try rows(column, values) { wanted.indices.contains(Int($0)) && wanted[Int($0)] }
    }

    func rows(column: Int, text: [UInt8]) throws(EventError) -> RowSet {
        let (values, texts, _) = try values(column)
        guard let code = texts?.index(of: text.span) else { return RowSet(rows: count) }
        return try rows(column, values) { $0 == Int64(code) }
    }

    func rows(column: Int, bits isWanted: (UInt64) -> Bool) throws(EventError) -> RowSet {
        let (values, _, _) = try values(column)
        return try rows(column, values) { isWanted(UInt64(bitPattern: $0)) }
    }

    func rows(withExtras isWanted: (Span<UInt8>) -> Bool) throws(EventError) -> RowSet {
        var result = RowSet(rows: count)
        let rows = try integers(SpanSections.extraRows, nil)
        guard rows.count > 0 else { return result }
        let ends = try integers(SpanSections.extraEnds, rows.count)
        let isWhole = try file.column(SpanSections.extraBytes).withBytes { bytes in
            var from = 0
            for place in 0..<rows.count {
                guard let end = Int(exactly: ends[place]), end >= from, end <= bytes.count,
                    let row = Int(exactly: rows[place]), row >= 0, row < count
                else { return false }
                if isWanted(bytes.extracting(from..<end)) { result.insert(row) }
                from = end
            }
            return true
        }
        if !isWhole { throw file.damaged("its events make no sense") }
        return result
    }

    /// Which texts will do; `nil` for none.
    private func wanted(in texts: TextDictionary, _ isWanted: (Span<UInt8>) -> Bool) -> [Bool]? {
        var wanted = [Bool](repeating: false, count: texts.count)
        var isAny = false
        texts.forEach { index, text in
            guard isWanted(text.span) else { return }
            wanted[index] = true
            isAny = true
        }
        return isAny ? wanted : nil
    }
}
