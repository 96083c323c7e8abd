import MartletCore
import MartletSeries

/// Samples of one series gathered from several places, put in order at the end.
struct SeriesColumns: Sendable {
    private(set) var timestamps: [Int64] = []
    private(set) var values: [Double] = []
    private(set) var histograms: [NativeHistogram?] = []
    private var isAscending = true

    /// Forgets everything but keeps the memory.
    mutating func clear() {
        timestamps.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        histograms.removeAll()
        isAscending = true
    }

    mutating func append(_ timestamp: Int64, _ value: Double) {
        if let last = timestamps.last, timestamp <= last { isAscending = false }
        timestamps.append(timestamp)
        values.append(value)
        if !histograms.isEmpty { histograms.append(nil) }
    }

    /// Appends times that ascend; as many values must follow.
    mutating func appendTimes(_ times: ArraySlice<Int64>) {
        guard let first = times.first else { return }
        if let last = timestamps.last, first <= last { isAscending = false }
        timestamps.append(contentsOf: times)
        if !histograms.isEmpty { histograms.append(contentsOf: repeatElement(nil, count: times.count)) }
    }

    mutating func appendValues(_ new: some Collection<Double>) { values.append(contentsOf: new) }

    /// Decodes values behind those that are there.
    mutating func withValues(_ body: (inout [Double]) -> Bool) -> Bool { body(&values) }

    /// Takes out everything behind a place after a failed decoding, when the columns may differ in length.
    mutating func repair(to count: Int) {
        timestamps.removeSubrange(count...)
        values.removeSubrange(min(count, values.count)...)
        if !histograms.isEmpty { histograms.removeSubrange(min(count, histograms.count)...) }
    }

    /// Takes out samples that were just appended and are not in a range.
    mutating func keep(_ range: Range<Int>, from start: Int) {
        timestamps.removeSubrange(range.upperBound...)
        values.removeSubrange(range.upperBound...)
        timestamps.removeSubrange(start..<range.lowerBound)
        values.removeSubrange(start..<range.lowerBound)
        if !histograms.isEmpty {
            histograms.removeSubrange(range.upperBound...)
            histograms.removeSubrange(start..<range.lowerBound)
        }
    }

    /// Appends the samples of other columns whose times meet a condition.
    mutating func append(_ other: SeriesColumns, where isWanted: (Int64) -> Bool) {
        for place in other.timestamps.indices where isWanted(other.timestamps[place]) {
            append(other.timestamps[place], other.values[place])
            if !other.histograms.isEmpty, let histogram = other.histograms[place] {
                setHistogram(histogram, at: timestamps.count - 1)
            }
        }
    }

    /// Tells the histograms of the samples from a place on, by their times.
    mutating func setHistograms(from start: Int, _ known: [Int64: NativeHistogram]) {
        for place in start..<timestamps.count {
            guard let histogram = known[timestamps[place]] else { continue }
            setHistogram(histogram, at: place)
        }
    }

    /// Tells the histogram of one sample.
    mutating func setHistogram(_ histogram: NativeHistogram?, at place: Int) {
        if histograms.isEmpty {
            guard histogram != nil else { return }
            histograms = Array(repeating: nil, count: timestamps.count)
        }
        histograms[place] = histogram
    }

    /// Sorts by time and keeps the first of samples with one time.
    mutating func finish() {
        guard !isAscending else { return }
        let order = timestamps.indices.sorted { (timestamps[$0], $0) < (timestamps[$1], $1) }
        var sorted = SeriesColumns()
        for place in order where sorted.timestamps.last != timestamps[place] {
            sorted.append(timestamps[place], values[place])
            if !histograms.isEmpty { sorted.setHistogram(histograms[place], at: sorted.timestamps.count - 1) }
        }
        self = sorted
        isAscending = true
    }

    /// The columns as a stretch of a series; to be called after ``finish()``.
    func series(_ labels: LabelSet) -> Series {
        Series(
            labels: labels,
            timestamps: timestamps,
            values: values,
            histograms: histograms.contains { $0 != nil } ? histograms : []
        )
    }
}
