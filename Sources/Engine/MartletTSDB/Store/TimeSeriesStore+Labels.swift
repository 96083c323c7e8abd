public import MartletCore
public import MartletSeries

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
        let whole = wholeSegments(in: range)
        var (merge, isFound) = try seriesFound(selectors, range, leavingOut: whole)
        for segment in whole {
            for selector in selectors.isEmpty ? [[]] : selectors {
                merge.add(segment, segment.matches(selector)) { _, _, number in
                    if isFound.count <= number {
                        isFound.append(contentsOf: repeatElement(false, count: number + 1 - isFound.count))
                    }
                    isFound[number] = true
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
    /// Segments that lie in the range as a whole are answered from their index.
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
        let whole = wholeSegments(in: range)
        var names: Set<String> = []
        for segment in whole {
            var symbols: Set<UInt32> = []
            for selector in selectors.isEmpty ? [[]] : selectors {
                for match in segment.matches(selector) {
                    symbols.formUnion(segment.families[match.family].names)
                    names.insert(Label.metricName)
                }
            }
            for symbol in symbols { names.insert(segment.text(of: symbol)) }
        }
        let (merge, isFound) = try seriesFound(selectors, range, leavingOut: whole)
        var families = [Bool](repeating: false, count: merge.table.families.count)
        for number in isFound.indices where isFound[number] { families[Int(merge.places[number].family)] = true }
        for (index, isFound) in families.enumerated() where isFound {
            for symbol in merge.table.families[index].names { names.insert(merge.table.symbols.text(symbol)) }
            names.insert(Label.metricName)
        }
        return Array(names.sorted().prefix(max(0, limit)))
    }

    /// The values of one label over the series that ``labelSets(matching:in:limit:)`` would give without a limit.
    ///
    /// Segments that lie in the range as a whole are answered from their index.
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
        let whole = wholeSegments(in: range)
        var values: Set<String> = []
        for segment in whole {
            var symbols: Set<UInt32> = []
            for selector in selectors.isEmpty ? [[]] : selectors {
                for match in segment.matches(selector) { segment.addValues(of: name, match, to: &symbols) }
            }
            for symbol in symbols { values.insert(segment.text(of: symbol)) }
        }
        let (merge, isFound) = try seriesFound(selectors, range, leavingOut: whole)
        if let symbol = merge.table.symbols.number(of: name) {
            let columns = merge.table.families.map { $0.column(of: symbol) }
            var symbols: Set<UInt32> = []
            for number in isFound.indices where isFound[number] {
                let place = merge.places[number]
                let family = merge.table.families[Int(place.family)]
                if name == Label.metricName {
                    symbols.insert(family.metric)
                } else if let column = columns[Int(place.family)] {
                    symbols.insert(family.value(Int(place.row), column))
                }
            }
            for symbol in symbols { values.insert(merge.table.symbols.text(symbol)) }
        }
        return Array(values.sorted().prefix(max(0, limit)))
    }

    /// The segments whose every sample lies in a range, so that it does not matter when their series were.
    private func wholeSegments(in range: ClosedRange<Int64>) -> [Segment] {
        guard let kept = kept(range, clock.millisecondsSinceEpoch) else { return [] }
        return view().segments.filter { kept.contains($0.minTime) && kept.contains($0.maxTime) }
    }

    /// The series that have a sample in a range and meet a selector, but for what some segments have.
    private func seriesFound(
        _ selectors: [[LabelMatcher]],
        _ range: ClosedRange<Int64>,
        leavingOut segments: [Segment]
    ) throws(SeriesError) -> (LabelMerge, [Bool]) {
        var gathering = SeriesGathering(limit: SelectionLimit(samples: .max, series: .max))
        let numbers = Set(segments.map(\.number))
        for selector in selectors.isEmpty ? [[]] : selectors {
            try find(selector, in: range, into: &gathering) { numbers.contains($0.number) }
        }
        return (gathering.merge, gathering.points.map { $0 != nil })
    }
}

extension Segment {
    /// Adds the values of a label of some rows of a family.
    fileprivate func addValues(of name: String, _ match: FamilyMatch, to values: inout Set<UInt32>) {
        let family = families[match.family]
        if name == Label.metricName {
            values.insert(family.metric)
            return
        }
        guard let symbol = symbol(of: name), let column = family.names.firstIndex(of: symbol) else { return }
        file.withBytes { bytes in
            if let rows = match.rows {
                for row in rows { values.insert(value(bytes, family, column, Int(row))) }
            } else {
                for symbol in symbols(bytes, family, column) { values.insert(symbol) }
            }
        }
    }
}
