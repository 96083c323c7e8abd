import MartletFiles
import MartletSeries

/// Writes the samples of series as blocks of a segment: what sealing, merging and upgrading have in common.
///
/// Series with the same times share columns of them.
struct ColumnSealer {
    /// A stretch of times that was written before.
    private struct Known {
        var times: [Int64]
        var columns: [UInt32]
    }

    private var writer: SegmentWriter
    private let codec: ChunkCodec
    private let block = ByteWriter(capacity: 1 << 14)
    private let body = ByteWriter(capacity: 1 << 14)
    private var shared: [UInt64: Known] = [:]
    private var last = Known(times: [], columns: [])

    init(_ writer: SegmentWriter, codec: ChunkCodec) {
        (self.writer, self.codec) = (writer, codec)
    }

    /// How many different stretches of times are remembered.
    private static let sharedMax = 4096

    /// Adds the next series of the plan; its samples are in order and at least one.
    mutating func add(_ columns: SeriesColumns) throws(FileError) {
        let times = columns.timestamps
        let ids = timeColumns(times)
        block.clear()
        block.putVarint(UInt64(ids.count))
        var start = 0
        for id in ids {
            let end = min(start + ChunkCodec.countMax, times.count)
            let target = ids.count > 1 ? body : block
            if ids.count > 1 { body.clear() }
            target.putVarint(UInt64(id) << 1)
            putValues(columns, start..<end, to: target)
            if ids.count > 1 {
                block.putVarint(UInt64(body.count))
                body.withBytes { block.put($0) }
            }
            start = end
        }
        try writer.addBlock(block, samples: times.count, from: times[0], through: times[times.count - 1])
    }

    private func putValues(_ columns: SeriesColumns, _ range: Range<Int>, to target: ByteWriter) {
        let hasHistograms = !columns.histograms.isEmpty && columns.histograms[range].contains { $0 != nil }
        if hasHistograms {
            target.put(byte: ChunkCodec.Kind.histograms.rawValue)
            HistogramCodec.encode(Array(columns.values[range]), Array(columns.histograms[range]), to: target)
        } else {
            codec.encode(columns.values.span.extracting(range), to: target)
        }
    }

    /// The columns that hold some times, written now or for an earlier series.
    private mutating func timeColumns(_ times: [Int64]) -> [UInt32] {
        if last.times == times { return last.columns }
        var hash: UInt64 = 0x243f_6a88_85a3_08d3
        for time in times { hash = ByteHash.mix(hash, UInt64(bitPattern: time)) }
        if let known = shared[hash], known.times == times {
            last = known
            return known.columns
        }
        var columns: [UInt32] = []
        for start in stride(from: 0, to: times.count, by: ChunkCodec.countMax) {
            let end = min(start + ChunkCodec.countMax, times.count)
            columns.append(writer.addTimes(times.span.extracting(start..<end)))
        }
        if shared.count >= Self.sharedMax { shared.removeAll() }
        last = Known(times: times, columns: columns)
        shared[hash] = last
        return columns
    }

    /// Adds the next series of a tier, which has at least one aggregate.
    mutating func add(_ columns: RollupColumns) throws(FileError) {
        let ends = columns.ends
        let ids = timeColumns(ends)
        block.clear()
        block.putVarint(UInt64(ids.count))
        var start = 0
        for id in ids {
            let end = min(start + ChunkCodec.countMax, ends.count)
            body.clear()
            body.putVarint(UInt64(id) << 1)
            if columns.histograms.isEmpty {
                for run in columns.runs { codec.encode(run.span.extracting(start..<end), to: body) }
            } else {
                body.put(byte: ChunkCodec.Kind.histograms.rawValue)
                let histograms = Array(columns.histograms[start..<end])
                HistogramCodec.encode(histograms.map { $0?.sum ?? 0 }, histograms, to: body)
            }
            if ids.count > 1 { block.putVarint(UInt64(body.count)) }
            body.withBytes { block.put($0) }
            start = end
        }
        try writer.addBlock(block, samples: ends.count, from: ends[0], through: ends[ends.count - 1])
    }

    /// Ends the file.
    mutating func finish() throws(FileError) { try writer.finish() }
}
