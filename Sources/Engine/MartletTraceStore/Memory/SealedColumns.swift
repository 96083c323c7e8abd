import MartletEvents
import MartletFiles

/// The columns that every row has, packed granule by granule while the rows come in the order of the block.
struct SealedColumns {
    private var parents: Packing
    private var starts: Packing
    private var durations: Packing
    private var kinds: Packing
    private var flags: Packing
    private var origins: Packing
    private var shapes: Packing
    private var spans: [UInt64]
    /// The texts of the names by their numbers; what they are in the block is known once all have come.
    private(set) var names: [UInt32]

    /// How many rows came, and how many of them are not packed yet.
    private var count = 0
    private var filled = 0

    /// A column with the numbers that its next granule has so far.
    private struct Packing {
        private var builder: IntegerColumnWriter.Builder
        var numbers = [Int64](repeating: 0, count: IntegerColumn.granule)

        init(_ count: Int) { builder = IntegerColumnWriter.Builder(count: count) }

        mutating func pack() { builder.add(numbers) }

        consuming func finish(_ filled: Int) -> [UInt8] {
            builder.add(Array(numbers[..<filled]))
            return builder.finish()
        }
    }

    init(_ count: Int) {
        parents = Packing(count)
        starts = Packing(count)
        durations = Packing(count)
        kinds = Packing(count)
        flags = Packing(count)
        origins = Packing(count)
        shapes = Packing(count)
        spans = [UInt64](repeating: 0, count: count)
        names = [UInt32](repeating: 0, count: count)
    }

    /// Adds the rows of a trace that began at a time, with their parents told by numbers of ``SpanSections``.
    mutating func add(_ rows: [SpanTable.NumberedRow], since start: Int64, parents told: [Int64]) {
        var first = 0
        while first < rows.count {
            let part = first..<min(rows.count, first + IntegerColumn.granule - filled)
            let source = rows.span.extracting(part)
            Self.put(told.span.extracting(part), &parents.numbers, filled) { $0 }
            Self.put(source, &starts.numbers, filled) { $0.row.start &- start }
            Self.put(source, &durations.numbers, filled) { $0.row.end &- $0.row.start }
            Self.put(source, &kinds.numbers, filled) { Int64($0.row.kind) }
            Self.put(source, &flags.numbers, filled) { Int64($0.row.flags) }
            Self.put(source, &origins.numbers, filled) { Int64($0.row.origin) }
            Self.put(source, &shapes.numbers, filled) { Int64($0.row.shape) }
            Self.put(source, &spans, count) { $0.row.span }
            Self.put(source, &names, count) { $0.row.name }
            first = part.upperBound
            filled += part.count
            count += part.count
            if filled == IntegerColumn.granule { pack() }
        }
    }

    @inline(__always)
    private static func put<Row, Value>(
        _ rows: Span<Row>,
        _ column: inout [Value],
        _ first: Int,
        _ value: (borrowing Row) -> Value
    ) {
        var column = column.mutableSpan
        for place in rows.indices { column[first &+ place] = value(rows[place]) }
    }

    private mutating func pack() {
        parents.pack()
        starts.pack()
        durations.pack()
        kinds.pack()
        flags.pack()
        origins.pack()
        shapes.pack()
        filled = 0
    }

    /// Hands the columns to a block.
    consuming func write(to block: BlockWriter) {
        var ids: [UInt8] = []
        ids.reserveCapacity(8 * spans.count)
        ids.append(littleEndian: spans)
        block.add(SpanSections.spanIDs, ids)
        block.add(SpanSections.parents, parents.finish(filled))
        block.add(SpanSections.starts, starts.finish(filled))
        block.add(SpanSections.durations, durations.finish(filled))
        block.add(SpanSections.kinds, kinds.finish(filled))
        block.add(SpanSections.flags, flags.finish(filled))
        block.add(SpanSections.origins, origins.finish(filled))
        block.add(SpanSections.shapes, shapes.finish(filled))
    }
}
