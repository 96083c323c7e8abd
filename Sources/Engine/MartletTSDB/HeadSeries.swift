import MartletSeries

/// One series in memory.
struct HeadSeries: Sendable {
    /// Where the series' labels begin in the head's list of pairs.
    let pairStart: Int

    /// How many labels.
    let pairCount: Int

    /// The hash of the labels.
    let hash: UInt64

    /// The log file that tells this series' labels already.
    var registeredIn: UInt64 = 0

    /// The series that followed this one in a batch last time.
    var successor: UInt32 = .max

    /// Whether the series still counts; a place is not used again before the head is rebuilt.
    var isLive = true

    /// The newest time ever, `Int64.min` before the first sample.
    var newest = Int64.min

    /// The newest sample's bits; `nil` where that sample is in a segment only.
    var newestBits: UInt64?

    /// Full chunks; after samples that came late their times may overlap.
    var chunks: [Chunk] = []

    /// The chunk that still grows.
    var open = OpenChunk()

    /// Samples that came late, by time.
    var late: [Sample] = []

    init(pairStart: Int, pairCount: Int, hash: UInt64) {
        self.pairStart = pairStart
        self.pairCount = pairCount
        self.hash = hash
    }

    /// How many samples there are.
    var sampleCount: Int { chunks.reduce(Int(open.count) + late.count) { $0 + $1.count } }

    /// Appends a sample newer than all before.
    @inline(__always)
    mutating func append(_ timestamp: Int64, _ value: Double) {
        open.append(timestamp, value)
        newest = timestamp
        newestBits = value.bitPattern
        if open.count == Chunk.countMax, let chunk = open.close() { chunks.append(chunk) }
    }

    /// Inserts a sample that came late.
    mutating func insert(_ timestamp: Int64, _ value: Double) {
        let place = late.firstIndex { $0.timestamp > timestamp } ?? late.endIndex
        late.insert(Sample(timestamp: timestamp, value: value), at: place)
        if late.count == Chunk.countMax { closeLate() }
    }

    /// Makes everything immutable chunks.
    mutating func freeze() {
        if let chunk = open.close() { chunks.append(chunk) }
        closeLate()
    }

    private mutating func closeLate() {
        guard !late.isEmpty else { return }
        let (timestamps, values) = (late.map(\.timestamp), late.map(\.value))
        chunks.append(Chunk(timestamps: timestamps[...], values: values[...]))
        late.removeAll()
    }

    /// The value at exactly one time, if the series has one in memory.
    ///
    /// - Complexity: O(*n*) in the samples of the chunks around that time.
    func value(at timestamp: Int64) -> Double? {
        if let sample = late.first(where: { $0.timestamp == timestamp }) { return sample.value }
        var (timestamps, values): ([Int64], [Double]) = ([], [])
        if open.count > 0, open.minTime <= timestamp, open.maxTime >= timestamp {
            open.decode(into: &timestamps, &values)
            if let place = timestamps.firstIndex(of: timestamp) { return values[place] }
        }
        var decoder = ChunkDecoder()
        for chunk in chunks where chunk.overlaps(timestamp...timestamp) {
            guard decoder.decode(chunk.bytes.span) else { continue }
            if let place = decoder.timestamps.firstIndex(of: timestamp) { return decoder.values[place] }
        }
        return nil
    }

    /// Whether any sample lies in a range.
    func hasSample(in range: ClosedRange<Int64>) -> Bool {
        if late.contains(where: { range.contains($0.timestamp) }) { return true }
        if chunks.contains(where: { range.contains($0.minTime) || range.contains($0.maxTime) }) { return true }
        if open.count > 0, range.contains(open.minTime) || range.contains(open.maxTime) { return true }
        guard chunks.contains(where: { $0.overlaps(range) }) || isOpenChunkAround(range) else { return false }
        var columns = Columns()
        columns.read(self, in: range)
        return !columns.timestamps.isEmpty
    }

    private func isOpenChunkAround(_ range: ClosedRange<Int64>) -> Bool {
        open.count > 0 && open.minTime < range.lowerBound && open.maxTime > range.upperBound
    }
}
