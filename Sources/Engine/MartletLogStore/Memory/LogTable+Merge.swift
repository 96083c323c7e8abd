import MartletCore
import MartletEvents
import MartletFiles

extension LogTable {
    /// Takes the records of a block behind those that are there.
    ///
    /// Numbers of words, texts and keys are turned into this table's by the block's dictionaries; no record is made.
    ///
    /// - Returns: `false` where there are too many keys for one block; then the table is of no use any more.
    /// - Throws: `EventError` `damaged`; then too.
    mutating func append(_ reader: LogBlockReader) throws(EventError) -> Bool {
        let first = count
        var origins: [UInt32] = []
        for origin in reader.origins { origins.append(originCode(origin.heads)) }
        var kinds: [UInt32] = []
        for kind in reader.kinds { kinds.append(kindCode(kind)) }
        guard try appendValues(reader) else { return false }
        var (kindsHere, originsHere): ([UInt32], [UInt32]) = ([], [])
        try reader.forEachKind(nil) { kindsHere.append(kinds[$1]) }
        try reader.forEachOrigin(nil) { originsHere.append(origins[$1]) }
        kindCodes += kindsHere
        originCodes += originsHere
        var newTimes: [Int64] = []
        newTimes.reserveCapacity(reader.count)
        try reader.forEachTime(nil) { newTimes.append($1) }
        times += newTimes
        var seen: [UInt64] = []
        seen.reserveCapacity(reader.count)
        try reader.integers(LogSections.observed, reader.count).forEach(in: 0..<reader.count) { row, code in
            let distance = unzigzag(UInt64(bitPattern: code) &- 1)
            seen.append(code == 0 ? 0 : UInt64(bitPattern: newTimes[row] &+ distance))
        }
        observed += seen
        try appendIDs(reader)
        try reader.forEachExtra { row, fields in
            extras[UInt32(first + row)] = fields
            extraBytes += fields.count
        }
        try reader.messages().append(to: &self)
        guard times.count == count, shapes.count == count, codeStarts.count == count + 1, traces.count == count,
            kindCodes.count == count, originCodes.count == count, observed.count == count
        else { throw reader.file.damaged("its columns are not of one length") }
        return true
    }

    private mutating func appendIDs(_ reader: LogBlockReader) throws(EventError) {
        let (traceIDs, spanIDs) = (try reader.traceIDs(), try reader.spanIDs())
        for granule in 0..<reader.granuleCount {
            let rows = reader.rows(of: granule).count
            let traceNumbers = traceIDs?.numbers(granule: granule) ?? []
            let spanNumbers = spanIDs?.numbers(granule: granule) ?? []
            for row in 0..<rows {
                let (high, low) = row < traceNumbers.count ? traceIDs?.id(traceNumbers[row]) ?? (0, 0) : (0, 0)
                traces.append(TraceID(high: high, low: low))
                spans.append(row < spanNumbers.count ? spanIDs?.id(spanNumbers[row]).0 ?? 0 : 0)
            }
        }
    }

    /// Takes attributes: texts get this table's numbers, and shapes its columns.
    private mutating func appendValues(_ reader: LogBlockReader) throws(EventError) -> Bool {
        var places: [Int] = []
        var valuesOf: [[UInt64]] = []
        for (index, column) in reader.columnList.enumerated() {
            guard let place = columnCode(column.key, column.type).map({ Int($0) }) else { return false }
            places.append(place)
            var values: [UInt64] = []
            if column.type.isText {
                var codes: [UInt64] = []
                var texts = columns[place].texts
                columns[place].texts = TextTable(seed: seed)
                try reader.forEachText(column: index) { _, text in codes.append(UInt64(texts.intern(text))) }
                columns[place].texts = texts
                guard !codes.isEmpty else { throw reader.file.damaged("column \(index) has no texts") }
                try reader.forEachValue(of: index, nil) { values.append(codes[min(Int($1), codes.count - 1)]) }
            } else {
                try reader.forEachValue(of: index, nil) { values.append($1) }
            }
            valuesOf.append(values)
        }
        var shapeCodes: [UInt32] = []
        for shape in reader.tables.shapes {
            var key: [UInt8] = []
            for column in shape { key.append(littleEndian: UInt32(places[column])) }
            shapeCodes.append(shapeCode(key))
        }
        var next = [Int](repeating: 0, count: places.count)
        let shapes = try reader.integers(LogSections.shapes, reader.count)
        for code in shapes.values(in: 0..<reader.count) {
            guard reader.tables.shapes.indices.contains(Int(code)) else {
                throw reader.file.damaged("a record has attributes that are unknown")
            }
            for column in reader.tables.shapes[Int(code)] {
                guard next[column] < valuesOf[column].count else {
                    throw reader.file.damaged("records lack values of column \(column)")
                }
                values.append(valuesOf[column][next[column]])
                next[column] += 1
            }
            self.shapes.append(shapeCodes[Int(code)])
            valueStarts.append(UInt32(values.count))
        }
        return true
    }
}

extension LogMessages {
    /// Appends all messages to a table, word by word.
    func append(to table: inout LogTable) throws(EventError) {
        var codeOf = [UInt32](repeating: 0, count: firstWord + indexOfRank.count)
        for (place, separator) in separators.enumerated() {
            codeOf[place + 1] = table.tokenCode(separator.span, 0..<separator.count, 0)
        }
        var codeOfWord: [UInt32] = []
        words.forEach { _, word in codeOfWord.append(table.wordCode(word.span)) }
        for (rank, index) in indexOfRank.values(in: 0..<indexOfRank.count).enumerated() {
            guard codeOfWord.indices.contains(Int(index)) else {
                throw reader.file.damaged("a message has a word that is unknown")
            }
            codeOf[firstWord + rank] = codeOfWord[Int(index)]
        }
        var parts: [Part] = []
        for granule in 0..<reader.granuleCount {
            let codes = try codes(of: granule)
            for row in reader.rows(of: granule) {
                try read(row, granule, codes, into: &parts)
                for part in parts {
                    guard part.code != 0 else {
                        guard let word = try variable(part.variable, granule) else {
                            throw reader.file.damaged("a message lacks a word")
                        }
                        table.codes.append(table.wordCode(word.span))
                        continue
                    }
                    guard part.code > 0, part.code < codeOf.count else {
                        throw reader.file.damaged("a message has a word that is unknown")
                    }
                    table.codes.append(codeOf[part.code])
                }
                table.codeStarts.append(UInt32(table.codes.count))
            }
        }
    }
}
