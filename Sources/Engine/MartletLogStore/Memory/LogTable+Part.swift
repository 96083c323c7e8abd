import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP

extension LogTable: LogPart {
    var columnList: [LogColumn] { columns.map { LogColumn(key: $0.key, type: $0.type) } }

    func forEachTime(_ among: RowSet?, _ body: (_ row: Int, _ time: Int64) -> Void) {
        forEachRow(among) { body($0, times[$0]) }
    }

    func forEachKind(_ among: RowSet?, _ body: (_ row: Int, _ kind: Int) -> Void) {
        forEachRow(among) { body($0, Int(kindCodes[$0])) }
    }

    func forEachOrigin(_ among: RowSet?, _ body: (_ row: Int, _ origin: Int) -> Void) {
        forEachRow(among) { body($0, Int(originCodes[$0])) }
    }

    func forEachTimeAndKind(_ among: RowSet, _ body: (_ time: Int64, _ kind: Int) -> Void) {
        among.forEach { body(times[$0], Int(kindCodes[$0])) }
    }

    @inline(__always)
    private func forEachRow(_ among: RowSet?, _ body: (Int) -> Void) {
        if let among { return among.forEach(body) }
        for row in 0..<count { body(row) }
    }

    func forEachValue(of column: Int, _ among: RowSet?, _ body: (_ row: Int, _ bits: UInt64) -> Void) {
        let code = UInt32(column)
        let places = shapeColumns.map { shape in shape.indices.filter { shape[$0] == code } }
        forEachRow(among) { row in
            for place in places[Int(shapes[row])] { body(row, values[Int(valueStarts[row]) + place]) }
        }
    }

    func text(column: Int, _ code: UInt64) -> [UInt8] {
        columns[column].texts.bytes(UInt32(code))
    }

    func code(column: Int, of text: [UInt8]) -> UInt64? {
        columns[column].texts.find(text.span).map { UInt64($0) }
    }

    func forEachText(column: Int, _ body: (_ code: UInt64, _ text: Span<UInt8>) -> Void) {
        let texts = columns[column].texts
        for code in 0..<texts.count { texts.withText(UInt32(code)) { body(UInt64(code), $0) } }
    }

    func count(_ words: WordsTest) -> Int? { nil }

    func rows(trace: TraceID) -> RowSet {
        var result = RowSet(rows: count)
        for row in 0..<count where traces[row] == trace { result.insert(row) }
        return result
    }

    func rows(span: UInt64) -> RowSet {
        var result = RowSet(rows: count)
        for row in 0..<count where spans[row] == span { result.insert(row) }
        return result
    }

    func rows(_ words: [WordsTest], _ among: RowSet?) -> RowSet {
        var found = among
        for test in words { found = rows(test, found) }
        return found ?? RowSet(rows: count, isFull: true)
    }

    private func rows(_ words: WordsTest, _ among: RowSet?) -> RowSet {
        var result = RowSet(rows: count)
        var wanted: [[Bool]] = []
        for word in words.words {
            var isWanted = [Bool](repeating: false, count: tokens.count)
            var isAny = false
            for code in 0..<tokens.count where tokenFlags[code] & Self.isWord != 0 {
                let needsFolding = tokenFlags[code] & Self.needsFolding != 0
                if tokens.withText(UInt32(code), { word.matches($0, needsFolding: needsFolding) }) {
                    isWanted[code] = true
                    isAny = true
                }
            }
            guard isAny else { return result }
            wanted.append(isWanted)
        }
        guard let first = wanted.first else { return among ?? RowSet(rows: count, isFull: true) }
        forEachRow(among) { row in
            for place in Int(codeStarts[row])..<Int(codeStarts[row + 1]) where first[Int(codes[place])] {
                if wanted.count == 1 || follows(wanted, place, Int(codeStarts[row + 1])) {
                    result.insert(row)
                    return
                }
            }
        }
        return result
    }

    /// Whether the words behind the first stand behind a place.
    private func follows(_ wanted: [[Bool]], _ start: Int, _ end: Int) -> Bool {
        var (place, next) = (start + 1, 1)
        while place < end, next < wanted.count {
            let code = Int(codes[place])
            place += 1
            guard tokenFlags[code] & Self.isWord != 0 else { continue }
            guard wanted[next][code] else { return false }
            next += 1
        }
        return next == wanted.count
    }

    func message(_ row: Int) -> [UInt8] {
        var (text, isBehindWord): ([UInt8], Bool) = ([], false)
        for place in Int(codeStarts[row])..<Int(codeStarts[row + 1]) {
            let code = codes[place]
            let isWord = tokenFlags[Int(code)] & Self.isWord != 0
            if isWord, isBehindWord { text.append(0x20) }
            tokens.withText(code) { text.append(span: $0) }
            isBehindWord = isWord
        }
        return text
    }

    func record(_ row: Int) -> StoredLog {
        var entry = extras[UInt32(row)].map { LogMessage.entry($0) } ?? LogEntry()
        let kind = kinds[Int(kindCodes[row])]
        entry.time = UInt64(bitPattern: times[row])
        entry.observedTime = observed[row]
        entry.severity = kind.severity
        entry.severityText = kind.severityText
        entry.eventName = kind.eventName
        entry.flags = kind.flags
        entry.traceID = traces[row]
        entry.spanID = SpanID(spans[row])
        if kind.body == .string { entry.body = .string(String(decoding: message(row), as: UTF8.self)) }
        var attributes: [Attribute] = []
        for (place, column) in shapeColumns[Int(shapes[row])].enumerated() {
            let (entry, bits) = (columns[Int(column)], values[Int(valueStarts[row]) + place])
            let text = entry.type.isText ? entry.texts.bytes(UInt32(bits)) : []
            attributes.append(Attribute(String(decoding: entry.key, as: UTF8.self), entry.type.value(bits, text)))
        }
        entry.attributes = attributes + entry.attributes
        let origin = origins[Int(originCodes[row])]
        return StoredLog(
            sequence: base + UInt64(row),
            time: times[row],
            entry: entry,
            resource: origin.value.resource,
            scope: origin.scope
        )
    }
}

extension ValueType {
    /// A value of this type.
    func value(_ bits: UInt64, _ text: [UInt8]) -> AttributeValue {
        switch self {
        case .string: .string(String(decoding: text, as: UTF8.self))
        case .bool: .bool(bits != 0)
        case .int: .int(Int64(bitPattern: bits))
        case .double: .double(Double(bitPattern: bits))
        case .bytes: .bytes(text)
        case .compound: LogMessage.value(text)
        case .empty: .empty
        }
    }
}
