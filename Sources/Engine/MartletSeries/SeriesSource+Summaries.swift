public import MartletCore

// What queries need most often can be had without whole columns. Sources that know better than to read everything
// implement these; for others they are worked out from `select`.
extension SeriesSource {
    /// The newest sample of each series in a range, worked out from the whole selection.
    public func latest(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesPoint] {
        try select(matchers, in: range, limit: limit).compactMap { series in
            guard let timestamp = series.timestamps.last, let value = series.values.last else { return nil }
            return SeriesPoint(
                labels: series.labels,
                timestamp: timestamp,
                value: value,
                histogram: series.histograms.last ?? nil
            )
        }
    }

    /// How many series live at the end of a range, by the labels they share, worked out from the newest samples.
    public func counts(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCount] {
        var counts: [LabelSet: Int] = [:]
        for point in try latest(matchers, in: range, limit: limit) where !point.isStale {
            counts[grouping.group(of: point.labels), default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { SeriesCount(labels: $0.key, count: $0.value) }
    }

    /// How many series live at the end of each window, worked out window by window.
    public func counts(
        _ matchers: [LabelMatcher],
        _ windows: WindowSequence,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCounts] {
        var counts: [LabelSet: [Int]] = [:]
        for window in 0..<windows.count {
            let end = windows.end(window)
            for group in try self.counts(matchers, in: (end - windows.span + 1)...end, by: grouping, limit: limit) {
                counts[group.labels, default: Array(repeating: 0, count: windows.count)][window] = group.count
            }
        }
        return counts.sorted { $0.key < $1.key }.map { SeriesCounts(labels: $0.key, counts: $0.value) }
    }

    /// Hands over the series of a selection one after another, after it has been read as a whole.
    public func forEachSeries(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping?,
        limit: SelectionLimit,
        _ body: (_ place: Int, _ series: Series) -> Bool
    ) throws(SeriesError) -> [LabelSet] {
        var all = try select(matchers, in: range, limit: limit)
        let groups = all.map { series in grouping.map { $0.group(of: series.labels) } ?? series.labels }
        let labels = grouping == nil ? groups : Set(groups).sorted()
        var places: [LabelSet: Int] = [:]
        for (place, group) in labels.enumerated() { places[group] = place }
        for index in all.indices {
            all[index].labels = .empty
            guard body(places[groups[index]] ?? 0, all[index]) else { break }
        }
        return labels
    }

    /// What each window holds of each series, worked out from the whole selection.
    public func windows(
        _ matchers: [LabelMatcher],
        _ windows: WindowSequence,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesWindows] {
        guard let range = windows.range else { return [] }
        return try select(matchers, in: range, limit: limit).map { SeriesWindows($0, windows) }
    }

    /// The step of the coarsest tier that a range is answered from; `nil` says raw samples.
    public func coarsestStep(in range: ClosedRange<Int64>) -> Int64? { nil }

    /// The roll-ups in a range; a source without tiers has none.
    public func rollups(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [RollupSeries] { [] }
}

/// The newest sample of a series.
public struct SeriesPoint: Hashable, Sendable {
    /// The series' labels.
    public var labels: LabelSet

    /// The sample's time, in milliseconds since the epoch.
    public var timestamp: Int64

    /// The sample's value; the sum where there is a histogram.
    public var value: Double

    /// The native histogram, where the sample is one.
    public var histogram: NativeHistogram?

    /// Creates a point of a series.
    public init(labels: LabelSet, timestamp: Int64, value: Double, histogram: NativeHistogram? = nil) {
        self.labels = labels
        self.timestamp = timestamp
        self.value = value
        self.histogram = histogram
    }

    /// Whether the sample says that the series ended.
    public var isStale: Bool { StaleMarker.isStale(value) }
}

/// How series are put together to be counted.
public enum SeriesGrouping: Hashable, Sendable {
    /// By these labels; the others do not count.
    case by([String])
    /// By all labels but these and the metric's name.
    case without([String])

    /// The labels of the group that a series belongs to.
    public func group(of labels: LabelSet) -> LabelSet {
        switch self {
        case .by(let names): labels.keeping(names)
        case .without(let names): labels.removing(names + [Label.metricName])
        }
    }
}

/// How many series a group has.
public struct SeriesCount: Hashable, Sendable {
    /// The group's labels.
    public var labels: LabelSet

    /// How many series live in it.
    public var count: Int

    /// Creates a count.
    public init(labels: LabelSet, count: Int) {
        self.labels = labels
        self.count = count
    }
}

/// How many series a group has at several times.
public struct SeriesCounts: Hashable, Sendable {
    /// The group's labels.
    public var labels: LabelSet

    /// How many series live in it, one count a window.
    public var counts: [Int]

    /// Creates counts.
    public init(labels: LabelSet, counts: [Int]) {
        self.labels = labels
        self.counts = counts
    }
}
