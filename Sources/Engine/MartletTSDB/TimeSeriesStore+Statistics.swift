import Synchronization

extension TimeSeriesStore {
    /// What the store holds and what it went through.
    ///
    /// - Complexity: O(*n*) in the number of series; for a page or a scrape, not for every sample.
    public var statistics: StoreStatistics {
        var statistics = StoreStatistics()
        maintenance.withLock {
            (statistics.segmentsExpired, statistics.segmentsEvicted) = ($0.expired, $0.evicted)
        }
        writer.withLock { writer in
            (statistics.logFiles, statistics.logBytes) = (writer.fileCount, writer.byteCount)
            (statistics.logFailures, statistics.failure) = (writer.failures, writer.failure)
        }
        head.withLock { head in
            (statistics.series, statistics.headSamples) = (head.liveCount, head.sampleCount)
            (statistics.appended, statistics.rejected) = (head.appended, head.rejected)
            statistics.headBytes = head.series.reduce(0) { $0 + $1.byteCount }
            statistics.segments = head.segments.count
            statistics.segmentSamples = head.segments.reduce(0) { $0 + $1.sampleCount }
            statistics.segmentBytes = head.segments.reduce(0) { $0 + $1.byteCount }
            statistics.damagedBlocks = head.segments.reduce(opened.damagedSegments) { $0 + $1.damagedReads }
            let oldest = head.segments.reduce(head.minTime) { min($0, $1.minTime) }
            let newest = head.segments.reduce(head.maxTime) { max($0, $1.maxTime) }
            statistics.oldestTime = oldest <= newest ? oldest : nil
            statistics.newestTime = oldest <= newest ? newest : nil
        }
        (statistics.replaySeconds, statistics.replayedSamples) = (opened.replaySeconds, opened.replayedSamples)
        statistics.damagedRecords = opened.damagedRecords
        return statistics
    }
}

extension HeadSeries {
    /// The bytes of the compressed columns, without what describes them.
    var byteCount: Int {
        chunks.reduce(open.bytes.count + 16 * late.count) { $0 + $1.bytes.count }
    }
}
