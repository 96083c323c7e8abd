import MartletConfiguration
import MartletCore
import MartletHTTPClient
import MartletScrape
import MartletSeries
import MartletTestKit
import Synchronization
import Testing

/// A store that remembers every batch.
final class RecordingSink: SampleSink {
    private struct State {
        var batches: [[IncomingSample]] = []
        var error: SeriesError?
        var rejections: [AppendResult.Rejection] = []
    }

    private let state = Mutex(State())

    func append(_ batch: [IncomingSample]) throws(SeriesError) -> AppendResult {
        let (error, rejections) = state.withLock { state in
            if state.error == nil { state.batches.append(batch) }
            return (state.error, state.rejections)
        }
        if let error { throw error }
        return AppendResult(appended: batch.count - rejections.count, rejections: rejections)
    }

    func fail(with error: SeriesError?) { state.withLock { $0.error = error } }

    func reject(_ rejections: [AppendResult.Rejection]) { state.withLock { $0.rejections = rejections } }

    var batches: [[IncomingSample]] { state.withLock(\.batches) }

    /// A batch as lines `series value @time`, without the reports of the scrape unless asked for.
    static func lines(_ batch: [IncomingSample], reports: Bool = false) -> [String] {
        batch.filter { reports || !isReport($0) }.map { sample in
            let value = StaleMarker.isStale(sample.value) ? "stale" : FloatText.shortest(sample.value)
            return "\(sample.labels) \(value) @\(sample.timestamp)"
        }
    }

    static func isReport(_ sample: IncomingSample) -> Bool {
        let name = sample.labels.metricName ?? ""
        return name == "up" || name.hasPrefix("scrape_")
    }

    /// The value of a report in a batch.
    static func report(_ name: String, in batch: [IncomingSample]) -> Double? {
        batch.last { $0.labels.metricName == name }?.value
    }
}

/// A client whose answers a test writes.
final class ScriptedClient: HTTPSending {
    typealias Answer = @Sendable (OutgoingRequest) async throws(HTTPClientError) -> IncomingResponse

    private let answer: Mutex<Answer>
    private let seen = Mutex<[OutgoingRequest]>([])

    init(_ answer: @escaping Answer) { self.answer = Mutex(answer) }

    convenience init(text: String) { self.init { _ in .text(text) } }

    func send(_ request: OutgoingRequest) async throws(HTTPClientError) -> IncomingResponse {
        seen.withLock { $0.append(request) }
        return try await answer.withLock { $0 }(request)
    }

    func answer(_ answer: @escaping Answer) { self.answer.withLock { $0 = answer } }

    func answer(text: String) { answer { _ in .text(text) } }

    var requests: [OutgoingRequest] { seen.withLock { $0 } }
}

extension IncomingResponse {
    static func text(_ text: String, contentType: String = "text/plain; version=0.0.4") -> IncomingResponse {
        IncomingResponse(status: 200, headers: [("content-type", contentType)], body: Array(text.utf8))
    }
}

/// A timer and a clock that a test moves together; sleepers wake when their time has come.
final class ManualTimer: ScrapeTimer {
    private struct Sleeper {
        var due: Int64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Int64 = 0
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
    }

    let clock: ManualClock
    private let state = Mutex(State())

    init(clock: ManualClock) { self.clock = clock }

    var nanoseconds: Int64 { state.withLock(\.now) }

    /// When the sleepers wake, sorted.
    var dueTimes: [Int64] { state.withLock { $0.sleepers.values.map(\.due).sorted() } }

    func sleep(untilNanoseconds due: Int64) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if state.now >= due { return .success(()) }
                    state.sleepers[id] = Sleeper(due: due, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    func advance(milliseconds: Int64) {
        clock.advance(by: .milliseconds(milliseconds))
        let woken = state.withLock { state in
            state.now += milliseconds * 1_000_000
            let woken = state.sleepers.filter { $0.value.due <= state.now }
            for id in woken.keys { state.sleepers[id] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }
}

/// Waits until something holds, at most 20 seconds.
func eventually(
    _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () -> Bool
) async {
    let end = ContinuousClock.now + .seconds(20)
    while !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("timed out waiting for: \(what)", sourceLocation: sourceLocation)
            return
        }
        try? await Task.sleep(for: .milliseconds(2))
    }
}
