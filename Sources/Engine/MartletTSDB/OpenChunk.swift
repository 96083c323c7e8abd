import MartletSeries

/// The end of a series that still grows: a few bytes a sample, without looking back at the ones before.
struct OpenChunk: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var count: Int32 = 0
    private(set) var minTime: Int64 = 0
    private(set) var maxTime: Int64 = 0
    private var step: Int64 = 0
    private var whole: Int64 = 0

    /// Appends a sample that is newer than all others of the chunk.
    @inline(__always)
    mutating func append(_ timestamp: Int64, _ value: Double) {
        if count == 0 {
            (minTime, maxTime) = (timestamp, timestamp)
        } else {
            let next = timestamp &- maxTime
            Varint.append(Varint.zigzag(next &- step), to: &bytes)
            step = next
            maxTime = timestamp
        }
        whole = ValueToken.append(value, base: whole, to: &bytes) ?? whole
        count += 1
    }

    /// Appends all samples to columns.
    func decode(into timestamps: inout [Int64], _ values: inout [Double]) {
        guard count > 0 else { return }
        let span = bytes.span
        var at = 0
        var (time, step, whole) = (minTime, Int64(0), Int64(0))
        for place in 0..<count {
            if place > 0 {
                guard let change = Varint.read(span, &at) else { return }
                step &+= Varint.unzigzag(change)
                time &+= step
            }
            guard let token = ValueToken.read(span, &at, base: whole) else { return }
            whole = token.whole ?? whole
            timestamps.append(time)
            values.append(token.value)
        }
    }

    /// Turns the samples into a compressed chunk and starts anew, with the memory it has.
    mutating func close() -> Chunk? {
        guard count > 0 else { return nil }
        var (timestamps, values): ([Int64], [Double]) = ([], [])
        timestamps.reserveCapacity(Int(count))
        values.reserveCapacity(Int(count))
        decode(into: &timestamps, &values)
        let chunk = Chunk(timestamps: timestamps[...], values: values[...])
        bytes.removeAll(keepingCapacity: true)
        (count, step, whole) = (0, 0, 0)
        return chunk
    }
}
