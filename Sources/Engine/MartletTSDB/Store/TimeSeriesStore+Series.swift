public import MartletCore
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// What a query asks for.
    func selection(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> Selection {
        let now = clock.millisecondsSinceEpoch
        let view = view()
        var selection = Selection(limit: limit)
        try addRollups(view, matchers, in: range, now: now, to: &selection)
        if let kept = kept(range, now) { selection.add(view, matchers, in: kept) }
        selection.finish()
        return selection
    }

    /// Reads the samples of a series in order of time, in place of those that the columns had.
    func read(
        _ number: Int,
        of selection: inout Selection,
        into columns: inout SeriesColumns
    ) throws(SeriesError) {
        try selection.check()
        columns.clear()
        readRollups(number, of: selection, into: &columns)
        if let range = selection.range {
            for part in selection.parts(of: number) { read(part, &selection, in: range, into: &columns) }
        }
        columns.finish()
        if !columns.timestamps.isEmpty { try selection.count(samples: columns.timestamps.count) }
    }

    private func read(
        _ part: Selection.Part,
        _ selection: inout Selection,
        in range: ClosedRange<Int64>,
        into columns: inout SeriesColumns
    ) {
        switch selection.sources[Int(part.source)] {
        case .segment(let place):
            let segment = selection.readers[place].segment
            let family = segment.families[Int(part.family)]
            if !selection.readers[place].read(family, Int(part.row), in: range, into: &columns) { noteDamage(segment) }
        case .frozen(let memory): memory.read(Int(part.row), in: range, into: &columns)
        case .memory(let memory): head.withLock { _ in _ = memory.read(Int(part.row), in: range, into: &columns) }
        }
    }

    /// Hands over the series of a selection one after another, so that only one of them is in memory.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - grouping: Which labels make a group; `nil` keeps the series apart.
    ///   - limit: What may be read at most.
    ///   - body: Gets a place and the samples of a series in the range, at least one; `false` ends the reading.
    /// - Returns: The label sets by their places, sorted.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    public func forEachSeries(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping?,
        limit: SelectionLimit,
        _ body: (_ place: Int, _ series: Series) -> Bool
    ) throws(SeriesError) -> [LabelSet] {
        var selection = try selection(matchers, in: range, limit: limit)
        var columns = SeriesColumns()
        guard let grouping else {
            let order = selection.order()
            for (place, number) in order.enumerated() {
                try read(number, of: &selection, into: &columns)
                guard !columns.timestamps.isEmpty else { continue }
                guard body(place, columns.series(.empty)) else { break }
            }
            var texts = TextCache()
            return order.map { selection.merge.labels($0, &texts) }
        }
        let (labels, placeOfNumber) = SeriesGroups.places(selection.merge, grouping)
        for number in 0..<selection.count {
            try read(number, of: &selection, into: &columns)
            guard !columns.timestamps.isEmpty else { continue }
            guard body(Int(placeOfNumber[number]), columns.series(.empty)) else { break }
        }
        return labels
    }

    /// What each window holds of each series: counts, first, last and resets, sorted by label set.
    ///
    /// Holds the samples of one series at a time.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - windows: The windows.
    ///   - limit: What may be read at most.
    /// - Returns: Every series that has a sample, with a summary for each window.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    public func windows(
        _ matchers: [LabelMatcher],
        _ windows: WindowSequence,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesWindows] {
        guard let range = windows.range else { return [] }
        var result: [SeriesWindows] = []
        var places: [Int] = []
        let labels = try forEachSeries(matchers, in: range, by: nil, limit: limit) { place, series in
            result.append(SeriesWindows(series, windows))
            places.append(place)
            return true
        }
        for index in result.indices { result[index].labels = labels[places[index]] }
        return result
    }
}
