import MartletCore
import MartletSeries

/// What of a body was not taken: how much, and the first of it in words.
struct Refusals {
    private(set) var count = 0
    private(set) var first: String?

    mutating func add(_ what: @autoclosure () -> String, count: Int = 1) {
        if first == nil { first = what() }
        self.count += count
    }

    /// Adds what the store refused of a batch.
    mutating func add(_ result: AppendResult, of batch: borrowing SampleBatch, labels: Span<UInt8>) {
        guard let rejection = result.rejections.first else { return }
        if first == nil {
            let entry = batch.entry(ofSample: rejection.index)
            let series = batch.labels(of: entry, in: labels).map(\.description) ?? "a series with malformed labels"
            first = "\(series) at \(batch.timestamps[rejection.index]): \(rejection.reason.explanation)"
        }
        count += result.rejections.count
    }
}

extension AppendResult.Reason {
    /// The reason in words, for the sender.
    var explanation: String {
        switch self {
        case .outOfOrder: "out of order sample"
        case .duplicate: "duplicate sample for timestamp"
        case .tooOld: "older than what is kept"
        case .tooFarInFuture: "too far in the future"
        case .seriesLimit: "the limit of series is reached"
        case .targetSeriesLimit: "the sender's limit of series is reached"
        case .metricSeriesLimit: "the metric's limit of series is reached"
        case .invalidLabels: "invalid labels"
        }
    }
}
