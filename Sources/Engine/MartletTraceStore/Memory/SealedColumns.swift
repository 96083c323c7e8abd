import MartletEvents

/// The columns that every row has, packed granule by granule while the rows come in the order of the block.
struct SealedColumns {
    private var parents: Packing
    private var starts: Packing
    private var durations: Packing
    private var kinds: Packing
    private var flags: Packing
    private var origins: Packing
    private var shapes: Packing
    private var spans: [UInt64] = []
    /// The texts of the names by their numbers; what they are in the block is known once all have come.
    private(set) var names: [UInt32] = []

    /// How many rows came.
    var count: Int { names.count }

    /// A column with the numbers that its next granule has so far.
    private struct Packing {
        private var builder: IntegerColumnWriter.Builder
        private var numbers: [Int64] = []

        init(_ count: Int) {
            builder = IntegerColumnWriter.Builder(count: count)
            numbers.reserveCapacity(IntegerColumn.granule)
        }

        @inline(__always)
        mutating func add(_ number: Int64) { numbers.append(number) }

        mutating func pack() {
            builder.add(numbers)
            numbers.removeAll(keepingCapacity: true)
        }

        consuming func finish() -> [UInt8] {
            builder.add(numbers)
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
        spans.reserveCapacity(count)
        names.reserveCapacity(count)
    }

    /// Adds a row whose trace began at a time, and whose parent is told by a number of ``SpanSections``.
    @inline(__always)
    mutating func add(_ row: borrowing SpanRow, since start: Int64, parent: Int64) {
        parents.add(parent)
        starts.add(row.start &- start)
        durations.add(row.end &- row.start)
        kinds.add(Int64(row.kind))
        flags.add(Int64(row.flags))
        origins.add(Int64(row.origin))
        shapes.add(Int64(row.shape))
        spans.append(row.span)
        names.append(row.name)
        if names.count % IntegerColumn.granule == 0 { pack() }
    }

    @inline(never)
    private mutating func pack() {
        parents.pack()
        starts.pack()
        durations.pack()
        kinds.pack()
        flags.pack()
        origins.pack()
        shapes.pack()
    }

    /// Hands the columns to a block.
    consuming func write(to block: BlockWriter) {
        var ids: [UInt8] = []
        ids.reserveCapacity(8 * spans.count)
        ids.append(littleEndian: spans)
        block.add(SpanSections.spanIDs, ids)
        block.add(SpanSections.parents, parents.finish())
        block.add(SpanSections.starts, starts.finish())
        block.add(SpanSections.durations, durations.finish())
        block.add(SpanSections.kinds, kinds.finish())
        block.add(SpanSections.flags, flags.finish())
        block.add(SpanSections.origins, origins.finish())
        block.add(SpanSections.shapes, shapes.finish())
    }
}
