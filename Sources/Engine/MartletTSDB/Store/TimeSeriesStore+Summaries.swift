import MartletCore
public import MartletSeries

extension TimeSeriesStore {
    /// The newest sample of each series in a range, stale markers among them, sorted by label set.
    ///
    /// Reads the last value that memory or a segment keeps, not the column.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - limit: What may be read at most.
    /// - Returns: A point for every series that has a sample in the range.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    public func latest(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesPoint] {
        var gathering = SeriesGathering(limit: limit)
        try find(matchers, in: range, into: &gathering)
        let found = gathering.points.indices.filter { gathering.points[$0] != nil }
        var texts = TextCache()
        return gathering.merge.sorted(found).compactMap { number in
            gathering.points[number].map { point in
                SeriesPoint(
                    labels: gathering.merge.labels(number, &texts),
                    timestamp: point.timestamp,
                    value: point.value,
                    histogram: point.histogram
                )
            }
        }
    }

    /// How many series live at the end of a range, by the labels they share; groups by numbers, not texts.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time that count.
    ///   - grouping: Which labels make a group.
    ///   - limit: What may be read at most.
    /// - Returns: The groups with at least one series, sorted by label set.
    /// - Throws: ``SeriesError``; `limitExceeded` as soon as a limit is passed.
    public func counts(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        by grouping: SeriesGrouping,
        limit: SelectionLimit
    ) throws(SeriesError) -> [SeriesCount] {
        var gathering = SeriesGathering(limit: limit)
        try find(matchers, in: range, into: &gathering)
        let table = gathering.merge.table
        let kept = table.families.map { Self.columns(of: $0, table, grouping) }
        var counts: [[UInt32]: Int] = [:]
        var key: [UInt32] = []
        for number in gathering.points.indices {
            guard let point = gathering.points[number], !StaleMarker.isStale(point.value) || point.histogram != nil
            else { continue }
            let place = gathering.merge.places[number]
            let family = table.families[Int(place.family)]
            key.removeAll(keepingCapacity: true)
            for column in kept[Int(place.family)] {
                let (name, value) = family.label(Int(place.row), column, 0)
                key.append(name)
                key.append(value)
            }
            counts[key, default: 0] += 1
        }
        return counts.map { key, count in
            let labels = stride(from: 0, to: key.count, by: 2).map { place in
                Label(table.symbols.text(key[place]), table.symbols.text(key[place + 1]))
            }
            return SeriesCount(labels: LabelSet(labels), count: count)
        }
        .sorted { $0.labels < $1.labels }
    }

    /// Which of the labels of a family, the metric's name among them, make a group.
    private static func columns(
        of family: LabelTable.Family,
        _ table: LabelTable,
        _ grouping: SeriesGrouping
    ) -> [Int] {
        (0...family.names.count).filter { place in
            let name =
                place == family.metricPlace
                ? Label.metricName
                : table.symbols.text(family.names[place < family.metricPlace ? place : place - 1])
            return switch grouping {
            case .by(let names): names.contains(name)
            case .without(let names): name != Label.metricName && !names.contains(name)
            }
        }
    }
}
