import MartletCore
import MartletEvents

extension SpanTable {
    /// Lays the spans out trace by trace, traces by their ids, spans by their starts, and writes the columns.
    func write(to block: BlockWriter) {
        var (ids, firstRows, traceStarts): ([UInt8], [Int64], [Int64]) = ([], [], [])
        var (foreignRows, foreignIDs): ([Int64], [UInt8]) = ([], [])
        var order: [UInt32] = []
        order.reserveCapacity(count)
        var columns = SealedColumns(count)
        var sorted = SortedValues(self)
        var family = Family()
        for slot in tracesInOrder() {
            family.take(self, slot)
            guard let start = family.rows.first?.row.start else { continue }
            ids.append(littleEndian: traces[slot].id.high.byteSwapped)
            ids.append(littleEndian: traces[slot].id.low.byteSwapped)
            firstRows.append(Int64(order.count))
            traceStarts.append(start)
            columns.add(family.rows, at: order.count, since: start)
            sorted.add(family.rows, at: order.count, values, shapeColumns)
            for place in family.rows.indices {
                let row = family.rows[place]
                if row.row.parent == 0 {
                    columns.parents[order.count] = SpanSections.noParent
                } else if let parent = family.place(of: row.row.parent) {
                    columns.parents[order.count] = 2 + Int64(bitPattern: zigzag(Int64(place - parent)))
                } else {
                    columns.parents[order.count] = SpanSections.foreignParent
                    foreignRows.append(Int64(order.count))
                    foreignIDs.append(littleEndian: row.row.parent)
                }
                order.append(row.number)
            }
        }
        firstRows.append(Int64(order.count))
        block.add(SpanSections.traceIDs, ids)
        block.add(SpanSections.traceFirstRows, IntegerColumnWriter.encode(firstRows))
        block.add(SpanSections.traceStarts, IntegerColumnWriter.encode(traceStarts))
        block.add(SpanSections.traceFilter, IDFilter.encode(traces.map { IDFilter.hash($0.id.high, $0.id.low) }))
        block.add(SpanSections.parents, IntegerColumnWriter.encode(columns.parents))
        block.add(SpanSections.foreignRows, IntegerColumnWriter.encode(foreignRows))
        block.add(SpanSections.foreignParents, foreignIDs)
        block.add(SpanSections.starts, IntegerColumnWriter.encode(columns.starts))
        write(columns, to: block)
        writeExtras(order, to: block)
        writeOrigins(columns, to: block)
        writeAttributes(columns, sorted, to: block)
    }

    /// What every row has, in the order of the block.
    private struct SealedColumns {
        var parents: [Int64]
        private(set) var starts: [Int64]
        private(set) var durations: [Int64]
        private(set) var kinds: [Int64]
        private(set) var flags: [Int64]
        private(set) var origins: [Int64]
        private(set) var shapes: [Int64]
        private(set) var names: [UInt32]
        private(set) var spans: [UInt64]

        init(_ count: Int) {
            parents = [Int64](repeating: 0, count: count)
            starts = [Int64](repeating: 0, count: count)
            durations = [Int64](repeating: 0, count: count)
            kinds = [Int64](repeating: 0, count: count)
            flags = [Int64](repeating: 0, count: count)
            origins = [Int64](repeating: 0, count: count)
            shapes = [Int64](repeating: 0, count: count)
            names = [UInt32](repeating: 0, count: count)
            spans = [UInt64](repeating: 0, count: count)
        }

        /// Puts a trace's rows in, column by column.
        mutating func add(_ rows: [NumberedRow], at first: Int, since start: Int64) {
            let rows = rows.span
            Self.put(rows, &starts, first) { $0.start &- start }
            Self.put(rows, &durations, first) { $0.end &- $0.start }
            Self.put(rows, &kinds, first) { Int64($0.kind) }
            Self.put(rows, &flags, first) { Int64($0.flags) }
            Self.put(rows, &origins, first) { Int64($0.origin) }
            Self.put(rows, &shapes, first) { Int64($0.shape) }
            Self.put(rows, &names, first) { $0.name }
            Self.put(rows, &spans, first) { $0.span }
        }

        @inline(__always)
        private static func put<Value>(
            _ rows: Span<NumberedRow>,
            _ column: inout [Value],
            _ first: Int,
            _ value: (borrowing SpanRow) -> Value
        ) {
            var column = column.mutableSpan
            for place in rows.indices { column[first &+ place] = value(rows[place].row) }
        }
    }

    /// The values of all columns in one array, column after column: their counts are known from the shapes.
    private struct SortedValues {
        /// Where each column begins, and where the last one ends.
        private(set) var firstOf: [Int]
        private(set) var values: [UInt64]
        /// How many values each column has before every so many rows.
        private(set) var startsOf: [[Int64]]
        private var nextOf: [Int]

        init(_ table: borrowing SpanTable) {
            var rowsOf = [Int](repeating: 0, count: table.shapeColumns.count)
            for row in table.rows { rowsOf[Int(row.shape)] += 1 }
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

    /// The traces by their ids.
    private func tracesInOrder() -> [Int] {
        var keys: [(id: TraceID, slot: Int)] = []
        keys.reserveCapacity(traces.count)
        for slot in traces.indices { keys.append((traces[slot].id, slot)) }
        keys.sort { $0.id.high != $1.id.high ? $0.id.high < $1.id.high : $0.id.low < $1.id.low }
        return keys.map(\.slot)
    }

    /// A row with its number.
    private struct NumberedRow {
        var number: UInt32
        var row: SpanRow
    }

    /// The spans of one trace by their starts, with the places of their ids.
    private struct Family {
        private(set) var rows: [NumberedRow] = []
        private var placeOf = NumberMap()
        /// Up to here looking at every id is faster than a table.
        private static let fewMax = 32

        mutating func take(_ table: borrowing SpanTable, _ slot: Int) {
            rows.removeAll(keepingCapacity: true)
            var number = table.traces[slot].lastRow
            while number != SpanTable.none {
                let row = table.rows[Int(number)]
                rows.append(NumberedRow(number: number, row: row))
                number = row.previous
            }
            // The chain leads from the newest row to the oldest, and senders often begin with what ended first.
            guard rows.count > Self.fewMax else { return sortFew() }
            rows.sort { $0.row.start != $1.row.start ? $0.row.start < $1.row.start : $0.number < $1.number }
            placeOf.removeAll()
            for place in rows.indices where placeOf[rows[place].row.span] == nil {
                placeOf.insert(rows[place].row.span, UInt32(place))
            }
        }

        private mutating func sortFew() {
            for place in rows.indices.dropFirst() {
                let row = rows[place]
                var at = place
                while at > 0, (rows[at - 1].row.start, rows[at - 1].number) > (row.row.start, row.number) {
                    rows[at] = rows[at - 1]
                    at -= 1
                }
                if at < place { rows[at] = row }
            }
        }

        /// The first place of a span's id.
        @inline(__always)
        func place(of id: UInt64) -> Int? {
            if rows.count > Self.fewMax { return placeOf[id].map { Int($0) } }
            for place in rows.indices where rows[place].row.span == id { return place }
            return nil
        }
    }

    private func write(_ columns: SealedColumns, to block: BlockWriter) {
        var spans: [UInt8] = []
        spans.reserveCapacity(8 * columns.spans.count)
        spans.append(littleEndian: columns.spans)
        block.add(SpanSections.spanIDs, spans)
        block.add(SpanSections.durations, IntegerColumnWriter.encode(columns.durations))
        block.add(SpanSections.kinds, IntegerColumnWriter.encode(columns.kinds))
        block.add(SpanSections.flags, IntegerColumnWriter.encode(columns.flags))
        let (codes, texts) = ranked(columns.names)
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

    private func writeExtras(_ order: [UInt32], to block: BlockWriter) {
        var (extraRows, extraEnds, bytes): ([Int64], [Int64], [UInt8]) = ([], [], [])
        if !extras.isEmpty {
            for (place, row) in order.enumerated() {
                guard let extra = extras[row] else { continue }
                bytes += extra
                extraRows.append(Int64(place))
                extraEnds.append(Int64(bytes.count))
            }
        }
        block.add(SpanSections.extraRows, IntegerColumnWriter.encode(extraRows))
        block.add(SpanSections.extraEnds, IntegerColumnWriter.encode(extraEnds))
        block.add(SpanSections.extraBytes, bytes)
    }

    private func writeOrigins(_ columns: SealedColumns, to block: BlockWriter) {
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
        block.add(SpanSections.origins, IntegerColumnWriter.encode(columns.origins))
    }

    private func writeAttributes(_ sealed: SealedColumns, _ sorted: SortedValues, to block: BlockWriter) {
        block.add(SpanSections.shapes, IntegerColumnWriter.encode(sealed.shapes))
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
