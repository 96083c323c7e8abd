import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP
import MartletSearch

/// The records in memory: columns by row, texts kept once, the words of messages as numbers.
struct LogTable: ActiveEvents {
    /// A key with the type of its values, and the texts that values are numbers of.
    struct Column: Sendable {
        var key: [UInt8]
        var type: ValueType
        var texts: TextTable
    }

    /// What records share: the heads of the messages they stand in, and what of them is searched.
    struct Origin: Sendable {
        var heads: [UInt8]
        var value: ResourceLogs
        var service: String

        init(_ heads: [UInt8]) {
            self.heads = heads
            value = LogMessage.origin(heads)
            service = value.resource.attributes.first { $0.key == "service.name" }?.value.text ?? ""
        }

        var scope: InstrumentationScope { value.scopeLogs.first?.scope ?? InstrumentationScope() }
    }

    /// What else records share: severity with its word, the event's name, flags and the kind of the body.
    struct Kind: Hashable, Sendable {
        var severity: UInt8
        var body: BodyKind
        var flags: UInt32
        var severityText: String
        var eventName: String
    }

    enum BodyKind: UInt8, Sendable {
        case empty
        case string
        case other
    }

    /// What was there before a request, to go back to when it turns out to be damaged.
    private struct Mark {
        var rows: Int
        var codes: Int
        var values: Int
    }

    /// How many different keys can be searched; those beyond are kept with their records only.
    static let columnsMax = 2048

    /// A token's flags.
    static let isWord: UInt8 = 1
    static let hasDigit: UInt8 = 2
    static let needsFolding: UInt8 = 4

    let limits: LogLimits
    let codec: any BlockCodec
    let seed: UInt64

    /// The number of the first row.
    let base: UInt64

    // By row.
    var times: [Int64] = []
    var observed: [UInt64] = []
    var kindCodes: [UInt32] = []
    var originCodes: [UInt32] = []
    var traces: [TraceID] = []
    var spans: [UInt64] = []
    var shapes: [UInt32] = []
    var codeStarts: [UInt32] = [0]
    var valueStarts: [UInt32] = [0]
    var extras: [UInt32: [UInt8]] = [:]
    var extraBytes = 0

    /// The tokens of messages: words and what parts them; a single space between two words has none.
    var codes: [UInt32] = []
    var tokens: TextTable
    var tokenFlags: [UInt8] = []
    let classes = WordClasses()

    // What keys records have: shapes are lists of columns.
    var values: [UInt64] = []
    var columns: [Column] = []
    var columnCodes: TextTable
    var shapeTable: TextTable
    var shapeColumns: [[UInt32]] = []

    var kindTable: TextTable
    var kinds: [Kind] = []
    var originTable: TextTable
    var origins: [Origin] = []

    /// What the last record of a severity had.
    private struct LastKind: Sendable {
        var code: UInt32
        var body: BodyKind
        var flags: UInt32
        var word: [UInt8]
        var name: [UInt8]
    }

    private var lastKinds = [LastKind?](repeating: nil, count: 25)
    private var lastShape: UInt32 = 0

    /// The records of the request that is read, before they stand in the columns.
    var staged: [LogRow] = []

    /// Shapes that were met, by a hash of their keys.
    var shapeGuesses = [UInt32](repeating: .max, count: 64)

    /// Kinds that were met, by severity.
    var kindGuesses = [KindGuess](repeating: KindGuess(), count: 25)

    // While a request is read.
    private var bytes: [UInt8] = []
    private var resourceHead: [UInt8] = []
    private(set) var origin: UInt32 = 0
    private var hasOrigin = false
    private var scratch: [UInt8] = []
    private(set) var truncated = 0
    var lacksTime = false

    init(limits: LogLimits, codec: any BlockCodec, base: UInt64 = 0, seed: UInt64 = .random(in: .min ... .max)) {
        self.limits = limits
        self.codec = codec
        self.base = base
        self.seed = seed
        tokens = TextTable(seed: seed)
        columnCodes = TextTable(seed: seed)
        shapeTable = TextTable(seed: seed)
        kindTable = TextTable(seed: seed)
        originTable = TextTable(seed: seed)
        let single: [UInt8] = [0x20]
        // A space alone, the most frequent of what parts words, has the number 0.
        _ = tokens.intern(single.span)
        tokenFlags = [0]
    }

    /// Makes room for as much as another table has, which is what usually comes next.
    mutating func reserve(as other: LogTable) {
        let rows = other.count + other.count / 16
        codes.reserveCapacity(other.codes.count + other.codes.count / 16)
        values.reserveCapacity(other.values.count + other.values.count / 16)
        times.reserveCapacity(rows)
        observed.reserveCapacity(rows)
        kindCodes.reserveCapacity(rows)
        originCodes.reserveCapacity(rows)
        traces.reserveCapacity(rows)
        spans.reserveCapacity(rows)
        shapes.reserveCapacity(rows)
        codeStarts.reserveCapacity(rows + 1)
        valueStarts.reserveCapacity(rows + 1)
    }

    var count: Int { times.count }

    var byteCount: Int {
        count * 64 + 4 * codes.count + 8 * values.count + tokens.byteCount + tokenFlags.count
            + columns.reduce(0) { $0 + $1.texts.byteCount } + originTable.byteCount * 3 + shapeTable.byteCount * 2
            + extraBytes + extras.count * 48
    }

    mutating func freeze() {
        tokens.freeze()
        for column in columns.indices { columns[column].texts.freeze() }
    }

    var timeRange: ClosedRange<Int64>? {
        guard let low = times.min(), let high = times.max() else { return nil }
        return low...high
    }

    mutating func replay(_ payload: Span<UInt8>) -> Bool {
        let request = payload.array
        return (try? append(request)) != nil
    }

    /// Takes a request's records, or none where its bytes make none.
    ///
    /// - Returns: How many there are, and how many texts and attributes were cut.
    mutating func append(_ request: [UInt8]) throws(OTLPError) -> (records: Int, truncated: Int) {
        let mark = Mark(rows: count, codes: codes.count, values: values.count)
        (truncated, lacksTime) = (0, false)
        bytes = request
        defer { bytes = [] }
        var scanner = LogScanner(limits: limits.request)
        do throws(OTLPError) {
            try scanner.scan(request.span, &self)
        } catch {
            goBack(to: mark)
            throw error
        }
        appendStaged()
        return (count - mark.rows, truncated)
    }

    /// Takes back what came last.
    mutating func removeLast(_ records: Int) {
        let rows = count - records
        goBack(to: Mark(rows: rows, codes: Int(codeStarts[rows]), values: Int(valueStarts[rows])))
    }

    private mutating func goBack(to mark: Mark) {
        for row in mark.rows..<max(mark.rows, count + staged.count + 1) {
            if let extra = extras.removeValue(forKey: UInt32(row)) { extraBytes -= extra.count }
        }
        staged.removeAll(keepingCapacity: true)
        codes.removeLast(codes.count - mark.codes)
        values.removeLast(values.count - mark.values)
        times.removeLast(times.count - mark.rows)
        observed.removeLast(observed.count - mark.rows)
        kindCodes.removeLast(kindCodes.count - mark.rows)
        originCodes.removeLast(originCodes.count - mark.rows)
        traces.removeLast(traces.count - mark.rows)
        spans.removeLast(spans.count - mark.rows)
        shapes.removeLast(shapes.count - mark.rows)
        codeStarts.removeLast(codeStarts.count - mark.rows - 1)
        valueStarts.removeLast(valueStarts.count - mark.rows - 1)
    }
}

extension LogTable: LogVisitor {
    mutating func resource(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError) {
        // Values that could not be given back are refused now.
        _ = try WireResource(message, in: bytes.span).attributes.values(in: bytes.span)
        resourceHead = head(message, schemaURL)
        hasOrigin = false
        try setOrigin([])
    }

    mutating func scope(_ message: Range<Int>, schemaURL: Range<Int>) throws(OTLPError) {
        _ = try WireScope(message, in: bytes.span).attributes.values(in: bytes.span)
        try setOrigin(head(message, schemaURL))
    }

    private mutating func setOrigin(_ scope: [UInt8]) throws(OTLPError) {
        var heads: [UInt8] = []
        heads.append(varint: UInt64(resourceHead.count))
        heads += resourceHead
        heads += scope
        origin = originCode(heads)
    }

    mutating func originCode(_ heads: [UInt8]) -> UInt32 {
        let code = originTable.intern(heads.span)
        if Int(code) == origins.count { origins.append(Origin(heads)) }
        return code
    }

    /// Field 1 with the message and field 3 with the schema's URL, as they stand in front of and behind the entries.
    private func head(_ message: Range<Int>, _ schemaURL: Range<Int>) -> [UInt8] {
        var head: [UInt8] = []
        if !message.isEmpty { LogMessage.append(1, bytes.span.extracting(message), to: &head) }
        if !schemaURL.isEmpty { LogMessage.append(3, bytes.span.extracting(schemaURL), to: &head) }
        return head
    }

    mutating func log(_ log: borrowing WireLog) throws(OTLPError) {
        let time = log.time != 0 ? log.time : log.observedTime
        if time == 0 { lacksTime = true }
        var extra: [UInt8] = []
        let body = appendBody(log.body, &extra)
        try appendValues(log.attributes, &extra)
        if log.droppedAttributes > 0 {
            extra.append(7 << 3)
            extra.append(varint: UInt64(log.droppedAttributes))
        }
        if !extra.isEmpty {
            extraBytes += extra.count
            extras[UInt32(count + staged.count)] = extra
        }
        staged.append(
            LogRow(
                time: Int64(clamping: time),
                observed: log.observedTime,
                trace: log.traceID,
                span: log.spanID.bits,
                kind: kind(log, body),
                origin: origin,
                shape: lastShape,
                codeEnd: UInt32(codes.count),
                valueEnd: UInt32(values.count)
            )
        )
    }

    private mutating func kind(_ log: borrowing WireLog, _ body: BodyKind) -> UInt32 {
        let bytes = bytes
        let word = clipped(log.severityText, to: limits.nameBytes)
        let name = clipped(log.eventName, to: limits.nameBytes)
        // A level nearly always has the word and flags that it had before.
        let slot = Int(log.severity)
        if let last = lastKinds[slot], last.body == body, last.flags == log.flags,
            bytes.span.extracting(word).isEqual(last.word.span), bytes.span.extracting(name).isEqual(last.name.span)
        {
            return last.code
        }
        let code = kindCode(
            Kind(
                severity: log.severity,
                body: body,
                flags: log.flags,
                severityText: bytes.span.extracting(word).text,
                eventName: bytes.span.extracting(name).text
            )
        )
        lastKinds[slot] = LastKind(
            code: code,
            body: body,
            flags: log.flags,
            word: bytes.span.extracting(word).array,
            name: bytes.span.extracting(name).array
        )
        return code
    }

    mutating func kindCode(_ kind: Kind) -> UInt32 {
        var key: [UInt8] = [kind.severity, kind.body.rawValue]
        key.append(littleEndian: kind.flags)
        key.append(littleEndian: UInt32(kind.severityText.utf8.count))
        key += Array(kind.severityText.utf8)
        key += Array(kind.eventName.utf8)
        let code = kindTable.intern(key.span)
        if Int(code) == kinds.count { kinds.append(kind) }
        return code
    }

    private mutating func appendBody(_ body: WireValue, _ extra: inout [UInt8]) -> BodyKind {
        switch body {
        case .empty: return .empty
        case .string(let range):
            let kept = clipped(range, to: limits.bodyBytes)
            if kept.count < range.count { truncated += 1 }
            let request = bytes
            tokenise(request.span, kept)
            return .string
        default:
            // What is no text is kept as it came, and its text can be searched.
            guard let value = try? AttributeValue(wire: body, in: bytes.span) else {
                truncated += 1
                return .empty
            }
            var message: [UInt8] = []
            LogMessage.append(value, to: &message)
            guard message.count <= limits.bodyBytes else {
                truncated += 1
                return .empty
            }
            LogMessage.append(5, message.span, to: &extra)
            let text = Array(value.text.utf8)
            tokenise(text.span, 0..<text.count)
            return .other
        }
    }

    private mutating func appendValues(_ attributes: WireAttributes, _ extra: inout [UInt8]) throws(OTLPError) {
        var attributes = attributes
        var (taken, dropped) = (0, 0)
        let bytes = bytes
        let expected = shapeColumns.isEmpty ? [] : shapeColumns[Int(lastShape)]
        var (isExpected, place) = (true, 0)
        scratch.removeAll(keepingCapacity: true)
        while let (key, wire) = try attributes.next(in: bytes.span) {
            guard taken < limits.attributes else {
                dropped += 1
                continue
            }
            taken += 1
            guard let (type, range, bits) = value(wire) else {
                dropped += 1
                continue
            }
            let name = clipped(key, to: limits.nameBytes)
            // A record nearly always has the keys that the one before it had.
            if isExpected, place < expected.count, columns[Int(expected[place])].type == type,
                bytes.span.extracting(name).equals(columns[Int(expected[place])].key)
            {
                append(bits, type, range, Int(expected[place]), bytes)
                place += 1
                continue
            }
            if isExpected {
                isExpected = false
                for column in expected[..<place] { scratch.append(littleEndian: column) }
            }
            guard let column = columnCode(name, type) else {
                // A sender that makes up keys gets no column for each; what it sent can still be read.
                LogMessage.append(
                    Attribute(
                        bytes.span.extracting(name).text,
                        (try? AttributeValue(wire: wire, in: bytes.span)) ?? .empty
                    ),
                    to: &extra
                )
                continue
            }
            scratch.append(littleEndian: column)
            append(bits, type, range, Int(column), bytes)
        }
        if !isExpected || place != expected.count || shapeColumns.isEmpty {
            if isExpected { for column in expected[..<place] { scratch.append(littleEndian: column) } }
            lastShape = shapeCode(scratch)
        }
        shapeGuesses[ShapeHash(shapeColumns[Int(lastShape)], columns).place] = lastShape
        guard dropped > 0 else { return }
        truncated += dropped
        extra.append(7 << 3)
        extra.append(varint: UInt64(dropped))
    }

    @inline(__always)
    private mutating func append(
        _ bits: UInt64,
        _ type: ValueType,
        _ range: Range<Int>,
        _ column: Int,
        _ bytes: [UInt8]
    ) {
        values.append(type.isText ? UInt64(columns[column].texts.intern(bytes.span, range)) : bits)
    }

    /// An attribute's value; `nil` where it cannot be given back.
    private mutating func value(_ wire: WireValue) -> (ValueType, Range<Int>, UInt64)? {
        switch wire {
        case .string(let text):
            let kept = clipped(text, to: limits.valueBytes)
            if kept.count < text.count { truncated += 1 }
            return (.string, kept, 0)
        case .bool(let flag): return (.bool, 0..<0, flag ? 1 : 0)
        case .int(let number): return (.int, 0..<0, UInt64(bitPattern: number))
        case .double(let number): return (.double, 0..<0, number.bitPattern)
        case .bytes(let content): return content.count <= limits.valueBytes ? (.bytes, content, 0) : nil
        case .compound(let message):
            guard message.count <= limits.valueBytes, (try? AttributeValue(wire: wire, in: bytes.span)) != nil else {
                return nil
            }
            return (.compound, message, 0)
        case .empty: return (.empty, 0..<0, 0)
        }
    }

    /// The number of a list of columns, four bytes each.
    mutating func shapeCode(_ key: [UInt8]) -> UInt32 {
        let code = shapeTable.intern(key.span)
        if Int(code) == shapeColumns.count {
            shapeColumns.append(stride(from: 0, to: key.count, by: 4).map { key.span.uint32(at: $0) })
        }
        return code
    }

    private mutating func columnCode(_ key: Range<Int>, _ type: ValueType) -> UInt32? {
        columnCode(bytes.span.extracting(key).array, type)
    }

    /// The number of a column, `nil` where there are too many.
    mutating func columnCode(_ key: [UInt8], _ type: ValueType) -> UInt32? {
        var name = key
        name.append(type.rawValue)
        if columns.count >= Self.columnsMax { return columnCodes.find(name.span) }
        let code = columnCodes.intern(name.span)
        if Int(code) == columns.count {
            columns.append(Column(key: Array(name.dropLast()), type: type, texts: TextTable(seed: seed)))
        }
        return code
    }

    /// The start of a text that is too long, cut before a character.
    private func clipped(_ text: Range<Int>, to limit: Int) -> Range<Int> {
        guard text.count > limit else { return text }
        var end = text.lowerBound + limit
        while end > text.lowerBound, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return text.lowerBound..<end
    }
}
