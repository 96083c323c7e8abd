import MartletCore
import MartletFiles
import MartletSeries

/// Reads blocks of one segment, and columns of times once for all series that share them.
///
/// For one caller at a time.
struct SegmentReader {
    /// How many columns of times are kept decoded.
    private static let timesMax = 256

    let segment: Segment
    let codec: ChunkCodec
    private var times: [UInt32: [Int64]] = [:]
    private var lastColumn = UInt32.max
    private var lastTimes: [Int64] = []

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

    /// The chunks of a block; `nil` where the bytes make none.
    static func chunks(_ block: Span<UInt8>, timeCount: (UInt32) -> Int?) -> [Chunk]? {
        var at = 0
        guard let count = Varint.read(block, &at), count >= 1, count <= UInt64(block.count) else { return nil }
        var chunks: [Chunk] = []
        chunks.reserveCapacity(Int(count))
        for _ in 0..<count {
            var end = block.count
            if count > 1 {
                guard let length = Varint.read(block, &at), length <= UInt64(block.count - at) else { return nil }
                end = at + Int(length)
            }
            guard let reference = Varint.read(block, &at), reference < 1 << 33,
                let total = timeCount(UInt32(reference >> 1))
            else { return nil }
            var chunk = Chunk(column: UInt32(reference >> 1), start: 0, count: total, values: at, end: end)
            if reference & 1 == 1 {
                guard let start = Varint.read(block, &at), let count = Varint.read(block, &at), count >= 1,
                    start < UInt64(total), count <= UInt64(total) - start
                else { return nil }
                (chunk.start, chunk.count) = (Int(start), Int(count))
            }
            chunk.values = at
            chunks.append(chunk)
            at = end
        }
        return chunks
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

    /// The times of a column.
    mutating func times(_ column: UInt32) -> [Int64]? {
        if column == lastColumn { return lastTimes }
        if let known = times[column] {
            (lastColumn, lastTimes) = (column, known)
            return known
        }
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
        if times.count >= Self.timesMax { times.removeAll() }
        times[column] = decoded
        (lastColumn, lastTimes) = (column, decoded)
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
            guard let chunks = Self.chunks(block, timeCount: timeCount) else { return nil }
            for chunk in chunks {
                let bounds = bounds(chunk.column)
                guard bounds.first <= range.upperBound, bounds.last >= range.lowerBound else { continue }
                guard read(block, chunk, in: range, into: &columns) else { return nil }
            }
            return true
        }
        if isSound == nil { segment.noteDamage() }
        return isSound != nil
    }

    private mutating func read(
        _ block: Span<UInt8>,
        _ chunk: Chunk,
        in range: ClosedRange<Int64>,
        into columns: inout SeriesColumns
    ) -> Bool {
        guard let times = times(chunk.column), chunk.start + chunk.count <= times.count else { return false }
        let slice = times[chunk.start..<(chunk.start + chunk.count)]
        guard let first = slice.first, let last = slice.last, first <= range.upperBound, last >= range.lowerBound
        else { return true }
        let before = columns.timestamps.count
        var at = chunk.values
        var head = at
        guard let (kind, _) = ChunkCodec.head(block, &head) else { return false }
        if kind == .histograms {
            var histograms: [NativeHistogram?] = []
            columns.appendTimes(slice)
            let isWhole = columns.withValues { values in
                HistogramCodec.decode(block, &head, count: chunk.count, into: &values, &histograms)
            }
            guard isWhole else {
                columns.repair(to: before)
                return false
            }
            for place in histograms.indices { columns.setHistogram(histograms[place], at: before + place) }
        } else {
            columns.appendTimes(slice)
            let isWhole = columns.withValues { codec.decode(block, &at, count: chunk.count, into: &$0) }
            guard isWhole else {
                columns.repair(to: before)
                return false
            }
        }
        if first < range.lowerBound || last > range.upperBound {
            let low = slice.firstIndex { $0 >= range.lowerBound } ?? slice.endIndex
            let high = slice.lastIndex { $0 <= range.upperBound }.map { $0 + 1 } ?? low
            columns.keep((before + low - chunk.start)..<(before + max(low, high) - chunk.start), from: before)
        }
        return true
    }

    /// The newest sample of a row in a range, most often without decoding a column; `nil` for none.
    mutating func latest(
        _ family: Segment.Family,
        _ row: Int,
        in range: ClosedRange<Int64>
    ) -> (timestamp: Int64, value: Double, histogram: NativeHistogram?)? {
        let quick = segment.withBlock(family, row) { block -> (isSure: Bool, time: Int64, value: Double)? in
            guard let chunks = Self.chunks(block, timeCount: timeCount) else { return nil }
            var newest: (isSure: Bool, time: Int64, value: Double)?
            var isOverlapping = false
            for chunk in chunks {
                let bounds = bounds(chunk.column)
                guard bounds.first <= range.upperBound, bounds.last >= range.lowerBound else { continue }
                guard let times = times(chunk.column), chunk.start + chunk.count <= times.count else { return nil }
                let last = times[chunk.start + chunk.count - 1]
                guard last <= range.upperBound else {
                    // The wanted sample is in the middle of this chunk.
                    isOverlapping = true
                    continue
                }
                guard last >= range.lowerBound, last > newest?.time ?? .min else { continue }
                guard let value = ChunkCodec.last(block, at: chunk.values) else {
                    isOverlapping = true
                    continue
                }
                newest = (true, last, value)
            }
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
