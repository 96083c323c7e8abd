import MartletCore
import MartletEvents
import MartletFiles

/// A sealed block of spans; its columns are only touched when somebody asks.
struct SpanBlock: Sendable {
    let file: BlockFile

    /// Whether a trace may have spans here.
    func mayContain(_ id: TraceID) throws(EventError) -> Bool {
        guard let filter = IDFilter(try file.column(SpanSections.traceFilter)) else {
            throw file.damaged("its filter makes no sense")
        }
        return filter.mayContain(IDFilter.hash(id.high, id.low))
    }
}

/// A block's columns, made ready for one question.
final class SpanBlockReader {
    let file: BlockFile
    let traceIDs: ColumnBytes
    let firstRows: IntegerColumn
    let traceStarts: IntegerColumn
    let spanIDs: ColumnBytes
    let parents: IntegerColumn
    let starts: IntegerColumn
    let durations: IntegerColumn
    let kinds: IntegerColumn
    let names: IntegerColumn
    let nameTexts: TextDictionary
    let origins: IntegerColumn
    private(set) var services: [String] = []
    private(set) var originHeads: [[UInt8]] = []
    private var operations: [Int: String] = [:]
    private var tables: (columns: [(key: [UInt8], type: ValueType)], shapes: [[Int]])?
    private var integerColumns: [BlockSection: IntegerColumn] = [:]

    /// The row that was asked for last, and how many values of each column its granule has before it.
    private var cursor: (row: Int, counts: [Int]) = (0, [])
    private var valueColumns: [Int: (values: IntegerColumn, texts: TextDictionary?, starts: IntegerColumn)] = [:]

    /// How many traces and rows there are.
    let traceCount: Int
    let count: Int

    init(_ block: SpanBlock) throws(EventError) {
        file = block.file
        count = file.count
        traceIDs = try file.column(SpanSections.traceIDs)
        traceCount = traceIDs.count / 16
        firstRows = try Self.integers(file, SpanSections.traceFirstRows, traceCount + 1)
        traceStarts = try Self.integers(file, SpanSections.traceStarts, traceCount)
        spanIDs = try file.column(SpanSections.spanIDs)
        parents = try Self.integers(file, SpanSections.parents, count)
        starts = try Self.integers(file, SpanSections.starts, count)
        durations = try Self.integers(file, SpanSections.durations, count)
        kinds = try Self.integers(file, SpanSections.kinds, count)
        names = try Self.integers(file, SpanSections.names, count)
        origins = try Self.integers(file, SpanSections.origins, count)
        guard spanIDs.count == 8 * count, let texts = TextDictionary(try file.column(SpanSections.nameTexts)) else {
            throw file.damaged("its columns differ in length")
        }
        nameTexts = texts
        try readOrigins()
    }

    static func integers(
        _ file: BlockFile,
        _ name: BlockSection,
        _ count: Int?
    ) throws(EventError) -> IntegerColumn {
        guard let column = IntegerColumn(try file.column(name)), count == nil || column.count == count else {
            throw file.damaged("column \(name.kind).\(name.index) makes no sense")
        }
        return column
    }

    /// A column that few questions need.
    func integers(_ name: BlockSection, _ count: Int?) throws(EventError) -> IntegerColumn {
        if let known = integerColumns[name] { return known }
        let column = try Self.integers(file, name, count)
        integerColumns[name] = column
        return column
    }

    private func readOrigins() throws(EventError) {
        let isWhole = try file.column(SpanSections.originTable).withBytes { bytes in
            var at = 0
            guard let count = bytes.varint(&at), count <= UInt64(bytes.count) else { return false }
            for _ in 0..<count {
                guard let service = Self.text(bytes, &at), let head = Self.text(bytes, &at) else { return false }
                services.append(String(decoding: service, as: UTF8.self))
                originHeads.append(head)
            }
            return true
        }
        if !isWhole { throw file.damaged("its table of resources makes no sense") }
    }

    private static func text(_ bytes: Span<UInt8>, _ at: inout Int) -> [UInt8]? {
        guard let count = bytes.varint(&at), count <= UInt64(bytes.count - at) else { return nil }
        defer { at += Int(count) }
        return bytes.extracting(at..<(at + Int(count))).array
    }

    // MARK: Traces

    /// The id of a trace by its number.
    func traceID(_ trace: Int) -> TraceID {
        traceIDs.withBytes { bytes in
            TraceID(
                high: bytes.uint64(at: 16 * trace).byteSwapped,
                low: bytes.uint64(at: 16 * trace + 8).byteSwapped
            )
        }
    }

    /// The number of a trace, `nil` where it is not here.
    func trace(_ id: TraceID) -> Int? {
        var (low, high) = (0, traceCount)
        while low < high {
            let middle = (low + high) / 2
            if traceID(middle) < id { low = middle + 1 } else { high = middle }
        }
        return low < traceCount && traceID(low) == id ? low : nil
    }

    /// The rows of a trace.
    func rows(_ trace: Int) -> Range<Int> {
        let (from, to) = (Int(firstRows[trace]), Int(firstRows[trace + 1]))
        return from <= to && to <= count && from >= 0 ? from..<to : 0..<0
    }

    // MARK: Spans

    func operation(_ row: Int) -> String {
        let code = Int(names[row])
        if let known = operations[code] { return known }
        let text = code < nameTexts.count ? String(decoding: nameTexts[code], as: UTF8.self) : ""
        operations[code] = text
        return text
    }

    func origin(_ row: Int) -> Int { min(max(0, Int(origins[row])), max(0, services.count - 1)) }

    func service(_ row: Int) -> String { services.isEmpty ? "" : services[origin(row)] }

    func basics(_ row: Int, _ trace: Int) throws(EventError) -> SpanBasics {
        let start = traceStarts[trace] &+ starts[row]
        let kind = kinds[row]
        return SpanBasics(
            traceID: traceID(trace),
            spanID: SpanID(spanIDs.withBytes { $0.uint64(at: 8 * row) }),
            parentID: try parent(row, trace),
            start: start,
            end: start &+ durations[row],
            kind: SpanKind(rawValue: UInt8(kind & 7)) ?? .unspecified,
            status: SpanStatus.Code(rawValue: UInt8(kind >> 3 & 3)) ?? .unset,
            service: service(row),
            operation: operation(row)
        )
    }

    private func parent(_ row: Int, _ trace: Int) throws(EventError) -> SpanID {
        switch parents[row] {
        case SpanSections.noParent: return .none
        case SpanSections.foreignParent:
            let rows = try integers(SpanSections.foreignRows, nil)
            let ids = try file.column(SpanSections.foreignParents)
            var (low, high) = (0, rows.count)
            while low < high {
                let middle = (low + high) / 2
                if rows[middle] < row { low = middle + 1 } else { high = middle }
            }
            guard low < rows.count, rows[low] == row, 8 * low + 8 <= ids.count else { return .none }
            return SpanID(ids.withBytes { $0.uint64(at: 8 * low) })
        case let code:
            let place = row - Int(unzigzag(UInt64(bitPattern: code - 2)))
            guard rows(trace).contains(place) else { return .none }
            return SpanID(spanIDs.withBytes { $0.uint64(at: 8 * place) })
        }
    }

    /// Appends a span as the message it came as.
    func append(_ row: Int, _ trace: Int, to bytes: inout [UInt8]) throws(EventError) {
        let flags = try integers(SpanSections.flags, count)
        let basics = try basics(row, trace)
        let code = Int(names[row])
        let name = code < nameTexts.count ? nameTexts[code] : []
        SpanMessage.append(basics, name: name.span, flags: UInt32(truncatingIfNeeded: flags[row]), to: &bytes)
        for attribute in try attributes(row) {
            SpanMessage.append(
                key: attribute.key.span,
                attribute.type,
                bits: attribute.bits,
                text: attribute.text.span,
                to: &bytes
            )
        }
        bytes += try extra(row)
    }

    private func extra(_ row: Int) throws(EventError) -> [UInt8] {
        let rows = try integers(SpanSections.extraRows, nil)
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        guard low < rows.count, rows[low] == row else { return [] }
        let ends = try integers(SpanSections.extraEnds, rows.count)
        let content = try file.column(SpanSections.extraBytes)
        let (from, to) = (low == 0 ? 0 : Int(ends[low - 1]), Int(ends[low]))
        guard from >= 0, from <= to, to <= content.count else { throw file.damaged("its events make no sense") }
        return content.withBytes { $0.extracting(from..<to).array }
    }

    // MARK: Attributes

    struct StoredAttribute {
        var key: [UInt8]
        var type: ValueType
        var bits: UInt64
        var text: [UInt8]
    }

    /// The keys and shapes.
    func attributeTables() throws(EventError) -> (columns: [(key: [UInt8], type: ValueType)], shapes: [[Int]]) {
        if let tables { return tables }
        var (columns, shapes): ([(key: [UInt8], type: ValueType)], [[Int]]) = ([], [])
        let isWhole = try file.column(SpanSections.shapeTable).withBytes { bytes in
            var at = 0
            guard let columnCount = bytes.varint(&at), columnCount <= UInt64(bytes.count) else { return false }
            for _ in 0..<columnCount {
                guard let key = Self.text(bytes, &at), at < bytes.count, let type = ValueType(rawValue: bytes[at])
                else {
                    return false
                }
                at += 1
                columns.append((key, type))
            }
            guard let shapeCount = bytes.varint(&at), shapeCount <= UInt64(bytes.count) else { return false }
            for _ in 0..<shapeCount {
                guard let size = bytes.varint(&at), size <= UInt64(bytes.count - at) else { return false }
                var shape: [Int] = []
                for _ in 0..<size {
                    guard let column = bytes.varint(&at), column < columnCount else { return false }
                    shape.append(Int(column))
                }
                shapes.append(shape)
            }
            return true
        }
        if !isWhole { throw file.damaged("its table of attributes makes no sense") }
        tables = (columns, shapes)
        return (columns, shapes)
    }

    /// The values of an attribute's column, and how many there are before each granule of rows.
    func values(
        _ column: Int
    ) throws(EventError) -> (values: IntegerColumn, texts: TextDictionary?, starts: IntegerColumn) {
        if let known = valueColumns[column] { return known }
        let values = try Self.integers(file, SpanSections.values(column), nil)
        var texts: TextDictionary?
        if try attributeTables().columns[column].type.isText {
            texts = TextDictionary(try file.column(SpanSections.texts(column)))
            if texts == nil { throw file.damaged("the texts of column \(column) make no sense") }
        }
        let starts = try Self.integers(
            file,
            SpanSections.valueStarts(column),
            (count + IntegerColumn.granule - 1) / IntegerColumn.granule
        )
        valueColumns[column] = (values, texts, starts)
        return (values, texts, starts)
    }

    /// A span's attributes, in the order sent.
    ///
    /// Cheap from row to row; a row elsewhere costs up to 1,023 looks at shapes.
    func attributes(_ row: Int) throws(EventError) -> [StoredAttribute] {
        let (columns, shapes) = try attributeTables()
        let shapeCodes = try integers(SpanSections.shapes, count)
        let shapeCode = Int(shapeCodes[row])
        guard shapes.indices.contains(shapeCode) else { throw file.damaged("a span has attributes that are unknown") }
        let granule = row / IntegerColumn.granule
        if cursor.counts.count != columns.count || cursor.row > row || cursor.row / IntegerColumn.granule != granule {
            cursor = (granule * IntegerColumn.granule, [Int](repeating: 0, count: columns.count))
        }
        shapeCodes.forEach(in: cursor.row..<row) { _, code in
            guard shapes.indices.contains(Int(code)) else { return }
            for column in shapes[Int(code)] { cursor.counts[column] += 1 }
        }
        cursor.row = row
        var result: [StoredAttribute] = []
        var used: [Int: Int] = [:]
        for column in shapes[shapeCode] {
            let (values, texts, starts) = try values(column)
            let place = Int(starts[granule]) + cursor.counts[column] + (used[column] ?? 0)
            used[column, default: 0] += 1
            guard place >= 0, place < values.count else { throw file.damaged("a span lacks a value") }
            let value = values[place]
            var text: [UInt8] = []
            if let texts {
                guard value >= 0, value < texts.count else { throw file.damaged("a span has a text that is unknown") }
                text = texts[Int(value)]
            }
            result.append(
                StoredAttribute(
                    key: columns[column].key,
                    type: columns[column].type,
                    bits: UInt64(bitPattern: value),
                    text: text
                )
            )
        }
        return result
    }
}
