import MartletCore

/// The recent samples of the series that rules look at, in memory and bounded.
///
/// It takes snapshots at some interval and keeps as much as the rules' windows need.
struct SampleHistory {
    /// A sample: milliseconds since the epoch, and a value.
    struct Point: Hashable {
        var time: Int64
        var value: Double
    }

    /// The metrics that are kept, each with how far back; others are let go at once.
    private(set) var windows: [String: Int64] = [:]
    /// How many series are kept.
    let seriesMax: Int
    /// How many samples of each are kept.
    let samplesMax: Int
    /// How many samples were not kept because there were too many series.
    private(set) var dropped: UInt64 = 0
    private var series: [String: [LabelSet: [Point]]] = [:]
    private(set) var seriesCount = 0

    init(seriesMax: Int, samplesMax: Int) {
        self.seriesMax = seriesMax
        self.samplesMax = max(2, samplesMax)
    }

    /// Says what the conditions look at from now on; what none looks at is forgotten.
    mutating func keep(_ conditions: [Condition]) {
        windows = [:]
        for (selector, window) in conditions.flatMap(\.selectors) {
            let reach = max(window ?? .zero, Condition.lookback).wholeMilliseconds
            windows[selector.metric] = max(windows[selector.metric] ?? 0, reach)
        }
        for metric in series.keys where windows[metric] == nil {
            seriesCount -= series[metric]?.count ?? 0
            series[metric] = nil
        }
    }

    /// Takes the samples of one moment in.
    mutating func take(_ samples: [(labels: LabelSet, value: Double)], at time: Int64) {
        for (labels, value) in samples {
            guard let metric = labels.metricName, windows[metric] != nil else { continue }
            if series[metric]?[labels] == nil {
                guard seriesCount < seriesMax else {
                    dropped += 1
                    continue
                }
                seriesCount += 1
            }
            series[metric, default: [:]][labels, default: []].append(Point(time: time, value: value))
        }
        forget(before: time)
    }

    /// The samples of the selected series within a window that ends at a time, its start left out.
    func points(_ selector: SeriesSelector, window: Int64, at time: Int64) -> [(
        labels: LabelSet, points: ArraySlice<Point>
    )] {
        (series[selector.metric] ?? [:]).compactMap { labels, points in
            guard selector.matches(labels) else { return nil }
            let first = points.partition { $0.time > time - window }
            let last = points.partition { $0.time > time }
            return first < last ? (labels, points[first..<last]) : nil
        }
    }

    /// The latest sample of each selected series, where one is not too old.
    func latest(_ selector: SeriesSelector, at time: Int64) -> [(labels: LabelSet, value: Double)] {
        points(selector, window: Condition.lookback.wholeMilliseconds, at: time).compactMap { entry in
            entry.points.last.map { (entry.labels, $0.value) }
        }
    }

    private mutating func forget(before time: Int64) {
        for (metric, window) in windows {
            guard var known = series[metric] else { continue }
            for (labels, points) in known {
                // One sample before the window is kept, as none within it may be the newest one's neighbour.
                let first = max(points.partition { $0.time > time - window - 1 }, points.count - samplesMax)
                if first == points.count {
                    known[labels] = nil
                    seriesCount -= 1
                } else if first > points.count / 4 {
                    known[labels] = Array(points[first...])
                }
            }
            series[metric] = known
        }
    }
}

extension Array {
    /// The place of the first element that is so, where all after it are, too.
    fileprivate func partition(_ isAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
