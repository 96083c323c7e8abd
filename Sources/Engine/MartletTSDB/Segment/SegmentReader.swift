import MartletCore
import MartletFiles
import MartletSeries

/// Reads blocks of one segment, and columns of times once for all series that share them.
///
/// For one caller at a time.
struct SegmentReader {
    /// How many columns of times are kept decoded.
    static let timesMax = 256

    let segment: Segment
    let codec: ChunkCodec

    // Columns of times that were decoded, each where its number says; another with that place takes it over.
    private var timesColumns = [UInt32](repeating: .max, count: SegmentReader.timesMax)
    private var times = [[Int64]](repeating: [], count: SegmentReader.timesMax)

    // Columns that were looked at by ends of windows, and what was found; kept alike.
    var placesColumns = [UInt32](repeating: .max, count: SegmentReader.timesMax)
    var places = [[Int32]](repeating: [], count: SegmentReader.timesMax)

    init(_ segment: Segment, codec: ChunkCodec) {
        (self.segment, self.codec) = (segment, codec)
    }

    /// One chunk of a block: its times, and where its runs of values begin in the block.
    struct Chunk {
        var column: UInt32
        var start: Int
        var count: Int
        var values: Int
        var end: Int
    }

    /// Hands over the chunks of a block until `body` gives `false`; `false` where the bytes make none, too.
    @inline(__always)
    func forEachChunk(_ block: Span<UInt8>, _ body: (Chunk) -> Bool) -> Bool {
        var at = 0
        guard let count = block.varint(&at), count >= 1, count <= UInt64(block.count) else { return false }
        for _ in 0..<count {
            var end = block.count
            if count > 1 {
                guard let length = block.varint(&at), length <= UInt64(block.count - at) else { return false }
                end = at + Int(length)
            }
            guard let reference = block.varint(&at), reference < 1 << 33,
                let total = timeCount(UInt32(reference >> 1))
            else { return false }
            var chunk = Chunk(column: UInt32(reference >> 1), start: 0, count: total, values: at, end: end)
            if reference & 1 == 1 {
                guard let start = block.varint(&at), let count = block.varint(&at), count >= 1,
                    start < UInt64(total), count <= UInt64(total) - start
                else { return false }
                (chunk.start, chunk.count) = (Int(start), Int(count))
            }
            chunk.values = at
            guard body(chunk) else { return false }
            at = end
        }
        return true
    }

    func timeCount(_ column: UInt32) -> Int? {
        guard column < segment.footer.timeCount else { return nil }
        return segment.file.withBytes { bytes in
            let entry = segment.footer.timeColumns + Int(column) * SegmentLayout.timeColumnSize
            return Int(bytes.uint32(at: entry + 4))
        }
    }

    /// The first and the last time of a column.
    private func bounds(_ column: UInt32) -> (first: Int64, last: Int64) {
        segment.file.withBytes { bytes in
            let entry = segment.footer.timeColumns + Int(column) * SegmentLayout.timeColumnSize
            return (Int64(bitPattern: bytes.uint64(at: entry + 8)), Int64(bitPattern: bytes.uint64(at: entry + 16)))
        }
    }

    /// Whether any time of a column may lie in a range.
    func isBetween(_ range: ClosedRange<Int64>, _ column: UInt32) -> Bool {
        let bounds = bounds(column)
        return bounds.first <= range.upperBound && bounds.last >= range.lowerBound
    }

    /// The times of a column.
    mutating func times(_ column: UInt32) -> [Int64]? {
        let index = Int(column) % Self.timesMax
        if timesColumns[index] == column { return times[index] }
        let footer = segment.footer
        var decoded: [Int64] = []
        let isWhole = segment.file.withBytes { bytes in
            let entry = footer.timeColumns + Int(column) * SegmentLayout.timeColumnSize
            let start = footer.times + Int(bytes.uint32(at: entry))
            guard start <= footer.familyOffsets else { return false }
            return codec.decodeTimes(
                bytes.extracting(start..<footer.familyOffsets),
                count: Int(bytes.uint32(at: entry + 4)),
                into: &decoded
            )
        }
        guard isWhole else { return nil }
        times[index] = decoded
        timesColumns[index] = column
        return decoded
    }

    /// Appends the samples of a row in a range.
    ///
    /// - Returns: Whether the block was sound; what is damaged is left out.
    mutating func read(
        _ family: Segment.Family,
        _ row: Int,
        in range: ClosedRange<Int64>,
        into columns: inout SeriesColumns
    ) -> Bool {
        let isSound = segment.withBlock(family, row) { block -> Bool? in
            forEachChunk(block) { chunk in
                guard isBetween(range, chunk.column) else { return true }
                return read(block, chunk, in: range, into: &columns)
            } ? true : nil
        }
        if isSound == nil { segment.noteDamage() }
        return isSound != nil
    }

    /// Appends the samples of a chunk in a range; `false` where its bytes make none.
    mutating func read(
        _ block: Span<UInt8>,
        _ chunk: Chunk,
        in range: ClosedRange<Int64>,
        into columns: inout SeriesColumns
    ) -> Bool {
        guard let times = times(chunk.column), chunk.start + chunk.count <= times.count else { return false }
        let end = chunk.start + chunk.count
        let low = times.firstPlace(in: chunk.start..<end, notBefore: range.lowerBound)
        let high = range.upperBound == .max ? end : times.firstPlace(in: low..<end, notBefore: range.upperBound + 1)
        guard low < high else { return true }
        let before = columns.timestamps.count
        var at = chunk.values
        var head = at
        guard let (kind, _) = ChunkCodec.head(block, &head) else { return false }
        if kind == .histograms {
            var histograms: [NativeHistogram?] = []
            columns.appendTimes(times[chunk.start..<end])
            let isWhole = columns.withValues { values in
                HistogramCodec.decode(block, &head, count: chunk.count, into: &values, &histograms)
            }
            guard isWhole else {
                columns.repair(to: before)
                return false
            }
            for place in histograms.indices { columns.setHistogram(histograms[place], at: before + place) }
            columns.keep((before + low - chunk.start)..<(before + high - chunk.start), from: before)
            return true
        }
        // Runs are written from their last value on, so those before the range cost nothing.
        columns.appendTimes(times[low..<high])
        let isWhole = columns.withValues { values in
            guard codec.decode(block, &at, count: chunk.count, from: low - chunk.start, into: &values) else {
                return false
            }
            values.removeLast(end - high)
            return true
        }
        if !isWhole { columns.repair(to: before) }
        return isWhole
    }

    /// The newest sample of a row in a range, most often without decoding a column; `nil` for none.
    mutating func latest(
        _ family: Segment.Family,
        _ row: Int,
        in range: ClosedRange<Int64>
    ) -> (timestamp: Int64, value: Double, histogram: NativeHistogram?)? {
        let quick = segment.withBlock(family, row) { block -> (isSure: Bool, time: Int64, value: Double)? in
            var newest: (isSure: Bool, time: Int64, value: Double)?
            var isOverlapping = false
            let isWhole = forEachChunk(block) { chunk in
                guard isBetween(range, chunk.column) else { return true }
                guard let times = times(chunk.column), chunk.start + chunk.count <= times.count else { return false }
                let last = times[chunk.start + chunk.count - 1]
                guard last <= range.upperBound else {
                    // The wanted sample is in the middle of this chunk.
                    isOverlapping = true
                    return true
                }
                guard last >= range.lowerBound, last > newest?.time ?? .min else { return true }
                if let value = ChunkCodec.last(block, at: chunk.values) {
                    newest = (true, last, value)
                } else {
                    isOverlapping = true
                }
                return true
            }
            guard isWhole else { return nil }
            if isOverlapping { return (false, 0, 0) }
            return newest
        }
        if let quick, quick.isSure { return (quick.time, quick.value, nil) }
        var columns = SeriesColumns()
        guard read(family, row, in: range, into: &columns) else { return nil }
        columns.finish()
        guard let time = columns.timestamps.last, let value = columns.values.last else { return nil }
        return (time, value, columns.histograms.last ?? nil)
    }
}

extension [Int64] {
    /// The first place of a range whose number is not less than another; the range's end where there is none.
    ///
    /// - Complexity: O(log *n*); the numbers ascend.
    @inline(__always)
    func firstPlace(in range: Range<Int>, notBefore time: Int64) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
