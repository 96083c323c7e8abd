import MartletCore
import MartletEvents
import MartletFiles
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

    /// What an attribute of a request is here.
    private struct Resolved: Sendable {
        var column: UInt32
        var value: UInt64
    }

    /// A key that came lately in a request.
    private struct RecentKey: Sendable {
        var key: ParsedSpans.Place
        var type: ValueType
        var column: UInt32
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
    /// What a request's attributes, traces and names are here, by their numbers there.
    private var resolved: [Resolved] = []
    private var traceSlots: [UInt32] = []
    private var nameCodes: [UInt32] = []
    private var recentKeys: [RecentKey] = []
    /// The columns of the last span; the next one's are likely the same.
    private var lastColumns: [UInt32] = []
    private var lastShape = SpanTable.none

    private(set) var timeRange: ClosedRange<Int64>?
    private let spare: SpareRows?

    init(limits: TraceLimits, spare: SpareRows? = nil) {
        self.limits = limits
        self.spare = spare
    }

    var count: Int { rows.count }

    var byteCount: Int {
        count * MemoryLayout<SpanRow>.stride + values.count * 8 + traces.count * 32 + slots.count * 4 + texts.byteCount
            + origins.byteCount
            + shapeTable.byteCount + extraBytes + extras.count * 48
    }

    mutating func replay(_ payload: Span<UInt8>) -> Bool {
        guard let spans = try? ParsedSpans(payload.array, limits: limits) else { return false }
        _ = append(spans)
        return true
    }

    /// Takes a request's spans.
    ///
    /// What many spans share, such as traces, names and attributes, is looked up once.
    ///
    /// - Returns: How many were refused because their traces are full.
    mutating func append(_ parsed: ParsedSpans) -> Int {
        makeRoom()
        var refused = 0
        var originCodes: [UInt32] = []
        originCodes.reserveCapacity(parsed.origins.count)
        for origin in parsed.origins { originCodes.append(intern(origin, parsed.bytes)) }
        resolve(parsed)
        let numbers = parsed.values.span
        var (low, high) = (timeRange?.lowerBound ?? .max, timeRange?.upperBound ?? .min)
        for index in parsed.rows.indices {
            let row = parsed.rows[index]
            let slot = traceSlots[Int(row.trace)]
            let number = UInt32(truncatingIfNeeded: rows.count)
            guard let previous = link(number, to: Int(slot)) else {
                refused += 1
                continue
            }
            if row.extraCount > 0 {
                extras[number] = Array(parsed.extras[row.extra])
                extraBytes += Int(row.extraCount)
            }
            let firstValue = UInt32(truncatingIfNeeded: values.count)
            appendValues(numbers.extracting(row.values), parsed)
            (low, high) = (min(low, row.start), max(high, row.start))
            rows.append(
                SpanRow(
                    span: row.span,
                    parent: row.parent,
                    start: row.start,
                    end: row.end,
                    slot: slot,
                    previous: previous,
                    name: nameCodes[Int(row.name)],
                    origin: originCodes[Int(row.origin)],
                    flags: row.flags,
                    shape: lastShape,
                    firstValue: firstValue,
                    kind: row.kind | row.status << 3
                )
            )
        }
        if low <= high { timeRange = low...high }
        return refused
    }

    /// Takes over what a sealed table left, and once there are many rows, room for as many as are sealed at once: memory
    /// that is not touched costs nothing, and no row is moved again.
    private mutating func makeRoom() {
        if rows.capacity == 0, let left = spare?.take() { (rows, values) = left }
        guard rows.count >= Self.manyRows, rows.capacity < Self.roomyRows else { return }
        rows.reserveCapacity(Self.roomyRows)
        values.reserveCapacity(min(values.count / rows.count + 1, 16) * Self.roomyRows)
    }

    /// Gives the memory of the rows to the table after the next, once a block has what is here.
    consuming func retire() {
        guard let spare, rows.count >= Self.manyRows else { return }
        let left = (rows, values)
        (rows, values) = ([], [])
        spare.put(left)
    }

    private static let manyRows = 1 << 15
    private static let roomyRows = 1 << 18 + 1 << 14

    /// Looks up what the spans of a request share.
    private mutating func resolve(_ parsed: borrowing ParsedSpans) {
        let bytes = parsed.bytes.span
        traceSlots.removeAll(keepingCapacity: true)
        for id in parsed.traces { traceSlots.append(UInt32(truncatingIfNeeded: traceSlot(id))) }
        nameCodes.removeAll(keepingCapacity: true)
        for name in parsed.names { nameCodes.append(texts.intern(bytes.extracting(name.range))) }
        resolved.removeAll(keepingCapacity: true)
        recentKeys.removeAll(keepingCapacity: true)
        lastColumns.removeAll(keepingCapacity: true)
        lastShape = Self.none
        let attributes = parsed.attributes.span
        for index in attributes.indices {
            let entry = attributes[index]
            let column = column(entry, bytes)
            var value = entry.bits
            if entry.type.isText {
                // A text that is kept with its span only is not looked for.
                value = column == Self.none ? 0 : UInt64(texts.intern(bytes.extracting(entry.place.range)))
            }
            resolved.append(Resolved(column: column, value: value))
        }
    }

    /// The column of an attribute, ``none`` where there are too many.
    @inline(__always)
    private mutating func column(_ entry: ParsedSpans.Value, _ bytes: Span<UInt8>) -> UInt32 {
        for place in recentKeys.indices
        where recentKeys[place].type == entry.type && bytes.areEqual(recentKeys[place].key.range, entry.key.range) {
            return recentKeys[place].column
        }
        let key = texts.intern(bytes.extracting(entry.key.range))
        let column = columnCode(Column(key: key, type: entry.type)) ?? Self.none
        if recentKeys.count < 16 { recentKeys.append(RecentKey(key: entry.key, type: entry.type, column: column)) }
        return column
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

    /// Puts a span's attributes in.
    @inline(__always)
    private mutating func appendValues(_ numbers: Span<UInt32>, _ parsed: borrowing ParsedSpans) {
        var isLikeLast = true
        var place = 0
        for index in numbers.indices {
            let entry = resolved[Int(numbers[index])]
            guard entry.column != Self.none else {
                // A sender that makes up keys gets no column for each; what it sent can still be read.
                keepWithSpan(parsed.attributes[Int(numbers[index])], parsed.bytes.span)
                continue
            }
            values.append(entry.value)
            if place == lastColumns.count {
                lastColumns.append(entry.column)
                isLikeLast = false
            } else if lastColumns[place] != entry.column {
                lastColumns[place] = entry.column
                isLikeLast = false
            }
            place += 1
        }
        if place < lastColumns.count {
            lastColumns.removeLast(lastColumns.count - place)
            isLikeLast = false
        }
        if !isLikeLast || lastShape == Self.none { lastShape = shape() }
    }

    private mutating func keepWithSpan(_ entry: ParsedSpans.Value, _ bytes: Span<UInt8>) {
        let (key, text) = (bytes.extracting(entry.key.range), bytes.extracting(entry.place.range))
        var message: [UInt8] = []
        SpanMessage.append(key: key, entry.type, bits: entry.bits, text: text, to: &message)
        extras[UInt32(truncatingIfNeeded: rows.count), default: []] += message
        extraBytes += message.count
    }

    /// The number of the list of the last span's columns.
    private mutating func shape() -> UInt32 {
        scratch.removeAll(keepingCapacity: true)
        for column in lastColumns { scratch.append(littleEndian: column) }
        let known = shapeTable.count
        let key = scratch
        let code = shapeTable.intern(key.span)
        if shapeTable.count > known { shapeColumns.append(lastColumns) }
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
