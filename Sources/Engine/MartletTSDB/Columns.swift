import MartletSeries

/// Times and values being gathered from chunks in any order, and put in order at the end.
struct Columns {
    private(set) var timestamps: [Int64] = []
    private(set) var values: [Double] = []
    private var isAscending = true

    /// Appends those decoded samples whose times lie in a range.
    mutating func append(_ times: [Int64], _ numbers: [Double], in range: ClosedRange<Int64>) {
        guard let first = times.first, let last = times.last else { return }
        var (start, end) = (0, times.count)
        if first < range.lowerBound { start = Self.firstIndex(times) { $0 >= range.lowerBound } }
        if last > range.upperBound { end = Self.firstIndex(times) { $0 > range.upperBound } }
        guard start < end else { return }
        if let newest = timestamps.last, times[start] <= newest { isAscending = false }
        timestamps.append(contentsOf: times[start..<end])
        values.append(contentsOf: numbers[start..<end])
    }

    /// Appends what a series in memory has in a range.
    mutating func read(_ series: HeadSeries, in range: ClosedRange<Int64>) {
        var decoder = ChunkDecoder()
        for chunk in series.chunks where chunk.overlaps(range) {
            guard decoder.decode(chunk.bytes.span) else { continue }
            append(decoder.timestamps, decoder.values, in: range)
        }
        if series.open.count > 0, series.open.minTime <= range.upperBound, series.open.maxTime >= range.lowerBound {
            var (times, numbers): ([Int64], [Double]) = ([], [])
            series.open.decode(into: &times, &numbers)
            append(times, numbers, in: range)
        }
        if !series.late.isEmpty { append(series.late.map(\.timestamp), series.late.map(\.value), in: range) }
    }

    /// Sorts by time and keeps the first of samples with one time.
    mutating func finish() {
        guard !isAscending else { return }
        let order = timestamps.indices.sorted { (timestamps[$0], $0) < (timestamps[$1], $1) }
        var (times, numbers): ([Int64], [Double]) = ([], [])
        times.reserveCapacity(order.count)
        numbers.reserveCapacity(order.count)
        for place in order where times.last != timestamps[place] {
            times.append(timestamps[place])
            numbers.append(values[place])
        }
        (timestamps, values, isAscending) = (times, numbers, true)
    }

    /// The first place whose time meets a condition that all later ones meet too; the count where none does.
    static func firstIndex(_ times: [Int64], where meets: (Int64) -> Bool) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if meets(times[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
