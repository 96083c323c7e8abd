public import MartletCore

/// Windows of one length that end at regular times, as range queries need them.
public struct WindowSequence: Hashable, Sendable {
    /// The end of the first window, in milliseconds since the epoch; it belongs to the window.
    public var firstEnd: Int64

    /// The time from one end to the next, in milliseconds.
    public var step: Int64

    /// How many windows there are.
    public var count: Int

    /// How many milliseconds a window covers; its start does not belong to it.
    public var span: Int64

    /// Creates windows.
    ///
    /// - Precondition: The span is over zero, and so is the step where there is more than one window.
    public init(firstEnd: Int64, step: Int64, count: Int, span: Int64) {
        precondition(span > 0 && (count <= 1 || step > 0))
        self.firstEnd = firstEnd
        self.step = step
        self.count = count
        self.span = span
    }

    /// The end of a window.
    public func end(_ index: Int) -> Int64 { firstEnd + Int64(index) * step }

    /// The first and the last time that any window covers; `nil` where there is none.
    public var range: ClosedRange<Int64>? {
        count > 0 ? (firstEnd - span + 1)...end(count - 1) : nil
    }
}

/// What `rate`, `increase`, `delta`, `resets` and their like need of the numbers in one window.
public struct WindowSummary: Hashable, Sendable {
    /// How many numbers there are, stale markers not counted.
    ///
    /// All else is zero where there are none.
    public var count = 0

    /// The first number's time, in milliseconds since the epoch.
    public var firstTime: Int64 = 0

    /// The first number.
    public var firstValue = 0.0

    /// The last number's time, in milliseconds since the epoch.
    public var lastTime: Int64 = 0

    /// The last number.
    public var lastValue = 0.0

    /// What the number before each reset was, added up: `lastValue - firstValue + resetSum` is what was gained.
    public var resetSum = 0.0

    /// How often a number was less than the one before it.
    public var resets = 0

    /// Whether any sample is a native histogram, which the rest does not tell of.
    public var hasHistograms = false

    /// Creates the summary of an empty window.
    public init() {}
}

/// A series with the summary of each window.
public struct SeriesWindows: Hashable, Sendable {
    /// The series' labels.
    public var labels: LabelSet

    /// A summary for each window, empty ones among them.
    public var summaries: [WindowSummary]

    /// Creates a series with summaries.
    public init(labels: LabelSet, summaries: [WindowSummary]) {
        self.labels = labels
        self.summaries = summaries
    }

    /// Works out the summaries of a stretch of a series.
    ///
    /// - Complexity: O(*n* + *w*) for *n* samples and *w* windows, plus the samples of windows with resets.
    public init(_ series: Series, _ windows: WindowSequence) {
        labels = series.labels
        summaries = WindowSummary.summaries(series.timestamps, series.values, series.histograms, windows)
    }
}

extension WindowSummary {
    /// The summaries of columns in order of time.
    ///
    /// - Complexity: O(*n* + *w*) for *n* samples and *w* windows, plus the samples of windows with resets.
    static func summaries(
        _ timestamps: [Int64],
        _ values: [Double],
        _ histograms: [NativeHistogram?],
        _ windows: WindowSequence
    ) -> [WindowSummary] {
        guard histograms.isEmpty, !values.contains(where: StaleMarker.isStale) else {
            return mixedSummaries(timestamps, values, histograms, windows)
        }
        return summaries(timestamps, values, windows)
    }

    /// The summaries of columns that have stale markers or histograms.
    private static func mixedSummaries(
        _ timestamps: [Int64],
        _ values: [Double],
        _ histograms: [NativeHistogram?],
        _ windows: WindowSequence
    ) -> [WindowSummary] {
        var times: [Int64] = []
        var numbers: [Double] = []
        var histogramTimes: [Int64] = []
        for place in timestamps.indices {
            if !histograms.isEmpty, histograms[place] != nil {
                histogramTimes.append(timestamps[place])
            } else if !StaleMarker.isStale(values[place]) {
                times.append(timestamps[place])
                numbers.append(values[place])
            }
        }
        var summaries = summaries(times, numbers, windows)
        var (lower, upper) = (0, 0)
        for index in summaries.indices where !histogramTimes.isEmpty {
            let end = windows.end(index)
            while upper < histogramTimes.count, histogramTimes[upper] <= end { upper += 1 }
            while lower < upper, histogramTimes[lower] <= end - windows.span { lower += 1 }
            summaries[index].hasHistograms = lower < upper
        }
        return summaries
    }

    /// The summaries of numbers.
    private static func summaries(
        _ times: [Int64],
        _ numbers: [Double],
        _ windows: WindowSequence
    ) -> [WindowSummary] {
        // Where no number is less than the one before it, which is most often, no window needs a look inside.
        var hasResets = false
        for place in 1..<max(1, numbers.count) where numbers[place] < numbers[place - 1] {
            hasResets = true
            break
        }
        var (lower, upper) = (0, 0)
        return (0..<windows.count).map { index in
            let end = windows.end(index)
            let start = end - windows.span
            while upper < times.count, times[upper] <= end { upper += 1 }
            while lower < upper, times[lower] <= start { lower += 1 }
            var summary = WindowSummary()
            guard lower < upper else { return summary }
            summary.count = upper - lower
            (summary.firstTime, summary.firstValue) = (times[lower], numbers[lower])
            (summary.lastTime, summary.lastValue) = (times[upper - 1], numbers[upper - 1])
            if hasResets {
                for place in (lower + 1)..<upper where numbers[place] < numbers[place - 1] {
                    summary.resets += 1
                    summary.resetSum += numbers[place - 1]
                }
            }
            return summary
        }
    }
}
