import MartletCore
import Synchronization

/// What a loop shows of its target to those who ask.
final class TargetRecord: Sendable {
    private struct State {
        var status: TargetStatus
        var metadata: [String: MetricMetadata] = [:]
        var forcedFailure: ScrapeFailure?
    }

    let target: ScrapeTarget
    private let state: Mutex<State>

    init(_ target: ScrapeTarget, job: String) {
        self.target = target
        state = Mutex(
            State(
                status: TargetStatus(
                    job: job,
                    labels: target.labels,
                    discoveredLabels: target.discoveredLabels,
                    scrapeURL: target.url,
                    interval: target.interval,
                    timeout: target.timeout
                )
            )
        )
    }

    var status: TargetStatus { state.withLock(\.status) }

    var metadata: [TargetMetadata] {
        let families = state.withLock(\.metadata)
        return families.sorted { $0.key < $1.key }
            .map { TargetMetadata(target: target.labels, metric: $0.key, metadata: $0.value) }
    }

    /// A failure that every scrape has at once, such as too many targets in the job.
    var forcedFailure: ScrapeFailure? {
        get { state.withLock(\.forcedFailure) }
        set { state.withLock { $0.forcedFailure = newValue } }
    }

    /// Notes how a scrape went.
    func note(startedAt milliseconds: Int64, seconds: Double, samples: Int, failure: ScrapeFailure?) {
        state.withLock { state in
            state.status.health = failure == nil ? .up : .down
            state.status.lastError = failure?.description ?? ""
            state.status.lastScrape = milliseconds
            state.status.lastScrapeDuration = seconds
            state.status.lastSamples = samples
        }
    }

    /// Takes other discovered labels of the same target.
    func rediscover(_ labels: LabelSet) {
        state.withLock { $0.status.discoveredLabels = labels }
    }

    func replaceMetadata(_ metadata: [String: MetricMetadata]) {
        state.withLock { $0.metadata = metadata }
    }
}
