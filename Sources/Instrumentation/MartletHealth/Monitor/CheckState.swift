import MartletCore

/// What a monitor keeps of one check: results in, record and events out.
struct CheckState {
    let check: any HealthCheck
    let statusThreshold: Int
    let resultsMax: Int
    var record: HealthRecord
    /// The last runs, oldest first.
    var runs: [HealthRun] = []
    /// The run that goes on now, for others to join.
    var current: Task<Void, Never>?
    /// Since when a run that was given up has not come back.
    var hangingSince: Int64?
    var loop: Task<Void, Never>?

    init(_ check: any HealthCheck, _ configuration: HealthMonitor.Configuration) {
        self.check = check
        statusThreshold = max(1, check.statusThreshold ?? configuration.statusThreshold)
        resultsMax = configuration.resultsMax
        record = HealthRecord(
            name: check.name,
            isCritical: check.isCritical,
            kind: check.kind,
            component: check.component,
            alertThreshold: max(1, configuration.alertThreshold)
        )
    }

    /// Takes a result in.
    mutating func take(_ result: HealthResult, isTimeout: Bool, took: Duration, at time: Int64) -> [HealthEvent] {
        let before = record.status
        record.failureCount = result.isHealthy ? 0 : record.failureCount + 1
        record.status = status(after: result)
        record.message = result.message
        record.details = result.details
        record.responseTime = result.responseTime ?? took
        record.lastCheck = time
        record.runCount += 1
        if !result.isHealthy { record.totalFailures += 1 }
        if isTimeout { record.timeoutCount += 1 }
        if before != record.status || record.since == nil { record.since = time }
        let run = HealthRun(
            time: time,
            status: record.status,
            isHealthy: result.isHealthy,
            isTimeout: isTimeout,
            message: result.message,
            duration: took
        )
        if runs.count >= resultsMax { runs.removeFirst(runs.count - resultsMax + 1) }
        runs.append(run)
        return events(run, before: before)
    }

    private func events(_ run: HealthRun, before: HealthStatus) -> [HealthEvent] {
        var events: [HealthEvent] = [.checked(record, run)]
        if before != record.status {
            let transition = HealthTransition(
                check: record.name,
                time: run.time,
                from: before,
                to: record.status,
                message: record.message
            )
            events.append(.changed(transition))
        }
        // Only at the threshold itself: people are told once for each stretch of failures.
        if record.isCritical, record.failureCount == record.alertThreshold { events.append(.thresholdExceeded(record)) }
        return events
    }

    private func status(after result: HealthResult) -> HealthStatus {
        let isOften = record.failureCount >= record.alertThreshold
        if result.isHealthy || record.failureCount < statusThreshold { return .healthy }
        return switch result.verdict {
        case .passed: .healthy
        case .state(let status): status
        case .failed where record.isCritical: isOften ? .critical : .unhealthy
        case .failed: isOften ? .unhealthy : .degraded
        }
    }
}
