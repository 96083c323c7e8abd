import MartletFiles
import Synchronization

extension TimeSeriesStore {
    /// What the store holds and what it went through.
    ///
    /// - Complexity: O(*n*) in the number of series; for a page or a scrape, not for every sample.
    public var statistics: StoreStatistics {
        var statistics = StoreStatistics()
        // While somebody seals or merges, its numbers of before are told.
        _ = maintenance.withLockIfAvailable {
            (statistics.segmentsExpired, statistics.segmentsEvicted) = ($0.expired, $0.evicted)
            (statistics.seals, statistics.merges, statistics.samplesDropped) = ($0.seals, $0.merges, $0.samplesDeleted)
        }
        writer.withLock { writer in
            (statistics.logFiles, statistics.logBytes) = (writer.fileCount, writer.byteCount)
            (statistics.logFailures, statistics.failure) = (writer.failures, writer.failure)
        }
        head.withLock { head in
            (statistics.series, statistics.headSamples) = (head.liveCount, head.sampleCount)
            (statistics.appended, statistics.rejected) = (head.appended, head.rejected)
            statistics.headBytes = head.byteCount
            statistics.segments = head.segments.count
            statistics.segmentSamples = head.segments.reduce(0) { $0 + $1.sampleCount }
            statistics.segmentBytes = head.segments.reduce(0) { $0 + $1.byteCount }
            for segment in head.rollups {
                statistics.rollupSegments += 1
                statistics.rollupBytes[segment.stepSeconds, default: 0] += segment.byteCount
                statistics.rollupPoints[segment.stepSeconds, default: 0] += segment.sampleCount
            }
            let all = head.segments + head.rollups
            statistics.damagedBlocks = all.reduce(opened.damagedSegments) { $0 + $1.damagedReads }
            var (oldest, newest) = (
                min(head.columns.minTime, head.frozen?.columns.minTime ?? .max), head.columns.maxTime
            )
            newest = max(newest, head.frozen?.columns.maxTime ?? .min)
            oldest = head.segments.reduce(oldest) { min($0, $1.minTime) }
            newest = head.segments.reduce(newest) { max($0, $1.maxTime) }
            statistics.oldestTime = oldest <= newest ? oldest : nil
            statistics.newestTime = oldest <= newest ? newest : nil
        }
        (statistics.replaySeconds, statistics.replayedSamples) = (opened.replaySeconds, opened.replayedSamples)
        statistics.damagedRecords = opened.damagedRecords
        statistics.exemplars = exemplarRing.withLock { $0.count }
        metadataTable.withLock { table in
            (statistics.metadata, statistics.metadataDropped) = (table.count, table.dropped)
        }
        statistics.isClockDoubtful = timeline.isDoubtful
        return statistics
    }
}
