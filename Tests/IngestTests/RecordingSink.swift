import MartletCore
import MartletSeries
import Synchronization

/// Remembers what it is given, and refuses or fails as a test says.
final class RecordingSink: SampleColumnSink, ExemplarSink, MetadataSink {
    private struct State {
        var samples: [IncomingSample] = []
        var exemplars: [SeriesExemplars] = []
        var metadata: [String: MetricMetadata] = [:]
        var refusals: [Int: AppendResult.Reason] = [:]
        var failure: SeriesError?
    }

    private let state = Mutex(State())

    var samples: [IncomingSample] { state.withLock { $0.samples } }
    var exemplars: [SeriesExemplars] { state.withLock { $0.exemplars } }
    var metadata: [String: MetricMetadata] { state.withLock { $0.metadata } }

    /// Which samples of each batch are refused, by their place.
    var refusals: [Int: AppendResult.Reason] {
        get { state.withLock { $0.refusals } }
        set { state.withLock { $0.refusals = newValue } }
    }

    /// What every write fails with.
    var failure: SeriesError? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }

    func append(
        _ batch: borrowing SampleBatch,
        labels: Span<UInt8>,
        session: inout WriteSession
    ) throws(SeriesError) -> AppendResult {
        let refusals = refusals
        if let failure { throw failure }
        var result = AppendResult(appended: 0)
        for entry in batch.entries.indices {
            let set = batch.labels(of: entry, in: labels)
            for index in batch.firstSample(of: entry)..<Int(batch.entries[entry].sampleEnd) {
                if let reason = set == nil ? .invalidLabels : refusals[index] {
                    result.rejections.append(.init(index: index, reason: reason))
                    continue
                }
                result.appended += 1
                let sample = IncomingSample(
                    labels: set ?? .empty,
                    timestamp: batch.timestamps[index],
                    value: batch.values[index],
                    histogram: batch.histograms[index]
                )
                state.withLock { $0.samples.append(sample) }
            }
        }
        return result
    }

    func append(exemplars series: [SeriesExemplars]) -> Int {
        state.withLock { $0.exemplars += series }
        return series.reduce(0) { $0 + $1.exemplars.count }
    }

    func note(metadata: [String: MetricMetadata]) {
        state.withLock { $0.metadata.merge(metadata) { $1 } }
    }
}
