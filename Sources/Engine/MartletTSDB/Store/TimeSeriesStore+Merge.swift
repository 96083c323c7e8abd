import MartletCore
import MartletFiles
import MartletLogging
import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// How many segments of like size are merged into one.
    static let mergeCount = 3

    /// Merges neighbouring segments.
    ///
    /// With `isFull`, whatever may lie in one file is merged; else only segments of like size, so that a sample is
    /// written anew a few times in its life.
    func mergeSegments(isFull: Bool, _ maintenance: inout Maintenance) throws(SeriesError) {
        // Each round merges at least two into one, so this ends.
        while let group = nextMerge(isFull: isFull, maintenance) {
            try merge(group, deleting: [:], &maintenance)
        }
        let hourly = head.withLock { $0.rollups }
        for step in Set(hourly.map(\.stepSeconds)) {
            while let group = nextRollupMerge(step: step, isFull: isFull) { try mergeRollups(group, &maintenance) }
        }
    }

    /// The most time that one merged segment covers: a quarter of the retention and one more segment, so that it does
    /// not outlive it much.
    private var mergeSpanMax: Int64 {
        configuration.retention.milliseconds / 4 + configuration.segmentDuration.milliseconds
    }

    private func nextMerge(isFull: Bool, _ maintenance: Maintenance) -> [Segment]? {
        let segments = head.withLock { $0.segments }
            .filter { $0.damagedReads == 0 && $0.sampleCount > 0 }
            .sorted { ($0.minTime, $0.number) < ($1.minTime, $1.number) }
        return Self.run(in: segments, spanMax: mergeSpanMax, bytesMax: mergeBytesMax, isFull: isFull)
    }

    /// The most bytes that are merged into one segment: an eighth of what all may take, because the oldest go file by file
    /// when there is no more room.
    var mergeBytesMax: Int { max(1, configuration.bytesMax / 8) }

    /// Neighbours that should become one segment.
    static func run(in segments: [Segment], spanMax: Int64, bytesMax: Int, isFull: Bool) -> [Segment]? {
        for start in segments.indices {
            var run: [Segment] = []
            var (first, last) = (Int64.max, Int64.min)
            var allowed = spanMax
            var bytes = 0
            for segment in segments[start...] {
                bytes += segment.byteCount
                guard bytes <= bytesMax else { break }
                first = min(first, segment.minTime)
                last = max(last, segment.maxTime)
                // One that covers more by itself, after an import, does not keep its like apart.
                allowed = max(allowed, segment.maxTime &- segment.minTime)
                guard last &- first <= allowed else { break }
                if !isFull, let least = run.map(\.sampleCount).min(), let most = run.map(\.sampleCount).max() {
                    let (low, high) = (min(least, segment.sampleCount), max(most, segment.sampleCount))
                    guard high <= 4 * max(low, 1) else { break }
                }
                run.append(segment)
                if !isFull, run.count == 3 * mergeCount { break }
            }
            if run.count >= (isFull ? 2 : mergeCount) { return run }
        }
        return nil
    }

    /// Writes some segments as one, without what is deleted or too old.
    ///
    /// `deleting` has the ranges to leave out, by segment number and the place of the row in it.
    func merge(
        _ group: [Segment],
        deleting: [UInt64: [RowPlace: [ClosedRange<Int64>]]],
        _ maintenance: inout Maintenance
    ) throws(SeriesError) {
        let oldest = timeline.oldest(clock.millisecondsSinceEpoch, configuration.retention)
        var merge = LabelMerge()
        var origins: [[(segment: Int, row: RowPlace)]] = []
        for (index, segment) in group.enumerated() {
            merge.add(segment, segment.matches([])) { family, row, number in
                while origins.count <= number { origins.append([]) }
                origins[number].append((index, RowPlace(family: family, row: row)))
            }
        }
        let isUntouched = deleting.isEmpty && group.allSatisfy { $0.minTime >= oldest }
        var readers = group.map { SegmentReader($0, codec: maintenance.codec) }
        func read(_ number: Int, into columns: inout SeriesColumns) throws(FileError) {
            for (index, place) in origins[number] {
                let segment = group[index]
                let family = segment.families[place.family]
                var part = SeriesColumns()
                let isDeleted = deleting[segment.number]?[place]
                let isSound =
                    isDeleted == nil
                    ? readers[index].read(family, place.row, in: oldest ... .max, into: &columns)
                    : readers[index].read(family, place.row, in: oldest ... .max, into: &part)
                if let isDeleted { columns.append(part, where: { time in !isDeleted.contains { $0.contains(time) } }) }
                guard isSound else {
                    throw FileError(
                        code: FileError.inputOutput,
                        operation: "merge",
                        path: segment.path,
                        reason: "a block is damaged"
                    )
                }
            }
            columns.finish()
        }
        do throws(FileError) {
            var isWanted = [Bool](repeating: true, count: merge.count)
            var columns = SeriesColumns()
            if !isUntouched {
                // Series that lose all their samples must not be in the plan.
                for number in 0..<merge.count {
                    columns.clear()
                    try read(number, into: &columns)
                    isWanted[number] = !columns.timestamps.isEmpty
                }
            }
            let logSequence = group.reduce(0) { max($0, $1.logSequence) }
            let plan = SegmentPlan(merge.table) { isWanted[Int($0)] }
            let origin = SegmentWriter.Origin(logSequence: logSequence, replaced: group.map(\.number))
            // Even without samples it is written: it says which segments and log files are superfluous.
            let segment = try publish(plan, origin, &maintenance) { (sealer: inout ColumnSealer) throws(FileError) in
                for family in plan.families {
                    for number in family.ids {
                        columns.clear()
                        try read(Int(number), into: &columns)
                        try sealer.add(columns)
                    }
                }
            }
            replace(group, by: [segment], in: \.segments, &maintenance)
        } catch {
            throw unavailable(error)
        }
    }

    /// Lets readers see new segments instead of old ones, and deletes those.
    func replace(
        _ old: [Segment],
        by new: [Segment],
        in list: any WritableKeyPath<Head, [Segment]> & Sendable,
        _ maintenance: inout Maintenance
    ) {
        head.withLock { head in
            head[keyPath: list].removeAll { segment in old.contains { $0 === segment } }
            head[keyPath: list].append(contentsOf: new)
            head[keyPath: list].sort { $0.number < $1.number }
        }
        maintenance.merges += 1
        remove(old, &maintenance)
    }

    /// Deletes the files of segments that nobody is to see any more.
    func remove(_ segments: [Segment], _ maintenance: inout Maintenance) {
        guard !segments.isEmpty else { return }
        for segment in segments { maintenance.leftovers[segment.number] = segment.path }
        removeLeftovers(&maintenance)
    }

    /// Tries to delete what should be gone; what cannot be deleted for good is tried again later.
    func removeLeftovers(_ maintenance: inout Maintenance) {
        guard !maintenance.leftovers.isEmpty else { return }
        do throws(FileError) {
            for path in maintenance.leftovers.values.sorted() { try fileSystem.remove(path) }
            try fileSystem.syncDirectory("\(configuration.directory)/\(StoreFormat.segmentDirectory)")
            maintenance.leftovers = [:]
        } catch {
            logger.warn(
                "a segment could not be deleted; it is tried again",
                ["error": .string("\(error); \(error.remedy)")]
            )
        }
    }
}

/// Where a series is in a segment.
struct RowPlace: Hashable, Sendable {
    var family: Int
    var row: Int
}
