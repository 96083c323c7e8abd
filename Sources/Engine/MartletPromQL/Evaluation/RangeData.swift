import MartletCore
import MartletSeries

/// The samples that a range selector or a subquery needs for all steps, read once.
struct RangeData {
    struct Row {
        var labels: LabelSet
        var dropsName = false
        /// The times and values of the samples that are numbers.
        var timestamps: [Int64]
        var values: [Double]
        /// The times of the native histograms, and they themselves.
        var histogramTimes: [Int64] = []
        var histograms: [NativeHistogram] = []
        /// The start timestamps of the numbers and of the histograms, 0 for unknown ones; empty where there are none.
        var starts: [Int64] = []
        var histogramStarts: [Int64] = []
    }

    var series: [Row]

    /// How much time each window covers.
    var span: Int64

    var placement: Evaluator.Placement

    /// The end of the window of a step.
    func end(_ step: Int, _ steps: Steps) -> Int64 { placement.time(steps.time(step)) }
}

extension RangeData.Row {
    /// Splits the samples into numbers and histograms; stale markers go.
    init(_ series: Series) {
        labels = series.labels
        if series.histograms.isEmpty, !series.values.contains(where: StaleMarker.isStale) {
            timestamps = series.timestamps
            values = series.values
            starts = series.startTimestamps
            return
        }
        let hasStarts = !series.startTimestamps.isEmpty
        timestamps = []
        values = []
        for index in series.values.indices where !StaleMarker.isStale(series.values[index]) {
            if !series.histograms.isEmpty, let histogram = series.histograms[index] {
                histogramTimes.append(series.timestamps[index])
                histograms.append(histogram)
                if hasStarts { histogramStarts.append(series.startTimestamps[index]) }
            } else {
                timestamps.append(series.timestamps[index])
                values.append(series.values[index])
                if hasStarts { starts.append(series.startTimestamps[index]) }
            }
        }
    }

    /// Makes samples of a subquery's steps.
    init(_ column: Column, times: [Int64]) {
        labels = column.labels
        dropsName = column.dropsName
        if column.histograms.isEmpty, !column.values.contains(where: Column.isAbsent) {
            timestamps = times
            values = column.values
            return
        }
        timestamps = []
        values = []
        for (step, value) in column.values.enumerated() {
            if let histogram = column.histogram(step) {
                histogramTimes.append(times[step])
                // What is known of resets is about the samples in between, which the subquery does not look at.
                histograms.append(histogram.resetHint == .gauge ? histogram : histogram.hinted(.unknown))
            } else if !Column.isAbsent(value) {
                timestamps.append(times[step])
                values.append(value)
            }
        }
    }
}

/// The samples of one series in a stretch of time that is open on the left; moves forward only.
///
/// Numbers and histograms have places of their own.
struct Window {
    let timestamps: [Int64]
    let values: [Double]
    let histogramTimes: [Int64]
    let histograms: [NativeHistogram]
    let starts: [Int64]
    let histogramStarts: [Int64]
    let span: Int64
    var lower = 0
    private(set) var upper = 0
    /// The histograms in the window.
    var histogramRange = 0..<0
    private(set) var end: Int64 = 0
    private(set) var time: Int64 = 0

    init(series: RangeData.Row, span: Int64) {
        timestamps = series.timestamps
        values = series.values
        histogramTimes = series.histogramTimes
        histograms = series.histograms
        starts = series.starts
        histogramStarts = series.histogramStarts
        self.span = span
    }

    var start: Int64 { end - span }
    /// How many numbers there are.
    var count: Int { upper - lower }
    var hasNumbers: Bool { lower < upper }
    var hasHistograms: Bool { !histogramRange.isEmpty }
    var isMixed: Bool { hasNumbers && hasHistograms }
    var isEmpty: Bool { lower == upper && histogramRange.isEmpty }
    var first: Double { values[lower] }
    var last: Double { values[upper - 1] }

    mutating func dropLastNumber() { upper -= 1 }
    mutating func addNumber() { upper += 1 }

    /// Moves to the samples in `(end - span, end]` for an evaluation at `time`.
    ///
    /// - Complexity: O(samples passed over); amortised O(1) a step.
    mutating func move(toEnd end: Int64, time: Int64) {
        self.end = end
        self.time = time
        while upper < timestamps.count, timestamps[upper] <= end { upper += 1 }
        while lower < upper, timestamps[lower] <= end - span { lower += 1 }
        if histograms.isEmpty { return }
        var (first, next) = (histogramRange.lowerBound, histogramRange.upperBound)
        while next < histograms.count, histogramTimes[next] <= end { next += 1 }
        while first < next, histogramTimes[first] <= end - span { first += 1 }
        histogramRange = first..<next
    }
}
