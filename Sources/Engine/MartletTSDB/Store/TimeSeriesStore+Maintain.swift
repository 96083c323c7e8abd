import MartletCore
import MartletFiles
import MartletLogging
public import MartletSeries
import Synchronization

extension TimeSeriesStore {
    /// Seals, merges and rolls up what is due, drops what is too old or too much, and tries to write again after a
    /// failure.
    ///
    /// For a loop, every few seconds; readers and writers go on meanwhile. A failure is logged and tried again at the
    /// next call.
    public func maintain() {
        guard (try? requireOpen()) != nil else { return }
        tellOffenders()
        maintenance.withLock { maintenance in
            do throws(SeriesError) {
                if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
                if isSealDue { try seal(&maintenance) }
                try mergeSegments(isFull: false, &maintenance)
                try rollUp(&maintenance)
            } catch {
                logger.warn("maintenance could not be finished; it is tried again", ["error": .string("\(error)")])
            }
            removeLeftovers(&maintenance)
            // A segment may be what keeps a leftover from coming back, so it stays until that is gone.
            if maintenance.leftovers.isEmpty { dropSegments(&maintenance) }
            deleteLogFiles()
        }
    }

    /// Seals everything in memory, whatever its age, and merges what may lie in one file.
    ///
    /// - Throws: ``SeriesError`` `storageUnavailable` when a segment cannot be written; its samples stay in the log.
    public func sealAll() throws(SeriesError) {
        try requireOpen()
        try maintenance.withLock { maintenance throws(SeriesError) in
            if isFailing.load(ordering: .relaxed) { try recoverIfDue() }
            // Twice, for what was frozen before and for what came since.
            for _ in 0..<2 { try seal(&maintenance) }
            try mergeSegments(isFull: true, &maintenance)
            deleteLogFiles()
        }
    }

    private var isSealDue: Bool {
        let now = clock.millisecondsSinceEpoch
        return head.withLock { head in
            head.frozen != nil || head.columns.count >= configuration.headSamplesMax
                || (head.columns.count > 0 && now - head.columns.minTime >= configuration.segmentDuration.milliseconds)
        }
    }

    /// Deletes the segments that are too old, then the oldest until the rest fits.
    private func dropSegments(_ maintenance: inout Maintenance) {
        let now = clock.millisecondsSinceEpoch
        let sealed = head.withLock { $0.segments.reduce(0) { max($0, $1.logSequence) } }
        let (logBytes, needsSealed) = writer.withLock { ($0.byteCount, $0.hasFiles(before: sealed)) }
        var (expired, evicted): ([Segment], [Segment]) = ([], [])
        var bytes = 0
        head.withLock { head in
            let rolledTo = rolledTo(head)
            let oldest = timeline.oldest(now, configuration.retention)
            expired = head.segments.filter { $0.maxTime < oldest && $0.maxTime <= rolledTo }
            for tier in configuration.rollups {
                let oldest = timeline.oldest(now, tier.retention)
                expired += head.rollups.filter { $0.stepSeconds == tier.stepSeconds && $0.footer.to < oldest }
            }
            expired += head.rollups.filter { segment in
                !configuration.rollups.contains { $0.stepSeconds == segment.stepSeconds }
            }
            // The segment that makes log files superfluous stays until they are gone.
            expired.removeAll { needsSealed && $0.logSequence == sealed }
            let gone = Set(expired.map(\.number))
            head.segments.removeAll { gone.contains($0.number) }
            head.rollups.removeAll { gone.contains($0.number) }
            let all = head.segments + head.rollups
            bytes = all.reduce(logBytes) { $0 + $1.byteCount }
            let candidates = all.filter { !needsSealed || $0.logSequence != sealed }
            for segment in candidates.sorted(by: { $0.maxTime < $1.maxTime }) where bytes > configuration.bytesMax {
                bytes -= segment.byteCount
                evicted.append(segment)
            }
            let dropped = Set(evicted.map(\.number))
            head.segments.removeAll { dropped.contains($0.number) }
            head.rollups.removeAll { dropped.contains($0.number) }
        }
        maintenance.expired += expired.count
        maintenance.evicted += evicted.count
        maintenance.samplesDeleted += (expired + evicted).reduce(0) { $0 + $1.sampleCount }
        remove(expired + evicted, &maintenance)
        tellSize(bytes, evicted, &maintenance)
    }

    /// Warns once when nine tenths of the allowed bytes are taken, and whenever something had to go.
    private func tellSize(_ bytes: Int, _ evicted: [Segment], _ maintenance: inout Maintenance) {
        let isNear = bytes > configuration.bytesMax / 10 * 9
        if isNear, !maintenance.warnedOfSize {
            logger.warn(
                "storage is nearly full; the oldest segments go when it is, so raise bytesMax to keep them",
                ["bytes": .integer(Int64(bytes)), "bytesMax": .integer(Int64(configuration.bytesMax))]
            )
        }
        maintenance.warnedOfSize = isNear
        guard !evicted.isEmpty else { return }
        logger.warn(
            "the oldest segments were dropped to stay under bytesMax",
            ["segments": .integer(Int64(evicted.count)), "bytesMax": .integer(Int64(configuration.bytesMax))]
        )
    }

    /// Names who met limits since the last time.
    private func tellOffenders() {
        let met = head.withLock { $0.offenders.isEmpty ? [:] : $0.offenders.take() }
        for (limit, entry) in met.sorted(by: { $0.key < $1.key }) {
            logger.warn(
                "a limit was met and new series were refused; raise it or drop labels at the source",
                [
                    "limit": .string(limit), "times": .integer(Int64(entry.count)),
                    "by": .string(entry.names.joined(separator: ", ")),
                ]
            )
        }
    }
}
