import MartletConfiguration
import MartletCore
import Synchronization

/// Scrapes one target again and again, one scrape at a time, until it is stopped.
final class ScrapeLoop: Sendable {
    let record: TargetRecord
    private let task: Task<[LabelSet], Never>
    private let end: End

    /// Starts.
    ///
    /// - Parameters:
    ///   - record: Where the loop shows how its target is doing.
    ///   - configuration: The job's settings.
    ///   - source: Gets the expositions.
    ///   - environment: What all loops share.
    ///   - predecessor: A loop of the same target, which is stopped before this one begins; its series go on here.
    init(
        _ record: TargetRecord,
        configuration: ScrapeConfiguration,
        source: any ExpositionSource,
        environment: ScrapeEnvironment,
        following predecessor: ScrapeLoop? = nil
    ) {
        self.record = record
        let end = End()
        self.end = end
        task = Task {
            let inherited = await predecessor?.stop(endsSeries: false) ?? []
            var run = ScrapeRun(
                record,
                configuration: configuration,
                source: source,
                environment: environment,
                inheriting: Set(inherited)
            )
            await Self.scrape(with: &run, record.target, environment)
            if end.isTargetGone.load(ordering: .acquiring) {
                run.end(at: environment.clock.millisecondsSinceEpoch)
            }
            return run.handOver()
        }
    }

    /// Stops a running scrape and the loop, and waits for its end.
    ///
    /// - Parameter endsSeries: Whether the target is gone, so that its series get stale markers.
    /// - Returns: The series that have not ended.
    @discardableResult
    func stop(endsSeries: Bool) async -> [LabelSet] {
        if endsSeries { end.isTargetGone.store(true, ordering: .releasing) }
        task.cancel()
        return await task.value
    }

    private static func scrape(
        with run: inout ScrapeRun,
        _ target: ScrapeTarget,
        _ environment: ScrapeEnvironment
    ) async {
        var schedule = ScrapeSchedule(
            intervalNanoseconds: max(1, target.interval.wholeMilliseconds) * 1_000_000,
            spread: target.spread,
            wallNanoseconds: environment.clock.nanosecondsSinceEpoch,
            timerNanoseconds: environment.timer.nanoseconds
        )
        while !Task.isCancelled {
            do {
                try await environment.timer.sleep(untilNanoseconds: schedule.dueNanoseconds)
            } catch {
                return
            }
            await run.scrape(at: schedule.timestamp(wallMilliseconds: environment.clock.millisecondsSinceEpoch))
            let missed = schedule.advance(nowNanoseconds: environment.timer.nanoseconds)
            if missed > 0 { environment.counters.update { $0.missedTicks += missed } }
        }
    }

    /// Told before the cancellation that makes the loop look at it, hence releasing and acquiring.
    private final class End: Sendable {
        let isTargetGone = Atomic(false)
    }
}
