import MartletCore
import MartletLogging
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// What a reader sees, as of one moment.
    struct View {
        var table: LabelTable
        var columns: SampleColumns
        var frozen: FrozenColumns?
        var segments: [Segment]
        var rollups: [Segment]
        /// The oldest and the newest time in memory.
        var memoryTimes: ClosedRange<Int64>?

        /// Whether any sample in memory may lie in a range.
        func memoryOverlaps(_ range: ClosedRange<Int64>) -> Bool { memoryTimes?.overlaps(range) ?? false }
    }

    /// How many series are read from memory while the lock is held.
    static let seriesPerLock = 512

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
        var result: [Series] = []
        var places: [Int] = []
        let labels = try forEachSeries(matchers, in: range, by: nil, limit: limit) { place, series in
            result.append(series)
            places.append(place)
            return true
        }
        for index in result.indices { result[index].labels = labels[places[index]] }
        return result
    }

    /// The part of a range that raw retention keeps.
    func kept(_ range: ClosedRange<Int64>, _ now: Int64) -> ClosedRange<Int64>? {
        let oldest = timeline.oldest(now, configuration.retention)
        guard oldest <= range.upperBound else { return nil }
        return max(oldest, range.lowerBound)...range.upperBound
    }

    /// Everything there is, as of this moment.
    ///
    /// - Complexity: O(1); nothing is copied unless a series is added meanwhile.
    func view() -> View {
        head.withLock { head in
            View(
                table: head.table,
                columns: head.columns,
                frozen: head.frozen,
                segments: head.segments,
                rollups: head.rollups,
                memoryTimes: head.columns.count > 0 ? head.columns.minTime...head.columns.maxTime : nil
            )
        }
    }

    func noteDamage(_ segment: Segment) {
        guard segment.damagedReads == 1 else { return }
        logger.error(
            "a segment has a damaged block, which is left out; restore the file from a backup",
            ["file": .string(segment.path)]
        )
    }

    /// Finds the newest sample in a range of each matching series, looking no further than it must.
    func find(
        _ matchers: [LabelMatcher],
        in range: ClosedRange<Int64>,
        into gathering: inout SeriesGathering
    ) throws(SeriesError) {
        let now = clock.millisecondsSinceEpoch
        let view = view()
        if let kept = kept(range, now) {
            let slots = view.columns.count > 0 ? gathering.slots(view.table, matchers) : []
            for start in stride(from: 0, to: slots.count, by: Self.seriesPerLock) {
                head.withLock { _ in
                    for (slot, number) in slots[start..<min(start + Self.seriesPerLock, slots.count)] {
                        guard let (time, value) = view.columns.latest(slot, in: kept) else { continue }
                        gathering.note(number, time, value) { view.columns.histogram(slot, time) }
                    }
                }
                try gathering.check()
            }
            if let frozen = view.frozen {
                for (slot, number) in gathering.slots(frozen.table, matchers) {
                    guard let (time, value) = frozen.columns.latest(slot, in: kept) else { continue }
                    gathering.note(number, time, value) { frozen.columns.histogram(slot, time) }
                }
            }
            let codec = ChunkCodec()
            // Newest first: a series that has a newer sample than a segment could have is not looked up in it.
            for segment in view.segments.sorted(by: { $0.maxTime > $1.maxTime }) where segment.overlaps(kept) {
                var reader = SegmentReader(segment, codec: codec)
                var found: [(family: Int, row: Int, number: Int)] = []
                gathering.merge.add(segment, segment.matches(matchers)) { found.append(($0, $1, $2)) }
                for (family, row, number) in found where !gathering.has(number, atOrAfter: segment.maxTime) {
                    try gathering.check()
                    let before = segment.damagedReads
                    if let newest = reader.latest(segment.families[family], row, in: kept) {
                        gathering.note(number, newest.timestamp, newest.value) { newest.histogram }
                    }
                    if segment.damagedReads != before { noteDamage(segment) }
                }
            }
        }
        try findRollups(view, matchers, in: range, now: now, into: &gathering)
        try gathering.checkSeries()
    }
}

/// Gathers the newest sample of each series, within limits.
struct SeriesGathering {
    /// The newest sample of a series so far.
    struct Point {
        var timestamp: Int64
        var value: Double
        var histogram: NativeHistogram?
    }

    var merge = LabelMerge()
    private(set) var points: [Point?] = []
    private let limit: SelectionLimit
    private var reads = 0

    init(limit: SelectionLimit) {
        self.limit = limit
    }

    /// The slots and numbers of the matching series of a table.
    mutating func slots(_ table: LabelTable, _ matchers: [LabelMatcher]) -> [(slot: Int, number: Int)] {
        var found: [(slot: Int, number: Int)] = []
        merge.add(table, table.matches(matchers)) { found.append((Int($0), $1)) }
        return found
    }

    /// Throws when the reader was told to stop.
    mutating func check() throws(SeriesError) {
        reads += 1
        if reads % 64 == 0, Task.isCancelled { throw .cancelled }
    }

    private func checkSeriesCount(_ count: Int) throws(SeriesError) {
        guard count <= limit.series else {
            throw .limitExceeded("the selection has over \(limit.series) series; name more labels or raise the limit")
        }
    }

    /// Notes a sample of a series unless it has a newer one.
    mutating func note(_ number: Int, _ timestamp: Int64, _ value: Double, _ histogram: () -> NativeHistogram?) {
        while points.count <= number { points.append(nil) }
        if let known = points[number], known.timestamp >= timestamp { return }
        points[number] = Point(timestamp: timestamp, value: value, histogram: histogram())
    }

    /// Whether a series has a sample that is no older than a time.
    func has(_ number: Int, atOrAfter time: Int64) -> Bool {
        guard number < points.count, let point = points[number] else { return false }
        return point.timestamp >= time
    }

    /// Throws when there are more series with a newest sample than allowed.
    func checkSeries() throws(SeriesError) {
        let count = points.count { $0 != nil }
        try checkSeriesCount(count)
        guard count <= limit.samples else {
            throw .limitExceeded("the selection has over \(limit.samples) samples; name more labels or raise the limit")
        }
    }
}
