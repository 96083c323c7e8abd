import MartletCore
import MartletSeries

/// The samples that a range selector or a subquery needs for all steps, read once.
struct RangeData {
    struct Row {
        var labels: LabelSet
        var dropsName = false
        var timestamps: [Int64]
        var values: [Double]
    }

    var series: [Row]

    /// How much time each window covers.
    var span: Int64

    var placement: Evaluator.Placement

    /// The end of the window of a step.
    func end(_ step: Int, _ steps: Steps) -> Int64 { placement.time(steps.time(step)) }
}

/// The samples of one series in a stretch of time that is open on the left; moves forward only.
struct Window {
    let timestamps: [Int64]
    let values: [Double]
    let span: Int64
    var lower = 0
    private(set) var upper = 0
    private(set) var end: Int64 = 0
    private(set) var time: Int64 = 0

    init(series: RangeData.Row, span: Int64) {
        timestamps = series.timestamps
        values = series.values
        self.span = span
    }

    var start: Int64 { end - span }
    var count: Int { upper - lower }
    var isEmpty: Bool { lower == upper }
    var first: Double { values[lower] }
    var last: Double { values[upper - 1] }

    /// Moves to the samples in `(end - span, end]` for an evaluation at `time`.
    ///
    /// - Complexity: O(samples passed over); amortised O(1) a step.
    mutating func move(toEnd end: Int64, time: Int64) {
        self.end = end
        self.time = time
        while upper < timestamps.count, timestamps[upper] <= end { upper += 1 }
        while lower < upper, timestamps[lower] <= end - span { lower += 1 }
    }
}
