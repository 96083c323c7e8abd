public import MartletCore
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// The label sets with a sample in the range that meet all conditions of at least one selector.
    ///
    /// - Parameters:
    ///   - selectors: The selectors; none asks for all series.
    ///   - range: The first and the last time that count.
    ///   - limit: How many label sets at most.
    /// - Returns: The label sets, sorted.
    /// - Throws: ``SeriesError`` `cancelled` when the task is.
    public func labelSets(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [LabelSet] {
        var merge = LabelMerge()
        var isFound: [Bool] = []
        func note(_ number: Int, _ isLive: () -> Bool) {
            if isFound.count <= number {
                isFound.append(contentsOf: repeatElement(false, count: number + 1 - isFound.count))
            }
            if !isFound[number] { isFound[number] = isLive() }
        }
        for selector in selectors.isEmpty ? [[]] : selectors {
            for var source in try labelSources(selector, range) {
                switch source.place {
                case .segment(let segment):
                    merge.add(segment, segment.matches(selector)) { family, row, number in
                        note(number) { source.isLive(family, row) }
                    }
                case .table(let table):
                    merge.add(table, table.matches(selector)) { slot, number in
                        note(number) { source.isLive(slot) }
                    }
                }
            }
        }
        var texts = TextCache()
        return merge.sorted(isFound.indices.filter { isFound[$0] }).prefix(max(0, limit)).map {
            merge.labels($0, &texts)
        }
    }

    /// The label names of the series that ``labelSets(matching:in:limit:)`` would give without a limit, sorted.
    ///
    /// Of series with the same names one is looked at whether it has a sample.
    ///
    /// - Parameters:
    ///   - selectors: The selectors; none asks for all series.
    ///   - range: The first and the last time that count.
    ///   - limit: How many names at most.
    /// - Returns: The names, sorted.
    /// - Throws: ``SeriesError`` `cancelled` when the task is.
    public func labelNames(
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        var names: Set<String> = []
        for selector in selectors.isEmpty ? [[]] : selectors {
            for var source in try labelSources(selector, range) { source.addNames(selector, to: &names) }
        }
        return Array(names.sorted().prefix(max(0, limit)))
    }

    /// The values of one label over the series that ``labelSets(matching:in:limit:)`` would give without a limit.
    ///
    /// Of series with the same value one is looked at whether it has a sample.
    ///
    /// - Parameters:
    ///   - name: The label.
    ///   - selectors: The selectors; none asks for all series.
    ///   - range: The first and the last time that count.
    ///   - limit: How many values at most.
    /// - Returns: The values, sorted.
    /// - Throws: ``SeriesError`` `cancelled` when the task is.
    public func labelValues(
        of name: String,
        matching selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>,
        limit: Int
    ) throws(SeriesError) -> [String] {
        var values: Set<String> = []
        for selector in selectors.isEmpty ? [[]] : selectors {
            for var source in try labelSources(selector, range) { source.addValues(of: name, selector, to: &values) }
        }
        return Array(values.sorted().prefix(max(0, limit)))
    }

    /// Where series of a selector may have samples in a range.
    private func labelSources(
        _ selector: [LabelMatcher],
        _ range: ClosedRange<Int64>
    ) throws(SeriesError) -> [LabelSource] {
        if Task.isCancelled { throw .cancelled }
        let now = clock.millisecondsSinceEpoch
        let view = view()
        var sources: [LabelSource] = []
        if let kept = kept(range, now) {
            let codec = ChunkCodec()
            for segment in view.segments where segment.overlaps(kept) {
                sources.append(LabelSource(SegmentReader(segment, codec: codec), kept))
            }
            if let frozen = view.frozen, frozen.columns.overlaps(kept) {
                let columns = frozen.columns
                sources.append(LabelSource(frozen.table) { columns.latest(Int($0), in: kept) != nil })
            }
            if view.memoryOverlaps(kept) {
                let columns = view.columns
                sources.append(
                    LabelSource(view.table) { [self] slot in
                        head.withLock { _ in columns.latest(Int(slot), in: kept) != nil }
                    }
                )
            }
        }
        guard !view.rollups.isEmpty else { return sources }
        var gathering = SeriesGathering(limit: SelectionLimit(samples: .max, series: .max))
        try findRollups(view, selector, in: range, now: now, into: &gathering)
        let points = gathering.points
        sources.append(LabelSource(gathering.merge.table) { Int($0) < points.count && points[Int($0)] != nil })
        return sources
    }
}
