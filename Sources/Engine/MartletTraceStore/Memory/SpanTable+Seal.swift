import MartletCore
import MartletEvents

extension SpanTable {
    /// Lays the spans out trace by trace, traces by their ids, spans by their starts, and writes the columns.
    func write(to block: BlockWriter) {
        let order = tracesInOrder()
        var rows: [Int] = []
        rows.reserveCapacity(count)
        var (ids, firstRows, traceStarts): ([UInt8], [Int64], [Int64]) = ([], [], [])
        var (parentCodes, deltas): ([Int64], [Int64]) = ([], [])
        parentCodes.reserveCapacity(count)
        deltas.reserveCapacity(count)
        var (foreignRows, foreignIDs): ([Int64], [UInt8]) = ([], [])
        var family = Family()
        for slot in order {
            family.take(self, slot)
            let own = family.rows
            guard let first = own.first else { continue }
            ids.append(littleEndian: traces[slot].id.high.byteSwapped)
            ids.append(littleEndian: traces[slot].id.low.byteSwapped)
            firstRows.append(Int64(rows.count))
            traceStarts.append(starts[first])
            for place in own.indices {
                let row = own[place]
                deltas.append(starts[row] &- starts[first])
                if parents[row] == 0 {
                    parentCodes.append(SpanSections.noParent)
                } else if let parent = family.place(of: parents[row]) {
                    parentCodes.append(2 + Int64(bitPattern: zigzag(Int64(place - parent))))
                } else {
                    parentCodes.append(SpanSections.foreignParent)
                    foreignRows.append(Int64(rows.count + place))
                    foreignIDs.append(littleEndian: parents[row])
                }
            }
            rows += own
        }
        firstRows.append(Int64(rows.count))
        block.add(SpanSections.traceIDs, ids)
        block.add(SpanSections.traceFirstRows, IntegerColumnWriter.encode(firstRows))
        block.add(SpanSections.traceStarts, IntegerColumnWriter.encode(traceStarts))
        block.add(SpanSections.traceFilter, IDFilter.encode(traces.map { IDFilter.hash($0.id.high, $0.id.low) }))
        block.add(SpanSections.parents, IntegerColumnWriter.encode(parentCodes))
        block.add(SpanSections.foreignRows, IntegerColumnWriter.encode(foreignRows))
        block.add(SpanSections.foreignParents, foreignIDs)
        block.add(SpanSections.starts, IntegerColumnWriter.encode(deltas))
        writeRows(rows, to: block)
        writeExtras(rows, to: block)
        writeOrigins(rows, to: block)
        writeAttributes(rows, to: block)
    }

    /// The traces by their ids.
    private func tracesInOrder() -> [Int] {
        var keys: [(id: TraceID, slot: Int)] = []
        keys.reserveCapacity(traces.count)
        for slot in traces.indices { keys.append((traces[slot].id, slot)) }
        keys.sort { $0.id.high != $1.id.high ? $0.id.high < $1.id.high : $0.id.low < $1.id.low }
        return keys.map(\.slot)
    }

    /// The spans of one trace by their starts, with the places of their ids.
    private struct Family {
        private(set) var rows: [Int] = []
        private var keys: [(start: Int64, row: Int)] = []
        private var spanIDs: [UInt64] = []
        private var placeOf = NumberMap()
        /// Up to here looking at every id is faster than a table.
        private static let fewMax = 32

        mutating func take(_ table: borrowing SpanTable, _ slot: Int) {
            rows.removeAll(keepingCapacity: true)
            keys.removeAll(keepingCapacity: true)
            spanIDs.removeAll(keepingCapacity: true)
            var row = table.traces[slot].lastRow
            while row != SpanTable.none {
                keys.append((table.starts[Int(row)], Int(row)))
                row = table.previous[Int(row)]
            }
            // The chain leads from the newest row to the oldest, and senders often begin with what ended first.
            if keys.count > Self.fewMax {
                keys.sort { $0.start != $1.start ? $0.start < $1.start : $0.row < $1.row }
            } else {
                sortFew()
            }
            for key in keys {
                rows.append(key.row)
                spanIDs.append(table.spanIDs[key.row])
            }
            guard keys.count > Self.fewMax else { return }
            placeOf.removeAll()
            for place in spanIDs.indices where placeOf[spanIDs[place]] == nil {
                placeOf.insert(spanIDs[place], UInt32(place))
            }
        }

        private mutating func sortFew() {
            for place in keys.indices.dropFirst() {
                let key = keys[place]
                var at = place
                while at > 0, (keys[at - 1].start, keys[at - 1].row) > (key.start, key.row) {
                    keys[at] = keys[at - 1]
                    at -= 1
                }
                keys[at] = key
            }
        }

        /// The first place of a span's id.
        func place(of id: UInt64) -> Int? {
            if spanIDs.count > Self.fewMax { return placeOf[id].map { Int($0) } }
            return spanIDs.firstIndex(of: id)
        }
    }

    private func writeRows(_ rows: [Int], to block: BlockWriter) {
        var spans: [UInt8] = []
        spans.reserveCapacity(8 * rows.count)
        for row in rows { spans.append(littleEndian: spanIDs[row]) }
        block.add(SpanSections.spanIDs, spans)
        block.add(SpanSections.durations, IntegerColumnWriter.encode(rows.map { ends[$0] &- starts[$0] }))
        block.add(SpanSections.kinds, IntegerColumnWriter.encode(rows.map { Int64(kinds[$0]) }))
        block.add(SpanSections.flags, IntegerColumnWriter.encode(rows.map { Int64(flags[$0]) }))
        let (codes, texts) = ranked(rows.map { names[$0] })
        block.add(SpanSections.names, IntegerColumnWriter.encode(codes))
        block.add(SpanSections.nameTexts, TextDictionaryWriter.encode(texts))
    }

    /// The texts with some numbers in order, and for each number its text's place in that order.
    private func ranked(_ codes: [UInt32]) -> (codes: [Int64], texts: [[UInt8]]) {
        if codes.count < texts.count / 16 { return rankedFew(codes) }
        var rank = [UInt32](repeating: Self.none, count: texts.count)
        var distinct: [(code: UInt32, text: [UInt8])] = []
        for code in codes where rank[Int(code)] == Self.none {
            rank[Int(code)] = 0
            distinct.append((code, texts.bytes(code)))
        }
        distinct.sort { $0.text.span.isBefore($1.text.span) }
        for (place, entry) in distinct.enumerated() { rank[Int(entry.code)] = UInt32(place) }
        return (codes.map { Int64(rank[Int($0)]) }, distinct.map(\.text))
    }

    /// As above, where few of all texts are meant.
    private func rankedFew(_ codes: [UInt32]) -> (codes: [Int64], texts: [[UInt8]]) {
        let distinct = Set(codes).map { (code: $0, text: texts.bytes($0)) }
            .sorted { $0.text.span.isBefore($1.text.span) }
        var rank: [UInt32: Int64] = [:]
        for (place, entry) in distinct.enumerated() { rank[entry.code] = Int64(place) }
        return (codes.map { rank[$0] ?? 0 }, distinct.map(\.text))
    }

    private func writeExtras(_ rows: [Int], to block: BlockWriter) {
        var (extraRows, extraEnds, bytes): ([Int64], [Int64], [UInt8]) = ([], [], [])
        if !extras.isEmpty {
            for (place, row) in rows.enumerated() {
                guard let extra = extras[UInt32(row)] else { continue }
                bytes += extra
                extraRows.append(Int64(place))
                extraEnds.append(Int64(bytes.count))
            }
        }
        block.add(SpanSections.extraRows, IntegerColumnWriter.encode(extraRows))
        block.add(SpanSections.extraEnds, IntegerColumnWriter.encode(extraEnds))
        block.add(SpanSections.extraBytes, bytes)
    }

    private func writeOrigins(_ rows: [Int], to block: BlockWriter) {
        var table: [UInt8] = []
        table.append(varint: UInt64(origins.count))
        for code in 0..<origins.count {
            texts.withText(originServices[code]) { service in
                table.append(varint: UInt64(service.count))
                table.append(span: service)
            }
            origins.withText(UInt32(code)) { origin in
                table.append(varint: UInt64(origin.count))
                table.append(span: origin)
            }
        }
        block.add(SpanSections.originTable, table)
        block.add(SpanSections.origins, IntegerColumnWriter.encode(rows.map { Int64(originCodes[$0]) }))
    }

    private func writeAttributes(_ rows: [Int], to block: BlockWriter) {
        block.add(SpanSections.shapes, IntegerColumnWriter.encode(rows.map { Int64(shapes[$0]) }))
        var table: [UInt8] = []
        table.append(varint: UInt64(columns.count))
        for column in columns {
            texts.withText(column.key) { key in
                table.append(varint: UInt64(key.count))
                table.append(span: key)
            }
            table.append(column.type.rawValue)
        }
        table.append(varint: UInt64(shapeColumns.count))
        for shape in shapeColumns {
            table.append(varint: UInt64(shape.count))
            for column in shape { table.append(varint: UInt64(column)) }
        }
        block.add(SpanSections.shapeTable, table)

        // The values of all columns in one array, column after column: their counts are known from the shapes.
        var rowsOf = [Int](repeating: 0, count: shapeColumns.count)
        for row in rows { rowsOf[Int(shapes[row])] += 1 }
        var firstOf = [Int](repeating: 0, count: columns.count + 1)
        for (shape, list) in shapeColumns.enumerated() {
            for column in list { firstOf[Int(column) + 1] += rowsOf[shape] }
        }
        for index in columns.indices { firstOf[index + 1] += firstOf[index] }
        var sorted = [UInt64](repeating: 0, count: firstOf[columns.count])
        var nextOf = firstOf
        var startsOf = [[Int64]](repeating: [], count: columns.count)
        spread(rows, &sorted, &nextOf, firstOf, &startsOf)
        for (index, column) in columns.enumerated() {
            let own = sorted[firstOf[index]..<firstOf[index + 1]]
            block.add(SpanSections.valueStarts(index), IntegerColumnWriter.encode(startsOf[index]))
            if column.type.isText {
                let (codes, texts) = ranked(own.map { UInt32($0) })
                block.add(SpanSections.values(index), IntegerColumnWriter.encode(codes))
                block.add(SpanSections.texts(index), TextDictionaryWriter.encode(texts))
            } else {
                block.add(SpanSections.values(index), IntegerColumnWriter.encode(own.map { Int64(bitPattern: $0) }))
            }
        }
    }

    /// Hands the rows' values to their columns, and notes where each column stands every so many rows.
    private func spread(
        _ rows: [Int],
        _ sorted: inout [UInt64],
        _ nextOf: inout [Int],
        _ firstOf: [Int],
        _ startsOf: inout [[Int64]]
    ) {
        let (values, valueStarts, shapes) = (values.span, valueStarts.span, shapes.span)
        var target = sorted.mutableSpan
        for place in rows.indices {
            if place % IntegerColumn.granule == 0 {
                for column in columns.indices { startsOf[column].append(Int64(nextOf[column] - firstOf[column])) }
            }
            let row = rows[place]
            var at = valueStarts[row]
            for column in shapeColumns[Int(shapes[row])] {
                target[nextOf[Int(column)]] = values[at]
                nextOf[Int(column)] += 1
                at += 1
            }
        }
    }
}
