import MartletConfiguration
import MartletCore
import MartletExposition
import MartletLogging
import MartletSeries

/// The scrapes of one target: each fetches, reads, writes and notes how it went.
struct ScrapeRun {
    private let source: any ExpositionSource
    private let record: TargetRecord
    private let environment: ScrapeEnvironment
    private let reports: ReportSeries
    private var intake: ExpositionIntake
    private var isReportLive: Bool

    init(
        _ record: TargetRecord,
        configuration: ScrapeConfiguration,
        source: any ExpositionSource,
        environment: ScrapeEnvironment,
        inheriting inherited: Set<LabelSet> = []
    ) {
        self.record = record
        self.source = source
        self.environment = environment
        reports = ReportSeries(target: record.target.labels)
        isReportLive = inherited.contains(reports.all[0])
        intake = ExpositionIntake(
            targetLabels: record.target.labels,
            configuration: configuration,
            extras: environment.extras,
            inheriting: inherited.subtracting(reports.all)
        )
    }

    /// Scrapes once; the samples get `timestamp`.
    mutating func scrape(at timestamp: Int64) async {
        let start = environment.timer.nanoseconds
        var reading = ExpositionIntake.Reading()
        do {
            reading = try await fetchAndRead(at: timestamp)
        } catch {
            guard case .failed(let failure) = error else { return }
            reading.failure = failure
        }
        let seconds = Double(environment.timer.nanoseconds - start) / 1e9
        let failure = write(&reading, seconds: seconds, at: timestamp)
        record.note(startedAt: timestamp, seconds: seconds, samples: reading.scraped, failure: failure)
        if failure == nil { record.replaceMetadata(intake.metadata) }
        tell(failure)
    }

    /// Gives all series that have not ended, and takes them as ended.
    mutating func handOver() -> [LabelSet] {
        intake.endAll() + (isReportLive ? reports.all : [])
    }

    /// Writes stale markers for everything the target has, because it is gone.
    mutating func end(at timestamp: Int64) {
        let ended = handOver()
        guard !ended.isEmpty else { return }
        _ = append(markers(ended, at: timestamp), staleMarkers: ended.count)
    }

    private mutating func fetchAndRead(at timestamp: Int64) async throws(SourceError) -> ExpositionIntake.Reading {
        if let failure = record.forcedFailure { throw .failed(failure) }
        let exposition = try await source.fetch()
        return intake.read(exposition.bytes, format: exposition.format, at: timestamp)
    }

    /// Writes what was read, the series that ended and the reports, in one batch; gives why the scrape failed.
    private mutating func write(
        _ reading: inout ExpositionIntake.Reading,
        seconds: Double,
        at timestamp: Int64
    ) -> ScrapeFailure? {
        let isGood = reading.failure == nil
        let kept = reading.samples.count
        if !isGood { (reading.zeros, reading.samples) = ([], []) }
        let before = intake
        let ended = isGood ? intake.commit() : intake.rollBack()
        var batch = reading.zeros + reading.samples
        (reading.zeros, reading.samples) = ([], [])
        batch += markers(ended, at: timestamp)
        let values = [
            isGood ? 1 : 0, seconds, Double(reading.scraped), Double(kept), Double(reading.added),
        ]
        batch += zip(reports.all, values).map { IncomingSample(labels: $0, timestamp: timestamp, value: $1) }
        if let failure = append(batch, staleMarkers: ended.count) {
            // Nothing was taken, so the series stand where they stood.
            intake = before
            intake.forget()
            return failure
        }
        isReportLive = true
        environment.counters.update { $0.samplesDropped += reading.dropped }
        return reading.failure
    }

    private func append(_ batch: [IncomingSample], staleMarkers: Int) -> ScrapeFailure? {
        do {
            environment.counters.count(try environment.sink.append(batch))
            environment.counters.update { $0.staleMarkers += staleMarkers }
            return nil
        } catch {
            environment.counters.update { $0.storageErrors += 1 }
            return ScrapeFailure(.storage, "cannot store \(batch.count) samples: \(error.description)")
        }
    }

    private func markers(_ series: [LabelSet], at timestamp: Int64) -> [IncomingSample] {
        series.map { IncomingSample(labels: $0, timestamp: timestamp, value: StaleMarker.value) }
    }

    private func tell(_ failure: ScrapeFailure?) {
        environment.counters.update { statistics in
            if let failure {
                statistics.failed[failure.reason, default: 0] += 1
            } else {
                statistics.succeeded += 1
            }
        }
        if let failure {
            environment.logger.debug(
                "scrape failed: \(failure)",
                ["job": .string(record.status.job), "target": .string(record.target.url)]
            )
        }
    }
}
