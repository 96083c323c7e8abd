import MartletSeries
import Synchronization

/// The statistics that all loops add to.
final class ScrapeCounters: Sendable {
    private let state = Mutex(ScrapeStatistics())

    var snapshot: ScrapeStatistics { state.withLock { $0 } }

    func update(_ change: (inout ScrapeStatistics) -> Void) {
        state.withLock { change(&$0) }
    }

    func count(_ result: AppendResult) {
        state.withLock { statistics in
            statistics.samplesAppended += result.appended
            for rejection in result.rejections { statistics.samplesRejected[rejection.reason, default: 0] += 1 }
        }
    }
}
