import MartletCore
import MartletEvents
import MartletFiles

extension SpanTable {
    /// Lays the spans out trace by trace, traces by their ids, spans by their starts, and writes the columns.
    func write(to block: BlockWriter) {
        var (ids, firstRows, traceStarts): ([UInt8], [Int64], [Int64]) = ([], [], [])
        var (foreignRows, foreignIDs): ([Int64], [UInt8]) = ([], [])
        let order = SealOrder(self)
        // The numbers of rows with something more, as they stand in the block; most tables have none.
        var extraOrder: [(row: Int, number: UInt32)] = []
        var columns = SealedColumns(count)
        var sorted = SortedValues(self, order.rowsOfShape)
        var family = Family()
        var parents: [Int64] = []
        firstRows.reserveCapacity(traces.count + 1)
        traceStarts.reserveCapacity(traces.count)
        ids.reserveCapacity(16 * traces.count)
        var first = 0
        for slot in order.slots {
            let size = Int(traces[Int(slot)].count)
            guard size > 0 else { continue }
            family.take(self, order.numbers.span.extracting(first..<(first + size)))
            let start = family.rows[0].row.start
            ids.append(littleEndian: traces[Int(slot)].id.high.byteSwapped)
            ids.append(littleEndian: traces[Int(slot)].id.low.byteSwapped)
            firstRows.append(Int64(first))
            traceStarts.append(start)
            sorted.add(family.rows, at: first, values, shapeColumns)
            parents.removeAll(keepingCapacity: true)
            let rows = family.rows.span
            for place in rows.indices {
                let id = rows[place].row.parent
                var parent = SpanSections.noParent
                if id != 0 {
                    if let found = family.place(of: id) {
                        parent = 2 + Int64(bitPattern: zigzag(Int64(place - found)))
                    } else {
                        parent = SpanSections.foreignParent
                        foreignRows.append(Int64(first + place))
                        foreignIDs.append(littleEndian: id)
                    }
                }
                parents.append(parent)
            }
            columns.add(family.rows, since: start, parents: parents)
            if !extras.isEmpty {
                for place in rows.indices { extraOrder.append((first + place, rows[place].number)) }
            }
            first += size
        }
        firstRows.append(Int64(first))
        block.add(SpanSections.traceIDs, ids)
        block.add(SpanSections.traceFirstRows, IntegerColumnWriter.encode(firstRows))
        block.add(SpanSections.traceStarts, IntegerColumnWriter.encode(traceStarts))
        block.add(SpanSections.traceFilter, IDFilter.encode(traces.lazy.map { IDFilter.hash($0.id.high, $0.id.low) }))
        block.add(SpanSections.foreignRows, IntegerColumnWriter.encode(foreignRows))
        block.add(SpanSections.foreignParents, foreignIDs)
        let (codes, texts) = ranked(columns.names)
        block.add(SpanSections.names, IntegerColumnWriter.encode(codes))
        block.add(SpanSections.nameTexts, TextDictionaryWriter.encode(texts))
        columns.write(to: block)
        writeExtras(extraOrder, to: block)
        writeOrigins(to: block)
        writeAttributes(sorted, to: block)
    }

    /// The values of all columns in one array, column after column: their counts are known from the shapes.
    private struct SortedValues {
        /// Where each column begins, and where the last one ends.
        private(set) var firstOf: [Int]
        private(set) var values: [UInt64]
        /// How many values each column has before every so many rows.
        private(set) var startsOf: [[Int64]]
        private var nextOf: [Int]

        init(_ table: borrowing SpanTable, _ rowsOf: [Int]) {
            firstOf = [Int](repeating: 0, count: table.columns.count + 1)
            for (shape, list) in table.shapeColumns.enumerated() {
                for column in list { firstOf[Int(column) + 1] += rowsOf[shape] }
            }
            for index in table.columns.indices { firstOf[index + 1] += firstOf[index] }
            values = [UInt64](repeating: 0, count: firstOf[table.columns.count])
            startsOf = [[Int64]](repeating: [], count: table.columns.count)
            nextOf = firstOf
        }

        /// Hands the values of a trace's rows to their columns.
        mutating func add(_ rows: [NumberedRow], at first: Int, _ source: [UInt64], _ shapes: [[UInt32]]) {
            for place in first..<(first + rows.count) where place % IntegerColumn.granule == 0 {
                // What the rows before this one have in each column is counted anew, once in 1,024 rows.
                var counts = nextOf
                for row in rows[..<(place - first)] {
                    for column in shapes[Int(row.row.shape)] { counts[Int(column)] += 1 }
                }
                for column in startsOf.indices { startsOf[column].append(Int64(counts[column] - firstOf[column])) }
            }
            Self.put(rows.span, source.span, shapes, &values, &nextOf)
        }

        private static func put(
            _ rows: Span<NumberedRow>,
            _ source: Span<UInt64>,
            _ shapes: [[UInt32]],
            _ values: inout [UInt64],
            _ nextOf: inout [Int]
        ) {
            var values = values.mutableSpan
            var nextOf = nextOf.mutableSpan
            for place in rows.indices {
                var at = Int(rows[place].row.firstValue)
                for column in shapes[Int(rows[place].row.shape)] {
                    let next = nextOf[Int(column)]
                    values[next] = source[at]
                    nextOf[Int(column)] = next &+ 1
                    at &+= 1
                }
            }
        }
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

    private func writeExtras(_ order: [(row: Int, number: UInt32)], to block: BlockWriter) {
        var (extraRows, extraEnds, bytes): ([Int64], [Int64], [UInt8]) = ([], [], [])
        for (row, number) in order {
            guard let extra = extras[number] else { continue }
            bytes += extra
            extraRows.append(Int64(row))
            extraEnds.append(Int64(bytes.count))
        }
        block.add(SpanSections.extraRows, IntegerColumnWriter.encode(extraRows))
        block.add(SpanSections.extraEnds, IntegerColumnWriter.encode(extraEnds))
        block.add(SpanSections.extraBytes, bytes)
    }

    private func writeOrigins(to block: BlockWriter) {
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
    }

    private func writeAttributes(_ sorted: SortedValues, to block: BlockWriter) {
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

        for (index, column) in columns.enumerated() {
            let own = sorted.values[sorted.firstOf[index]..<sorted.firstOf[index + 1]]
            block.add(SpanSections.valueStarts(index), IntegerColumnWriter.encode(sorted.startsOf[index]))
            if column.type.isText {
                let (codes, texts) = ranked(own.map { UInt32($0) })
                block.add(SpanSections.values(index), IntegerColumnWriter.encode(codes))
                block.add(SpanSections.texts(index), TextDictionaryWriter.encode(texts))
            } else {
                block.add(SpanSections.values(index), IntegerColumnWriter.encode(own.map { Int64(bitPattern: $0) }))
            }
        }
    }
}
