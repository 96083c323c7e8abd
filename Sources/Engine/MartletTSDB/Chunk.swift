import MartletSeries

/// An immutable, compressed stretch of one series; the layout is in docs/formats/segment.md.
struct Chunk: Sendable {
    /// How many samples a chunk holds at most; the writer's choice, readers take any number up to ``countLimit``.
    static let countMax = 120

    /// More samples than this are taken for damage.
    static let countLimit = 65_536

    /// The first sample's time.
    let minTime: Int64

    /// The last sample's time.
    let maxTime: Int64

    /// How many samples.
    let count: Int

    /// The encoded samples.
    let bytes: [UInt8]

    /// Compresses samples, which ascend strictly by time.
    ///
    /// - Precondition: There is at least one sample, and there are as many times as values.
    init(timestamps: ArraySlice<Int64>, values: ArraySlice<Double>) {
        precondition(!timestamps.isEmpty && timestamps.count == values.count)
        minTime = timestamps[timestamps.startIndex]
        maxTime = timestamps[timestamps.endIndex - 1]
        count = timestamps.count
        bytes = ChunkEncoder.encode(timestamps, values)
    }

    /// Cuts columns into chunks.
    static func chunks(timestamps: [Int64], values: [Double]) -> [Chunk] {
        stride(from: 0, to: timestamps.count, by: countMax).map { start in
            let end = min(start + countMax, timestamps.count)
            return Chunk(timestamps: timestamps[start..<end], values: values[start..<end])
        }
    }

    /// Whether any time of the chunk may lie in a range.
    func overlaps(_ range: ClosedRange<Int64>) -> Bool { minTime <= range.upperBound && maxTime >= range.lowerBound }
}
