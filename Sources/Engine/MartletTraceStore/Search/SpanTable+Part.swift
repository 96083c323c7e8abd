import MartletCore
import MartletEvents

extension SpanTable: SpanPart {
    var spanOrigins: [SpanOrigin] {
        (0..<origins.count).map { code in
            SpanOrigin(service: texts.text(originServices[code]), origins.bytes(UInt32(code)))
        }
    }

    func attributeColumns() -> [(key: [UInt8], type: ValueType)] {
        columns.map { (texts.bytes($0.key), $0.type) }
    }

    func rows(ofTrace id: TraceID) -> RowSet {
        var result = RowSet(rows: count)
        if let slot = slot(of: id) { for row in rows(ofSlot: slot) { result.insert(row) } }
        return result
    }

    func rows(ofSpan id: UInt64) -> RowSet { chosen { rows[$0].span == id } }

    func rows(startingIn times: ClosedRange<Int64>) -> RowSet { chosen { times.contains(rows[$0].start) } }

    func rows(lasting durations: ClosedRange<Int64>) -> RowSet {
        chosen { durations.contains(max(0, rows[$0].end.subtractingReportingOverflow(rows[$0].start).partialValue)) }
    }

    func rows(kinds wanted: UInt8, statuses: UInt8) -> RowSet {
        chosen { wanted >> (rows[$0].kind & 7) & 1 == 1 && statuses >> (rows[$0].kind >> 3) & 1 == 1 }
    }

    func rows(from origins: [Bool]) -> RowSet {
        origins.contains(true) ? chosen { origins[Int(rows[$0].origin)] } : RowSet(rows: count)
    }

    func rows(named isWanted: (Span<UInt8>) -> Bool) -> RowSet {
        var known = KnownTexts(texts.count)
        return chosen { known.isWanted(rows[$0].name, texts, isWanted) }
    }

    func rows(column: Int, texts isWanted: (Span<UInt8>) -> Bool) -> RowSet {
        var known = KnownTexts(texts.count)
        return rows(column: column, bits: { known.isWanted(UInt32(truncatingIfNeeded: $0), texts, isWanted) })
    }

    func rows(column: Int, text: [UInt8]) -> RowSet {
        guard let code = texts.find(text.span) else { return RowSet(rows: count) }
        return rows(column: column, bits: { $0 == UInt64(code) })
    }

    func rows(column: Int, bits isWanted: (UInt64) -> Bool) -> RowSet {
        // By shape: the places of the column's values among a span's.
        let places = shapeColumns.map { shape in shape.indices.filter { shape[$0] == UInt32(column) } }
        return chosen { row in
            let found = places[Int(rows[row].shape)]
            return !found.isEmpty && found.contains { isWanted(values[Int(rows[row].firstValue) + $0]) }
        }
    }

    func rows(withExtras isWanted: (Span<UInt8>) -> Bool) -> RowSet {
        var result = RowSet(rows: count)
        for (row, extra) in extras where isWanted(extra.span) { result.insert(Int(row)) }
        return result
    }

    private func chosen(_ isWanted: (Int) -> Bool) -> RowSet {
        var result = RowSet(rows: count)
        for row in 0..<count where isWanted(row) { result.insert(row) }
        return result
    }

    /// What is known of texts, so that each is looked at once.
    private struct KnownTexts {
        private var answers: [UInt8]

        init(_ count: Int) { answers = [UInt8](repeating: 0, count: count) }

        mutating func isWanted(_ code: UInt32, _ texts: TextTable, _ test: (Span<UInt8>) -> Bool) -> Bool {
            if answers[Int(code)] == 0 { answers[Int(code)] = texts.withText(code, test) ? 2 : 1 }
            return answers[Int(code)] == 2
        }
    }
}
