import MartletCore
import MartletFiles
import MartletLogging
import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// How many steps are rolled up into one segment at most.
    static let stepsPerRollup: Int64 = 24

    /// The time up to which the finest tier is complete; `Int64.max` where there are no tiers.
    func rolledTo(_ head: Head) -> Int64 {
        guard let tier = configuration.rollups.first else { return .max }
        return Self.end(of: tier, head.rollups) ?? .min
    }

    private static func end(of tier: RollupTier, _ segments: [Segment]) -> Int64? {
        segments.filter { $0.stepSeconds == tier.stepSeconds }.map(\.footer.to).max()
    }

    /// Makes the aggregates of all steps that are over.
    ///
    /// A step is over when the out-of-order window has passed since its end: what comes later for it is in raw samples
    /// only. Nothing is rolled up beyond the time that a doubtful clock would allow.
    func rollUp(_ maintenance: inout Maintenance) throws(SeriesError) {
        var source: RollupTier?
        for tier in configuration.rollups {
            while try rollUp(tier, from: source, &maintenance) {}
            source = tier
        }
    }

    /// Rolls up some steps of a tier.
    ///
    /// - Returns: Whether there may be more to do.
    private func rollUp(
        _ tier: RollupTier,
        from source: RollupTier?,
        _ maintenance: inout Maintenance
    ) throws(SeriesError) -> Bool {
        let step = tier.stepMilliseconds
        let view = view()
        let (oldestStored, newestStored, complete): (Int64, Int64, Int64)
        if let source {
            let finer = view.rollups.filter { $0.stepSeconds == source.stepSeconds }
            oldestStored = finer.map(\.minTime).min() ?? .max
            newestStored = finer.map(\.maxTime).max() ?? .min
            complete = Self.end(of: source, view.rollups) ?? .min
        } else {
            let memory = head.withLock { head in
                (
                    min(head.columns.minTime, head.frozen?.columns.minTime ?? .max),
                    max(head.columns.maxTime, head.frozen?.columns.maxTime ?? .min)
                )
            }
            oldestStored = view.segments.reduce(memory.0) { min($0, $1.minTime) }
            newestStored = view.segments.reduce(memory.1) { max($0, $1.maxTime) }
            let now = timeline.reliable(clock.millisecondsSinceEpoch)
            complete = now - configuration.outOfOrderWindow.milliseconds
        }
        guard oldestStored <= newestStored, complete > .min else { return false }
        let begin = max(
            Self.end(of: tier, view.rollups) ?? .min,
            RollupColumns.end(of: oldestStored, step) - step
        )
        // Where nothing is stored there is nothing to roll up.
        let end = min(
            RollupColumns.end(of: complete + 1, step) - step,
            RollupColumns.end(of: newestStored, step),
            begin + Self.stepsPerRollup * step
        )
        guard begin < end else { return false }
        try writeRollup(view, tier, source, after: begin, through: end, &maintenance)
        return true
    }

    private func writeRollup(
        _ view: View,
        _ tier: RollupTier,
        _ source: RollupTier?,
        after begin: Int64,
        through end: Int64,
        _ maintenance: inout Maintenance
    ) throws(SeriesError) {
        let step = tier.stepMilliseconds
        let codec = maintenance.codec
        var merge = LabelMerge()
        var readers: [SegmentReader] = []
        var origins: [[RollupOrigin]] = []
        func note(_ number: Int, _ origin: RollupOrigin) {
            while origins.count <= number { origins.append([]) }
            origins[number].append(origin)
        }
        let range = (begin - step + 1)...end
        let segments =
            source.map { source in view.rollups.filter { $0.stepSeconds == source.stepSeconds } } ?? view.segments
        for segment in segments where segment.overlaps(range) {
            let index = readers.count
            readers.append(SegmentReader(segment, codec: codec))
            merge.add(segment, segment.matches([])) { note($2, .segment(index, RowPlace(family: $0, row: $1))) }
        }
        if source == nil {
            if let frozen = view.frozen {
                merge.add(frozen.table, frozen.table.matches([])) { note($1, .columns(frozen.columns, Int($0))) }
            }
            merge.add(view.table, view.table.matches([])) { note($1, .columns(view.columns, Int($0))) }
        }
        // Aggregates are small: they are made first, so that the plan knows which series have any.
        var rolled: [RollupColumns] = []
        rolled.reserveCapacity(origins.count)
        var columns = SeriesColumns()
        for number in origins.indices {
            var result = RollupColumns()
            if source == nil {
                columns.clear()
                for origin in origins[number] { read(origin, &readers, in: range, into: &columns) }
                columns.finish()
                result.add(columns, after: begin, through: end, step: step)
            } else {
                var finer = RollupColumns()
                for case .segment(let index, let place) in origins[number] {
                    let family = readers[index].segment.families[place.family]
                    if !readers[index].readRollups(family, place.row, into: &finer) {
                        noteDamage(readers[index].segment)
                    }
                }
                finer.keep((begin + 1)...end)
                result.add(finer, step: step)
            }
            rolled.append(result)
        }
        let plan = SegmentPlan(merge.table) { !rolled[Int($0)].isEmpty }
        let origin = SegmentWriter.Origin(stepSeconds: tier.stepSeconds, window: begin..<end)
        let segment = try publish(rolled, plan, origin, &maintenance)
        head.withLock { $0.rollups.append(segment) }
    }

    private func publish(
        _ rolled: [RollupColumns],
        _ plan: SegmentPlan,
        _ origin: SegmentWriter.Origin,
        _ maintenance: inout Maintenance
    ) throws(SeriesError) -> Segment {
        do throws(FileError) {
            return try publish(plan, origin, &maintenance) { (sealer: inout ColumnSealer) throws(FileError) in
                for family in plan.families {
                    for number in family.ids { try sealer.add(rolled[Int(number)]) }
                }
            }
        } catch {
            throw unavailable(error)
        }
    }

    private func read(
        _ origin: RollupOrigin,
        _ readers: inout [SegmentReader],
        in range: ClosedRange<Int64>,
        into columns: inout SeriesColumns
    ) {
        switch origin {
        case .segment(let index, let place):
            let segment = readers[index].segment
            if !readers[index].read(segment.families[place.family], place.row, in: range, into: &columns) {
                noteDamage(segment)
            }
        case .columns(let memory, let slot): head.withLock { _ in _ = memory.read(slot, in: range, into: &columns) }
        }
    }

    // MARK: Merging

    func nextRollupMerge(step: Int, isFull: Bool) -> [Segment]? {
        let segments = head.withLock { $0.rollups }.filter { $0.stepSeconds == step && $0.damagedReads == 0 }
            .sorted { ($0.footer.from, $0.number) < ($1.footer.from, $1.number) }
        let retention = configuration.rollups.first { $0.stepSeconds == step }?.retention.milliseconds ?? 0
        return Self.run(in: segments, spanMax: max(1, retention / 7), bytesMax: mergeBytesMax, isFull: isFull)
    }

    /// Writes some segments of a tier as one.
    func mergeRollups(_ group: [Segment], _ maintenance: inout Maintenance) throws(SeriesError) {
        try rewriteRollups(group, deleting: [:], &maintenance)
    }

    /// Writes some segments of a tier as one, without what is deleted.
    func rewriteRollups(
        _ group: [Segment],
        deleting: [UInt64: [RowPlace: [ClosedRange<Int64>]]],
        _ maintenance: inout Maintenance
    ) throws(SeriesError) {
        var merge = LabelMerge()
        var rolled: [RollupColumns] = []
        for segment in group {
            var reader = SegmentReader(segment, codec: maintenance.codec)
            var found: [(RowPlace, Int)] = []
            merge.add(segment, segment.matches([])) { found.append((RowPlace(family: $0, row: $1), $2)) }
            for (place, number) in found {
                while rolled.count <= number { rolled.append(RollupColumns()) }
                var part = RollupColumns()
                guard reader.readRollups(segment.families[place.family], place.row, into: &part) else {
                    throw .storageUnavailable("cannot merge \(segment.path): a block is damaged")
                }
                let isDeleted = deleting[segment.number]?[place] ?? []
                let step = Int64(segment.stepSeconds) * 1000
                rolled[number].append(part) { end in
                    !isDeleted.contains { $0.lowerBound <= end && $0.upperBound > end - step }
                }
            }
        }
        for number in rolled.indices { rolled[number].keep(.min ... .max) }
        let first = group.reduce(Int64.max) { min($0, $1.footer.from) }
        let last = group.reduce(Int64.min) { max($0, $1.footer.to) }
        let plan = SegmentPlan(merge.table) { !rolled[Int($0)].isEmpty }
        let origin = SegmentWriter.Origin(
            stepSeconds: group[0].stepSeconds,
            window: first..<last,
            replaced: group.map(\.number)
        )
        // Even without series it is written: it tells that the stretch has been rolled up.
        let segment = try publish(rolled, plan, origin, &maintenance)
        replace(group, by: [segment], in: \.rollups, &maintenance)
    }
}

/// Where samples to be rolled up are.
private enum RollupOrigin {
    case segment(Int, RowPlace)
    case columns(SampleColumns, Int)
}

extension RollupColumns {
    /// Appends the aggregates of others whose ends meet a condition.
    mutating func append(_ other: RollupColumns, where isWanted: (Int64) -> Bool) {
        for place in other.ends.indices where isWanted(other.ends[place]) {
            ends.append(other.ends[place])
            if other.histograms.isEmpty {
                for run in runs.indices { runs[run].append(other.runs[run][place]) }
            } else {
                histograms.append(other.histograms[place])
            }
        }
    }
}
