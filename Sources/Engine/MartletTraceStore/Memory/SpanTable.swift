import MartletCore
import MartletEvents
import MartletOTLP

/// The spans in memory: a row each, the rows of each trace chained, texts kept once.
struct SpanTable: ActiveEvents {
    /// A key with the type of its values.
    struct Column: Hashable, Sendable {
        var key: UInt32
        var type: ValueType
    }

    struct Trace: Sendable {
        var id: TraceID
        var lastRow: UInt32
        var count: UInt32
    }

    /// What an attribute of the last span was; the next span's is likely the same, but for its value.
    private struct Guess: Sendable {
        var key: ParsedSpans.Place
        var type: ValueType
        var column: UInt32
        var text: ParsedSpans.Place
        var value: UInt64
    }

    static let none = UInt32.max

    /// How many different keys can be searched; those beyond are kept with their spans only.
    static let columnsMax = 2048

    let limits: TraceLimits
    var texts = TextTable()

    // What spans share: by origin's number its heads and its service.
    var origins = TextTable()
    var originServices: [UInt32] = []
    var originScopes: [Int] = []

    var rows: [SpanRow] = []
    var values: [UInt64] = []
    var extras: [UInt32: [UInt8]] = [:]
    var extraBytes = 0

    // What keys spans have: shapes are lists of columns.
    var columns: [Column] = []
    var columnCodes: [Column: UInt32] = [:]
    var shapeTable = TextTable()
    var shapeColumns: [[UInt32]] = []

    // Traces by their ids: open addressing, half full at most.
    var traces: [Trace] = []
    private var slots = [UInt32](repeating: SpanTable.none, count: 64)
    private let seed = UInt64.random(in: .min ... .max)
    private var scratch: [UInt8] = []
    /// By place, within one request.
    private var guesses: [Guess] = []
    private var lastShape = SpanTable.none

    init(limits: TraceLimits) {
        self.limits = limits
    }

    var count: Int { rows.count }

    var byteCount: Int {
        count * MemoryLayout<SpanRow>.stride + values.count * 8 + traces.count * 32 + slots.count * 4 + texts.byteCount
            + origins.byteCount
            + shapeTable.byteCount + extraBytes + extras.count * 48
    }

    var timeRange: ClosedRange<Int64>? {
        guard let first = rows.first?.start else { return nil }
        var (low, high) = (first, first)
        for row in rows {
            low = min(low, row.start)
            high = max(high, row.start)
        }
        return low...high
    }

    mutating func replay(_ payload: Span<UInt8>) -> Bool {
        guard let spans = try? ParsedSpans(payload.array, limits: limits) else { return false }
        _ = append(spans)
        return true
    }

    /// Takes a request's spans.
    ///
    /// - Returns: How many were refused because their traces are full.
    mutating func append(_ parsed: ParsedSpans) -> Int {
        var refused = 0
        var originCodes: [UInt32] = []
        originCodes.reserveCapacity(parsed.origins.count)
        for origin in parsed.origins { originCodes.append(intern(origin, parsed.bytes)) }
        let bytes = parsed.bytes.span
        guesses.removeAll(keepingCapacity: true)
        lastShape = Self.none
        let values = parsed.values.span
        for row in parsed.rows {
            let slot = traceSlot(row.trace)
            let number = UInt32(truncatingIfNeeded: rows.count)
            guard let previous = link(number, to: slot) else {
                refused += 1
                continue
            }
            if row.extraCount > 0 {
                extras[number] = Array(parsed.extras[row.extra])
                extraBytes += Int(row.extraCount)
            }
            let firstValue = UInt32(truncatingIfNeeded: self.values.count)
            appendValues(row.values, values, bytes)
            rows.append(
                SpanRow(
                    span: row.span,
                    parent: row.parent,
                    start: row.start,
                    end: row.end,
                    slot: UInt32(truncatingIfNeeded: slot),
                    previous: previous,
                    name: texts.intern(bytes.extracting(row.name.range)),
                    origin: originCodes[Int(row.origin)],
                    flags: row.flags,
                    shape: lastShape,
                    firstValue: firstValue,
                    kind: row.kind | row.status << 3
                )
            )
        }
        return refused
    }

    /// Makes a row the newest of a trace.
    ///
    /// - Returns: The row before it; `nil` where the trace is full.
    @inline(__always)
    private mutating func link(_ row: UInt32, to slot: Int) -> UInt32? {
        guard traces[slot].count < limits.spansPerTrace else { return nil }
        let previous = traces[slot].lastRow
        traces[slot].lastRow = row
        traces[slot].count += 1
        return previous
    }

    /// Puts a span's attributes in; what the span before it had at the same place is tried before anything is looked up.
    private mutating func appendValues(_ range: Range<Int>, _ entries: Span<ParsedSpans.Value>, _ bytes: Span<UInt8>) {
        var isLikeLast = guesses.count == range.count
        var place = 0
        for index in range {
            let entry = entries[index]
            if place < guesses.count, guesses[place].type == entry.type,
                bytes.areEqual(guesses[place].key.range, entry.key.range)
            {
                let value: UInt64
                if !entry.type.isText {
                    value = entry.bits
                } else if bytes.areEqual(guesses[place].text.range, entry.place.range) {
                    value = guesses[place].value
                } else {
                    value = UInt64(texts.intern(bytes.extracting(entry.place.range)))
                    guesses[place].text = entry.place
                    guesses[place].value = value
                }
                values.append(value)
                place += 1
                continue
            }
            isLikeLast = false
            let key = texts.intern(bytes.extracting(entry.key.range))
            guard let column = columnCode(Column(key: key, type: entry.type)) else {
                // A sender that makes up keys gets no column for each; what it sent can still be read.
                keepWithSpan(entry, bytes)
                continue
            }
            let value = entry.type.isText ? UInt64(texts.intern(bytes.extracting(entry.place.range))) : entry.bits
            values.append(value)
            let guess = Guess(key: entry.key, type: entry.type, column: column, text: entry.place, value: value)
            if place < guesses.count { guesses[place] = guess } else { guesses.append(guess) }
            place += 1
        }
        if place < guesses.count { guesses.removeLast(guesses.count - place) }
        if !isLikeLast || lastShape == Self.none { lastShape = shape() }
    }

    private mutating func keepWithSpan(_ entry: ParsedSpans.Value, _ bytes: Span<UInt8>) {
        let (key, text) = (bytes.extracting(entry.key.range), bytes.extracting(entry.place.range))
        var message: [UInt8] = []
        SpanMessage.append(key: key, entry.type, bits: entry.bits, text: text, to: &message)
        extras[UInt32(truncatingIfNeeded: rows.count), default: []] += message
        extraBytes += message.count
    }

    /// The number of the list of columns that the guesses make.
    private mutating func shape() -> UInt32 {
        scratch.removeAll(keepingCapacity: true)
        for guess in guesses { scratch.append(littleEndian: guess.column) }
        let known = shapeTable.count
        let key = scratch
        let code = shapeTable.intern(key.span)
        if shapeTable.count > known { shapeColumns.append(guesses.map(\.column)) }
        return code
    }

    private mutating func columnCode(_ column: Column) -> UInt32? {
        if let code = columnCodes[column] { return code }
        guard columns.count < Self.columnsMax else { return nil }
        let code = UInt32(columns.count)
        columns.append(column)
        columnCodes[column] = code
        return code
    }

    private mutating func intern(_ origin: ParsedSpans.Origin, _ bytes: [UInt8]) -> UInt32 {
        let known = origins.count
        var key: [UInt8] = []
        key.append(varint: UInt64(origin.resource.count))
        let start = key.count + origin.resource.count
        key += origin.resource
        key += origin.scope
        let code = origins.intern(key.span)
        if origins.count > known {
            originServices.append(texts.intern(bytes.span.extracting(origin.service.range)))
            originScopes.append(start)
        }
        return code
    }

    // MARK: Traces

    private mutating func traceSlot(_ id: TraceID) -> Int {
        let hash = hash(id)
        if let slot = slot(of: id, hash) { return slot }
        if (traces.count + 1) * 2 > slots.count {
            slots = [UInt32](repeating: Self.none, count: slots.count * 2)
            for index in traces.indices { place(index) }
        }
        traces.append(Trace(id: id, lastRow: Self.none, count: 0))
        place(traces.count - 1)
        return traces.count - 1
    }

    private mutating func place(_ trace: Int) {
        let mask = slots.count - 1
        var index = hash(traces[trace].id) & mask
        while slots[index] != Self.none { index = (index + 1) & mask }
        slots[index] = UInt32(trace)
    }

    /// The number of a trace, `nil` where it is not here.
    func slot(of id: TraceID) -> Int? { slot(of: id, hash(id)) }

    @inline(__always)
    private func slot(of id: TraceID, _ hash: Int) -> Int? {
        let mask = slots.count - 1
        var index = hash & mask
        while slots[index] != Self.none {
            if traces[Int(slots[index])].id == id { return Int(slots[index]) }
            index = (index + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func hash(_ id: TraceID) -> Int {
        let product = (id.high ^ seed).multipliedFullWidth(by: id.low ^ 0x8ebc_6af0_9c88_c6e3)
        let mixed = (product.high ^ product.low) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed >> 20)
    }

    /// The rows of a trace by their start, and by their order where starts are equal.
    func rows(ofSlot slot: Int) -> [Int] {
        var rows: [Int] = []
        rows.reserveCapacity(Int(traces[slot].count))
        var row = traces[slot].lastRow
        while row != Self.none {
            rows.append(Int(row))
            row = self.rows[Int(row)].previous
        }
        rows.sort { (self.rows[$0].start, $0) < (self.rows[$1].start, $1) }
        return rows
    }
}
