import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP

/// A block's columns, made ready for one question.
final class LogBlockReader {
    let block: LogBlock
    let file: BlockFile
    let count: Int
    let tables: LogBlock.Tables
    private var integerColumns: [BlockSection: IntegerColumn] = [:]
    private var dictionaries: [Int: TextDictionary] = [:]
    private var knownIDs: [Int: RecentIDs?] = [:]
    private var placesOfRows: [Int: ValuePlaces] = [:]
    private var knownMessages: LogMessages?

    // What was read last, because records are usually told one after the other.
    private var granuleTimes: (granule: Int, times: [Int64]) = (-1, [])
    private var traceNumbers: (granule: Int, numbers: [Int]) = (-1, [])
    private var spanNumbers: (granule: Int, numbers: [Int]) = (-1, [])

    /// Where the values of a column are.
    enum ValuePlaces {
        /// Each row has one.
        case everyRow
        /// How many values each shape has, told by places among the shape's columns.
        case some([[Int]])
    }

    init(_ block: LogBlock) throws(EventError) {
        self.block = block
        file = block.file
        count = block.count
        tables = try block.sharedTables()
    }

    func integers(_ name: BlockSection, _ count: Int?) throws(EventError) -> IntegerColumn {
        if let known = integerColumns[name] { return known }
        guard let column = IntegerColumn(try file.column(name)), count == nil || column.count == count else {
            throw file.damaged("column \(name.kind).\(name.index) makes no sense")
        }
        integerColumns[name] = column
        return column
    }

    var granuleCount: Int { (count + IntegerColumn.granule - 1) / IntegerColumn.granule }

    func rows(of granule: Int) -> Range<Int> {
        (granule * IntegerColumn.granule)..<min((granule + 1) * IntegerColumn.granule, count)
    }

    func messages() throws(EventError) -> LogMessages {
        if let known = knownMessages { return known }
        let messages = try LogMessages(self)
        knownMessages = messages
        return messages
    }

    private func ids(_ sections: RecentIDs.Sections, width: Int) throws(EventError) -> RecentIDs? {
        if let known = knownIDs[width] { return known }
        let ids = try RecentIDs(file, sections, width: width, rows: count)
        knownIDs[width] = .some(ids)
        return ids
    }

    func traceIDs() throws(EventError) -> RecentIDs? { try ids(LogSections.traces, width: 16) }
    func spanIDs() throws(EventError) -> RecentIDs? { try ids(LogSections.spans, width: 8) }

    // MARK: Times

    /// The times of a granule's rows.
    private func forEachTime(granule: Int, _ body: (Int, Int64) -> Void) throws(EventError) {
        let deltas = try integers(LogSections.times, count)
        var time = try integers(LogSections.granuleTimes, granuleCount)[granule]
        let rows = rows(of: granule)
        body(rows.lowerBound, time)
        deltas.forEach(in: (rows.lowerBound + 1)..<rows.upperBound) { row, delta in
            time = time &+ delta
            body(row, time)
        }
    }

    private func time(_ row: Int) throws(EventError) -> Int64 {
        let granule = row / IntegerColumn.granule
        if granuleTimes.granule != granule {
            var times: [Int64] = []
            try forEachTime(granule: granule) { times.append($1) }
            granuleTimes = (granule, times)
        }
        return granuleTimes.times[row % IntegerColumn.granule]
    }

    private func id(_ row: Int, _ ids: RecentIDs, _ known: inout (granule: Int, numbers: [Int])) -> (UInt64, UInt64) {
        let granule = row / IntegerColumn.granule
        if known.granule != granule { known = (granule, ids.numbers(granule: granule)) }
        return ids.id(known.numbers[row % IntegerColumn.granule])
    }

    // MARK: Attributes

    private func places(_ column: Int) throws(EventError) -> ValuePlaces {
        if let known = placesOfRows[column] { return known }
        var result = ValuePlaces.everyRow
        if file.has(LogSections.valueStarts(column)) {
            result = .some(tables.shapes.map { shape in shape.indices.filter { shape[$0] == column } })
        }
        placesOfRows[column] = result
        return result
    }

    private func dictionary(_ column: Int) throws(EventError) -> TextDictionary {
        if let known = dictionaries[column] { return known }
        guard let texts = TextDictionary(try file.column(LogSections.texts(column))) else {
            throw file.damaged("the texts of column \(column) make no sense")
        }
        dictionaries[column] = texts
        return texts
    }

    /// The bits of a stored value.
    private func bits(_ column: Int, _ value: Int64) -> UInt64 {
        let decimals = tables.decimals[column]
        guard tables.columns[column].type == .double, decimals != LogBlock.isBits else {
            return UInt64(bitPattern: value)
        }
        return (Double(value) / LogBlock.powers[Int(decimals)]).bitPattern
    }

    private func forEachRawValue(
        of column: Int,
        _ among: RowSet?,
        _ body: (Int, Int64) -> Void
    ) throws(EventError) {
        if case .some(let places) = try places(column) { return try forEachRawValue(of: column, places, among, body) }
        let values = try integers(LogSections.values(column), count)
        guard let among else { return values.forEach(in: 0..<count, body) }
        if among.isSparse {
            among.forEach { body($0, values[$0]) }
        } else {
            values.forEach(in: 0..<count) { row, value in if among.contains(row) { body(row, value) } }
        }
    }

    private func forEachRawValue(
        of column: Int,
        _ places: [[Int]],
        _ among: RowSet?,
        _ body: (Int, Int64) -> Void
    ) throws(EventError) {
        let values = try integers(LogSections.values(column), nil)
        let starts = try integers(LogSections.valueStarts(column), granuleCount)
        let shapes = try integers(LogSections.shapes, count)
        var isDamaged = false
        for granule in 0..<granuleCount {
            let rows = rows(of: granule)
            if let among, !among.hasAny(in: rows) { continue }
            var place = Int(starts[granule])
            shapes.forEach(in: rows) { row, shape in
                guard places.indices.contains(Int(shape)), !isDamaged else { return }
                let own = places[Int(shape)].count
                guard place >= 0, place + own <= values.count else {
                    isDamaged = true
                    return
                }
                if own > 0, among?.contains(row) ?? true {
                    for offset in 0..<own { body(row, values[place + offset]) }
                }
                place += own
            }
        }
        if isDamaged { throw file.damaged("records lack values of column \(column)") }
    }

    /// A row's attributes, in the order sent.
    private func attributes(_ row: Int) throws(EventError) -> [Attribute] {
        let shapes = try integers(LogSections.shapes, count)
        let code = Int(shapes[row])
        guard tables.shapes.indices.contains(code) else {
            throw file.damaged("a record has attributes that are unknown")
        }
        var result: [Attribute] = []
        var used: [Int: Int] = [:]
        for column in tables.shapes[code] {
            var place = row
            let values = try integers(LogSections.values(column), nil)
            if case .some(let places) = try places(column) {
                place = try firstPlace(column, places, row, shapes) + (used[column] ?? 0)
                used[column, default: 0] += 1
            }
            guard place >= 0, place < values.count else { throw file.damaged("a record lacks a value") }
            let type = tables.columns[column].type
            let bits = bits(column, values[place])
            result.append(
                Attribute(
                    String(decoding: tables.columns[column].key, as: UTF8.self),
                    type.value(bits, type.isText ? try text(column: column, bits) : [])
                )
            )
        }
        return result
    }

    /// Where a row's first value of a column is that not every row has.
    private func firstPlace(
        _ column: Int,
        _ places: [[Int]],
        _ row: Int,
        _ shapes: IntegerColumn
    ) throws(EventError) -> Int {
        let granule = row / IntegerColumn.granule
        var place = Int(try integers(LogSections.valueStarts(column), granuleCount)[granule])
        shapes.forEach(in: rows(of: granule).lowerBound..<row) { _, shape in
            if places.indices.contains(Int(shape)) { place += places[Int(shape)].count }
        }
        return place
    }

    /// Hands what records have besides over, in the order of the rows.
    func forEachExtra(_ body: (_ row: Int, _ fields: [UInt8]) -> Void) throws(EventError) {
        guard file.has(LogSections.extraRows) else { return }
        let rows = try integers(LogSections.extraRows, nil)
        let ends = try integers(LogSections.extraEnds, rows.count)
        let content = try file.column(LogSections.extraBytes)
        var from = 0
        for place in 0..<rows.count {
            let (row, to) = (Int(rows[place]), Int(ends[place]))
            guard row >= 0, row < count, from <= to, to <= content.count else {
                throw file.damaged("its fields make no sense")
            }
            body(row, content.withBytes { $0.extracting(from..<to).array })
            from = to
        }
    }

    private func extra(_ row: Int) throws(EventError) -> [UInt8] {
        guard file.has(LogSections.extraRows) else { return [] }
        let rows = try integers(LogSections.extraRows, nil)
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        guard low < rows.count, rows[low] == row else { return [] }
        let ends = try integers(LogSections.extraEnds, rows.count)
        let content = try file.column(LogSections.extraBytes)
        let (from, to) = (low == 0 ? 0 : Int(ends[low - 1]), Int(ends[low]))
        guard from >= 0, from <= to, to <= content.count else { throw file.damaged("its fields make no sense") }
        return content.withBytes { $0.extracting(from..<to).array }
    }
}

extension LogBlockReader: LogPart, TimedPart {
    var base: UInt64 { block.base }
    var isSorted: Bool { block.isSorted }
    var timeRange: ClosedRange<Int64>? { file.times }
    var columnList: [LogColumn] { tables.columns }
    var kinds: [LogTable.Kind] { tables.kinds }
    var origins: [LogTable.Origin] { tables.origins }

    func forEachTime(_ among: RowSet?, _ body: (Int, Int64) -> Void) throws(EventError) {
        for granule in 0..<granuleCount {
            if let among {
                guard among.hasAny(in: rows(of: granule)) else { continue }
                try forEachTime(granule: granule) { row, time in if among.contains(row) { body(row, time) } }
            } else {
                try forEachTime(granule: granule, body)
            }
        }
    }

    func forEachTimeAndKind(_ among: RowSet, _ body: (Int64, Int) -> Void) throws(EventError) {
        let deltas = try integers(LogSections.times, count)
        let kinds = try integers(LogSections.kinds, count)
        let starts = try integers(LogSections.granuleTimes, granuleCount)
        let limit = tables.kinds.count - 1
        guard limit >= 0 else { return }
        var (times, codes): ([Int], [Int]) = ([], [])
        for granule in 0..<granuleCount {
            let rows = rows(of: granule)
            guard among.hasAny(in: rows) else { continue }
            // The first of a granule stands elsewhere.
            let start = starts[granule] &- deltas[rows.lowerBound]
            deltas.sums(in: rows, from: Int(truncatingIfNeeded: start), into: &times)
            kinds.values(in: rows, into: &codes)
            among.forEach(in: rows) { row in
                let place = row - rows.lowerBound
                body(Int64(times[place]), min(max(0, codes[place]), limit))
            }
        }
    }

    func tally(column: Int, _ among: RowSet) throws(EventError) -> [Int]? {
        guard tables.columns[column].type.isText, case .everyRow = try places(column) else { return nil }
        return try integers(LogSections.values(column), count).tally(among, limit: try dictionary(column).count)
    }

    func tallyKinds(_ among: RowSet) throws(EventError) -> [Int]? {
        try integers(LogSections.kinds, count).tally(among, limit: tables.kinds.count)
    }

    func rows(column: Int, where isWanted: [Bool], _ among: RowSet?) throws(EventError) -> RowSet? {
        guard tables.columns[column].type.isText, case .everyRow = try places(column) else { return nil }
        return try integers(LogSections.values(column), count).rows(where: isWanted, among)
    }

    func rows(kinds isWanted: [Bool], _ among: RowSet?) throws(EventError) -> RowSet? {
        try integers(LogSections.kinds, count).rows(where: isWanted, among)
    }

    func forEachKind(_ among: RowSet?, _ body: (Int, Int) -> Void) throws(EventError) {
        try forEachCode(LogSections.kinds, tables.kinds.count, among, body)
    }

    func forEachOrigin(_ among: RowSet?, _ body: (Int, Int) -> Void) throws(EventError) {
        try forEachCode(LogSections.origins, tables.origins.count, among, body)
    }

    private func forEachCode(
        _ name: BlockSection,
        _ limit: Int,
        _ among: RowSet?,
        _ body: (Int, Int) -> Void
    ) throws(EventError) {
        let codes = try integers(name, count)
        guard limit > 0 else { return }
        if let among, among.isSparse {
            among.forEach { body($0, min(max(0, Int(codes[$0])), limit - 1)) }
        } else {
            codes.forEach(in: 0..<count) { row, code in
                if among?.contains(row) ?? true { body(row, min(max(0, Int(code)), limit - 1)) }
            }
        }
    }

    func forEachValue(of column: Int, _ among: RowSet?, _ body: (Int, UInt64) -> Void) throws(EventError) {
        if tables.columns[column].type == .double {
            try forEachRawValue(of: column, among) { body($0, bits(column, $1)) }
        } else if tables.columns[column].type.isText {
            let limit = UInt64(max(1, try dictionary(column).count) - 1)
            try forEachRawValue(of: column, among) { body($0, min(UInt64(bitPattern: $1), limit)) }
        } else {
            try forEachRawValue(of: column, among) { body($0, UInt64(bitPattern: $1)) }
        }
    }

    func text(column: Int, _ code: UInt64) throws(EventError) -> [UInt8] {
        let texts = try dictionary(column)
        guard code < UInt64(texts.count) else { throw file.damaged("a record has a text that is unknown") }
        return texts[Int(code)]
    }

    func code(column: Int, of text: [UInt8]) throws(EventError) -> UInt64? {
        try dictionary(column).index(of: text.span).map { UInt64($0) }
    }

    func forEachText(column: Int, _ body: (UInt64, Span<UInt8>) -> Void) throws(EventError) {
        try dictionary(column).forEach { body(UInt64($0), $1.span) }
    }

    func rows(trace: TraceID) throws(EventError) -> RowSet {
        guard trace.isValid else { return try rowsWithout(traceIDs()) }
        guard try RecentIDs.mayContain(file, LogSections.traces, IDFilter.hash(trace.high, trace.low)) else {
            return RowSet(rows: count)
        }
        return try traceIDs()?.rows(of: (trace.high, trace.low), count: count) ?? RowSet(rows: count)
    }

    func rows(span: UInt64) throws(EventError) -> RowSet {
        guard span != 0 else { return try rowsWithout(spanIDs()) }
        guard try RecentIDs.mayContain(file, LogSections.spans, IDFilter.hash(span, 0)) else {
            return RowSet(rows: count)
        }
        return try spanIDs()?.rows(of: (span, 0), count: count) ?? RowSet(rows: count)
    }

    private func rowsWithout(_ ids: RecentIDs?) throws(EventError) -> RowSet {
        guard let ids else { return RowSet(rows: count, isFull: true) }
        var result = RowSet(rows: count)
        ids.references.forEach(in: 0..<count) { row, reference in if reference == 0 { result.insert(row) } }
        return result
    }

    func rows(_ words: [WordsTest], _ among: RowSet?) throws(EventError) -> RowSet {
        try messages().rows(words, among)
    }

    func count(_ words: WordsTest) throws(EventError) -> Int? { try messages().count(words) }

    func message(_ row: Int) throws(EventError) -> [UInt8] { try messages().text(row) }

    func record(_ row: Int) throws(EventError) -> StoredLog {
        let fields = try extra(row)
        var entry = fields.isEmpty ? LogEntry() : LogMessage.entry(fields)
        let time = try time(row)
        let kind = tables.kinds[min(max(0, Int(try integers(LogSections.kinds, count)[row])), tables.kinds.count - 1)]
        let seen = try integers(LogSections.observed, count)[row]
        entry.time = UInt64(bitPattern: time)
        entry.observedTime = seen == 0 ? 0 : UInt64(bitPattern: time &+ unzigzag(UInt64(bitPattern: seen) &- 1))
        entry.severity = kind.severity
        entry.severityText = kind.severityText
        entry.eventName = kind.eventName
        entry.flags = kind.flags
        if let ids = try traceIDs() {
            let (high, low) = id(row, ids, &traceNumbers)
            entry.traceID = TraceID(high: high, low: low)
        }
        if let ids = try spanIDs() { entry.spanID = SpanID(id(row, ids, &spanNumbers).0) }
        if kind.body == .string { entry.body = .string(String(decoding: try message(row), as: UTF8.self)) }
        entry.attributes = try attributes(row) + entry.attributes
        let place = min(max(0, Int(try integers(LogSections.origins, count)[row])), tables.origins.count - 1)
        guard place >= 0 else { throw file.damaged("a record comes from nowhere") }
        let origin = tables.origins[place]
        return StoredLog(
            sequence: base + UInt64(row),
            time: time,
            entry: entry,
            resource: origin.value.resource,
            scope: origin.scope
        )
    }
}
