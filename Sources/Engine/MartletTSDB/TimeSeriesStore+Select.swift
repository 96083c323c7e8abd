public import MartletCore
import MartletLogging
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// The series that meet every condition and have a sample in the range, with the samples in the range.
    ///
    /// What retention no longer keeps is not returned, deleted or not. A damaged block leaves a gap, which
    /// ``statistics`` counts.
    ///
    /// - Parameters:
    ///   - matchers: The conditions, all of which hold.
    ///   - range: The first and the last time wanted.
    ///   - limit: What may be read at most.
    /// - Returns: The series, sorted by label set.
    /// - Throws: ``SeriesError`` `limitExceeded` as soon as a limit is passed, `cancelled` when the task is.
    public func select(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        limit: SelectionLimit = SelectionLimit()
    ) throws(SeriesError) -> [Series] {
        guard let range = kept(range) else { return [] }
        let view = view(of: [matchers], in: range)
        var merge = SelectionMerge(limit: limit)
        for segment in view.segments {
            var texts = TextCache(segment)
            for place in segment.candidates(matchers) where segment.overlaps(place, range) {
                try merge.add(texts.labels(at: place)) { columns in
                    if !segment.read(at: place, in: range, into: &columns) { noteDamage(segment) }
                }
            }
        }
        for (labels, series) in view.series {
            try merge.add(labels) { $0.read(series, in: range) }
        }
        return merge.finish()
    }

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
        Array(try labelSets(selectors, range).sorted().prefix(max(0, limit)))
    }

    /// The label names of the series that ``labelSets(matching:in:limit:)`` would give without a limit, sorted.
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
        for labels in try labelSets(selectors, range) {
            for label in labels { names.insert(label.name) }
        }
        return Array(names.sorted().prefix(max(0, limit)))
    }

    /// The values of one label over the series that ``labelSets(matching:in:limit:)`` would give without a limit.
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
        let values = Set(try labelSets(selectors, range).compactMap { $0[name] })
        return Array(values.sorted().prefix(max(0, limit)))
    }

    private func labelSets(
        _ selectors: [[LabelMatcher]],
        _ range: ClosedRange<Int64>
    ) throws(SeriesError) -> Set<LabelSet> {
        guard let range = kept(range) else { return [] }
        let selectors = selectors.isEmpty ? [[]] : selectors
        let view = view(of: selectors, in: range)
        var found = Set(view.series.lazy.filter { $0.series.hasSample(in: range) }.map(\.labels))
        for segment in view.segments {
            var texts = TextCache(segment)
            for place in Set(selectors.flatMap(segment.candidates)) where segment.overlaps(place, range) {
                if Task.isCancelled { throw .cancelled }
                let labels = texts.labels(at: place)
                if !found.contains(labels), hasSample(segment, place, range) { found.insert(labels) }
            }
        }
        return found
    }

    /// Whether a series that reaches into the range has a sample in it.
    private func hasSample(_ segment: Segment, _ place: Int, _ range: ClosedRange<Int64>) -> Bool {
        if range.contains(segment.minTime(at: place)) || range.contains(segment.maxTime(at: place)) { return true }
        var columns = Columns()
        if !segment.read(at: place, in: range, into: &columns) { noteDamage(segment) }
        return !columns.timestamps.isEmpty
    }

    /// The part of a range that retention keeps.
    private func kept(_ range: ClosedRange<Int64>) -> ClosedRange<Int64>? {
        let oldest = clock.millisecondsSinceEpoch - configuration.retention.milliseconds
        guard oldest <= range.upperBound else { return nil }
        return max(oldest, range.lowerBound)...range.upperBound
    }

    /// The series in memory that meet a selector and the segments that reach into a range, as of one moment.
    private func view(
        of selectors: [[LabelMatcher]],
        in range: ClosedRange<Int64>
    ) -> (series: [(labels: LabelSet, series: HeadSeries)], segments: [Segment]) {
        head.withLock { head in
            var places: [Int] = []
            if head.minTime <= range.upperBound, head.maxTime >= range.lowerBound {
                places =
                    selectors.count == 1
                    ? head.candidates(selectors[0]) : Set(selectors.flatMap(head.candidates)).sorted()
            }
            let segments = head.segments.filter { $0.minTime <= range.upperBound && $0.maxTime >= range.lowerBound }
            return (places.map { (head.labels(of: $0), head.series[$0]) }, segments)
        }
    }

    private func noteDamage(_ segment: Segment) {
        guard segment.damagedReads == 1 else { return }
        logger.error(
            "a segment has a damaged block, which is left out; restore the file from a backup",
            ["file": .string(segment.path)]
        )
    }
}

extension Segment {
    /// Whether a series reaches into a range.
    func overlaps(_ place: Int, _ range: ClosedRange<Int64>) -> Bool {
        minTime(at: place) <= range.upperBound && maxTime(at: place) >= range.lowerBound
    }
}

/// The texts of one segment that a reader has seen, so that equal ones share their memory.
struct TextCache {
    private let segment: Segment
    private var texts: [UInt32: String] = [:]

    init(_ segment: Segment) {
        self.segment = segment
    }

    mutating func labels(at place: Int) -> LabelSet {
        var labels: [Label] = []
        for (name, value) in segment.pairs(at: place) { labels.append(Label(text(name), text(value))) }
        return LabelSet(sorted: labels)
    }

    private mutating func text(_ symbol: UInt32) -> String {
        if let text = texts[symbol] { return text }
        let text = segment.text(of: symbol)
        texts[symbol] = text
        return text
    }
}

/// Gathers what segments and memory have of each series, within limits.
struct SelectionMerge {
    private let limit: SelectionLimit
    private var places: [LabelSet: Int] = [:]
    private var found: [(labels: LabelSet, columns: Columns)] = []
    private var samples = 0
    private var reads = 0

    init(limit: SelectionLimit) {
        self.limit = limit
    }

    /// Adds what `read` gives to a series.
    mutating func add(_ labels: LabelSet, _ read: (inout Columns) -> Void) throws(SeriesError) {
        reads += 1
        if reads % 64 == 0, Task.isCancelled { throw .cancelled }
        var place = found.count
        var before = 0
        if let known = places[labels] {
            place = known
            before = found[place].columns.timestamps.count
            read(&found[place].columns)
        } else {
            var columns = Columns()
            read(&columns)
            guard !columns.timestamps.isEmpty else { return }
            guard found.count < limit.series else {
                throw .limitExceeded(
                    "the selection has over \(limit.series) series; name more labels or raise the limit"
                )
            }
            places[labels] = place
            found.append((labels, columns))
        }
        samples += found[place].columns.timestamps.count - before
        guard samples <= limit.samples else {
            throw .limitExceeded(
                "the selection has over \(limit.samples) samples; ask for less time or fewer series, or raise the limit"
            )
        }
    }

    /// The series in order.
    mutating func finish() -> [Series] {
        found.sort { $0.labels < $1.labels }
        return found.map { labels, columns in
            var columns = columns
            columns.finish()
            return Series(labels: labels, timestamps: columns.timestamps, values: columns.values)
        }
    }
}
