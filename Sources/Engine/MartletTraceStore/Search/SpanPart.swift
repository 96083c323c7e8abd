import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP
import MartletSearch

/// Some spans that can be asked: those in memory or those of a block.
protocol SpanPart {
    /// How many spans there are.
    var count: Int { get }

    /// Where they come from, by number.
    var spanOrigins: [SpanOrigin] { get }

    /// The keys of attributes with the types of their values, by column.
    func attributeColumns() throws(EventError) -> [(key: [UInt8], type: ValueType)]

    /// The spans of a trace.
    func rows(ofTrace id: TraceID) throws(EventError) -> RowSet

    /// The spans with an id.
    func rows(ofSpan id: UInt64) -> RowSet

    /// The spans that began in a stretch of time.
    func rows(startingIn times: ClosedRange<Int64>) -> RowSet

    /// The spans that took so long.
    func rows(lasting durations: ClosedRange<Int64>) -> RowSet

    /// The spans of some kinds and statuses, a bit each.
    func rows(kinds: UInt8, statuses: UInt8) -> RowSet

    /// The spans that come from some of the origins.
    func rows(from origins: [Bool]) -> RowSet

    /// The spans with some of the names.
    func rows(named isWanted: (Span<UInt8>) -> Bool) -> RowSet

    /// The spans with some of the texts in a column of texts.
    func rows(column: Int, texts isWanted: (Span<UInt8>) -> Bool) throws(EventError) -> RowSet

    /// The spans with some of the values in a column of anything else.
    func rows(column: Int, bits isWanted: (UInt64) -> Bool) throws(EventError) -> RowSet

    /// The spans with one text in a column of texts.
    func rows(column: Int, text: [UInt8]) throws(EventError) -> RowSet

    /// The spans with some of the fields that few have, as ``SpanExtras`` reads them.
    func rows(withExtras isWanted: (Span<UInt8>) -> Bool) throws(EventError) -> RowSet
}

extension SpanPart {
    /// The spans that meet a condition.
    ///
    /// - Throws: `EventError`, `overTime` where the time is over before all have been looked at.
    func rows(_ plan: SpanPlan, _ time: SearchTime) throws(EventError) -> RowSet {
        try time.check()
        switch plan {
        case .all: return RowSet(rows: count, isFull: true)
        case .nothing: return RowSet(rows: count)
        case .trace(let id): return try rows(ofTrace: id)
        case .span(let id): return rows(ofSpan: id)
        case .times(let range): return rows(startingIn: range)
        case .durations(let range): return rows(lasting: range)
        case .kinds(let kinds, let statuses): return rows(kinds: kinds, statuses: statuses)
        case .service(let test): return rows(from: spanOrigins.map { test.matches(Array($0.service.utf8).span) })
        case .operation(let test): return rows(named: { test.matches($0) })
        case .attribute(let places, let test): return try rows(places, test)
        case .text(let test): return try rows(test, time)
        case .not(let inner):
            var result = RowSet(rows: count, isFull: true)
            result.formSubtraction(try rows(inner, time))
            return result
        case .and(let parts):
            var result = RowSet(rows: count, isFull: true)
            for part in parts {
                result.formIntersection(try rows(part, time))
                if result.isEmpty { break }
            }
            return result
        case .or(let parts):
            var result = RowSet(rows: count)
            for part in parts { result.formUnion(try rows(part, time)) }
            return result
        }
    }

    private func rows(_ places: SpanPlan.Places, _ test: ValueTest) throws(EventError) -> RowSet {
        let origins = spanOrigins.map { origin in
            if places.hasScope, !origin.scope.isEmpty, test.matches(Array(origin.scope.utf8).span) { return true }
            return origin.attributes.contains { attribute in
                places.resource.contains(attribute.key) && test.matches(Array(attribute.value.text.utf8).span)
            }
        }
        var result = rows(from: origins)
        let keys = places.attributes.map { Array($0.utf8) }
        for (index, column) in try attributeColumns().enumerated() where keys.contains(column.key) {
            result.formUnion(try rows(column: index, column.type, test, ValueScale(key: column.key)))
        }
        return result
    }

    private func rows(
        column: Int,
        _ type: ValueType,
        _ test: ValueTest,
        _ scale: ValueScale
    ) throws(EventError) -> RowSet {
        switch type {
        case .string:
            if let text = test.onlyText { return try rows(column: column, text: text) }
            let unit = test.operandUnit.map { scale.factor($0) } ?? 1
            return try rows(column: column, texts: { test.matches($0, unit: unit) })
        case .bytes: return try rows(column: column, texts: { test.matches(Array(Base64.encode($0.array).utf8).span) })
        case .compound:
            return try rows(
                column: column,
                texts: { bytes in
                    let value = (try? AttributeValue(wire: .compound(0..<bytes.count), in: bytes)) ?? .empty
                    return test.matches(Array(value.text.utf8).span)
                }
            )
        case .int:
            return try rows(
                column: column,
                bits: { bits in
                    let number = Int64(bitPattern: bits)
                    return test.matches(Double(number), text: String(number), scale: scale)
                }
            )
        case .double:
            return try rows(
                column: column,
                bits: { bits in
                    let number = Double(bitPattern: bits)
                    return test.matches(number, text: FloatText.shortest(number), scale: scale)
                }
            )
        case .bool:
            let (no, yes) = (test.matches(false), test.matches(true))
            return try rows(column: column, bits: { $0 == 0 ? no : yes })
        case .empty:
            let isWanted = test.test == .exists
            return try rows(column: column, bits: { _ in isWanted })
        }
    }

    /// The spans with a text in their names, their services, their attributes, what their events say, the messages of their
    /// statuses or what is known of where they come from.
    private func rows(_ test: SpanTextTest, _ time: SearchTime) throws(EventError) -> RowSet {
        func isWanted(_ text: Span<UInt8>) -> Bool { !time.isUp() && test.matches(text) }
        var result = rows(named: { isWanted($0) })
        let origins = spanOrigins.map { origin in
            isWanted(Array(origin.service.utf8).span)
                || origin.attributes.contains { isWanted(Array($0.value.text.utf8).span) }
        }
        result.formUnion(rows(from: origins))
        for (index, column) in try attributeColumns().enumerated() where column.type == .string {
            try time.check()
            result.formUnion(try rows(column: index, texts: { isWanted($0) }))
        }
        result.formUnion(try rows(withExtras: { SpanExtras.contain($0) { isWanted($0) } }))
        // What was not looked at was not found.
        try time.check()
        return result
    }
}
