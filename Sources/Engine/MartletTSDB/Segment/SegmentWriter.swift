import MartletCore
import MartletFiles
import MartletSeries

/// Writes a segment: the blocks of the series of a plan in its order, then the index.
struct SegmentWriter {
    /// What the footer tells beside counts.
    struct Origin {
        /// The step of a tier in seconds, 0 for raw samples.
        var stepSeconds = 0
        /// Samples in log files below this number are in this segment or an earlier one.
        var logSequence: UInt64 = 0
        /// The stretch of time that the segment is about; for raw samples that of its samples.
        var window: Range<Int64>?
        /// The numbers of the segments whose samples are all in this one.
        var replaced: [UInt64] = []
    }

    private static let bufferSize = 64 * SegmentLayout.pageSize

    private let file: any WritableFile
    private let origin: Origin
    private let plan: SegmentPlan
    private let buffer = ByteWriter(capacity: bufferSize + 65_536)
    private let timeColumns = ByteWriter(capacity: 4096)
    private let times = ByteWriter(capacity: 4096)
    private let codec: ChunkCodec
    private var pages: [UInt32] = []
    private var written = 0
    private var blockEnds: [UInt64] = []
    private var footer = SegmentLayout.Footer()

    init(file: any WritableFile, plan: SegmentPlan, origin: Origin, codec: ChunkCodec) {
        (self.file, self.plan, self.origin, self.codec) = (file, plan, origin, codec)
        buffer.put(SegmentLayout.magic)
        buffer.put(SegmentLayout.version)
        buffer.put(0 as UInt32)
        blockEnds.reserveCapacity(plan.seriesCount)
    }

    /// How many samples were written.
    var sampleCount: Int { footer.sampleCount }

    /// Adds a column of times that chunks may refer to.
    ///
    /// - Precondition: There are 1 through ``ChunkCodec/countMax`` times, which ascend strictly.
    mutating func addTimes(_ column: Span<Int64>) -> UInt32 {
        timeColumns.put(UInt32(times.count))
        timeColumns.put(UInt32(column.count))
        timeColumns.put(column[0])
        timeColumns.put(column[column.count - 1])
        codec.encodeTimes(column, to: times)
        footer.timeCount += 1
        return UInt32(footer.timeCount - 1)
    }

    /// Adds the block of the next series of the plan.
    mutating func addBlock(_ block: ByteWriter, samples: Int, from first: Int64, through last: Int64) throws(FileError)
    {
        block.withBytes { buffer.put($0) }
        blockEnds.append(UInt64(written + buffer.count))
        footer.sampleCount += samples
        footer.minTime = min(footer.minTime, first)
        footer.maxTime = max(footer.maxTime, last)
        if buffer.count >= Self.bufferSize { try flush(isLast: false) }
    }

    /// Writes whole pages, and the rest when it is the last.
    private mutating func flush(isLast: Bool) throws(FileError) {
        let size = isLast ? buffer.count : buffer.count / SegmentLayout.pageSize * SegmentLayout.pageSize
        guard size > 0 else { return }
        var rest: [UInt8] = []
        try buffer.withBytes { (bytes: Span<UInt8>) throws(FileError) in
            var start = 0
            while start < size {
                let end = min(start + SegmentLayout.pageSize, size)
                pages.append(CRC32C.checksum(bytes.extracting(start..<end)))
                start = end
            }
            try file.write(bytes.extracting(0..<size))
            let left = bytes.extracting(size..<bytes.count)
            for place in 0..<left.count { rest.append(left[place]) }
        }
        written += size
        buffer.clear()
        buffer.put(rest)
    }

    /// Ends the file: index, footer, and all of it on the disk.
    mutating func finish() throws(FileError) {
        try flush(isLast: true)
        footer.indexStart = written
        footer.symbolCount = plan.symbols.count
        footer.timeBytes = times.count
        footer.familyCount = plan.families.count
        footer.replacedCount = origin.replaced.count
        footer.seriesCount = plan.seriesCount
        footer.stepSeconds = origin.stepSeconds
        footer.logSequence = origin.logSequence
        footer.from = origin.window?.lowerBound ?? footer.minTime
        footer.to = origin.window?.upperBound ?? (footer.maxTime < .max ? footer.maxTime + 1 : .max)
        let index = ByteWriter(capacity: 1 << 16)
        putSymbols(to: index)
        timeColumns.withBytes { index.put($0) }
        times.withBytes { index.put($0) }
        putFamilies(to: index)
        for number in origin.replaced { index.put(number, bytes: 8) }
        for page in pages { index.put(page) }
        let checksum = index.withBytes { CRC32C.checksum($0) }
        index.put(SegmentLayout.encode(footer, indexChecksum: checksum))
        try index.withBytes { (bytes: Span<UInt8>) throws(FileError) in try file.write(bytes) }
        try file.sync()
        try file.close()
    }

    private mutating func putSymbols(to index: ByteWriter) {
        var offset = 0
        for symbol in plan.symbols {
            index.put(UInt32(offset))
            offset += plan.table.symbols.byteCount(of: symbol)
        }
        index.put(UInt32(offset))
        footer.symbolBytes = offset
        for symbol in plan.symbols { plan.table.symbols.withText(symbol) { index.put($0) } }
    }

    private mutating func putFamilies(to index: ByteWriter) {
        let records = ByteWriter(capacity: 1 << 16)
        var row = 0
        for family in plan.families {
            index.put(UInt32(records.count))
            let start = row == 0 ? UInt64(SegmentLayout.headerSize) : blockEnds[row - 1]
            put(family, start: start, ends: blockEnds[row..<(row + family.ids.count)], to: records)
            row += family.ids.count
        }
        footer.familyBytes = records.count
        records.withBytes { index.put($0) }
    }

    private func put(
        _ family: SegmentPlan.Family,
        start: UInt64,
        ends: ArraySlice<UInt64>,
        to records: ByteWriter
    ) {
        let width = family.names.count
        let blockWidth = 64 - ((ends.last ?? start) - start).leadingZeroBitCount
        records.put(family.metric)
        records.put(UInt32(family.ids.count))
        records.put(start, bytes: 8)
        records.put(byte: UInt8(width))
        records.put(byte: UInt8(family.metricPlace))
        records.put(byte: UInt8(blockWidth))
        records.put(byte: 0)
        for name in family.names { records.put(name) }
        let symbolWidth = SegmentLayout.width(below: plan.symbols.count)
        for column in 0..<width {
            var dictionary: [UInt32] = []
            for row in family.ids.indices { dictionary.append(family.values[row * width + column]) }
            dictionary = Self.distinct(dictionary)
            let idWidth = SegmentLayout.width(below: dictionary.count)
            records.put(UInt32(dictionary.count))
            records.put(byte: UInt8(idWidth))
            records.put(byte: UInt8(symbolWidth))
            records.put(0, bytes: 2)
            var sink = BitSink(records)
            for symbol in dictionary { sink.put(UInt64(symbol), width: symbolWidth) }
            sink.finish()
            guard idWidth > 0 else { continue }
            for row in family.ids.indices {
                let id = Self.place(of: family.values[row * width + column], in: dictionary)
                sink.put(UInt64(id), width: idWidth)
            }
            sink.finish()
        }
        var sink = BitSink(records)
        if blockWidth > 0 {
            for end in ends { sink.put(end - start, width: blockWidth) }
        }
        sink.finish()
    }

    private static func distinct(_ numbers: [UInt32]) -> [UInt32] {
        // Rows are sorted, so runs of equal values are long in most columns.
        var runs: [UInt32] = []
        for number in numbers where runs.last != number { runs.append(number) }
        var result: [UInt32] = []
        for number in runs.sorted() where result.last != number { result.append(number) }
        return result
    }

    private static func place(of number: UInt32, in sorted: [UInt32]) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
