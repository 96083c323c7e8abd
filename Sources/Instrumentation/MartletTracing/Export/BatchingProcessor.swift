public import MartletCore
import Synchronization

/// Keeps finished spans until there are enough of them, or they have waited long enough, and sends them together.
///
/// The queue is bounded: what does not fit is dropped and counted. The exporter is called by one task at a time and is
/// cancelled when it takes too long.
public final class BatchingProcessor: SpanProcessor {
    /// How many spans are kept, how long, and how many go together.
    public struct Settings: Hashable, Sendable {
        /// How many spans are kept at most.
        public var queueMax: Int
        /// How long a span waits at most.
        public var delay: Duration
        /// How many spans are sent together at most.
        public var batchMax: Int
        /// How long sending a batch may take.
        public var timeout: Duration

        /// Creates settings; the values are those of OpenTelemetry.
        public init(
            queueMax: Int = 2048,
            delay: Duration = .seconds(5),
            batchMax: Int = 512,
            timeout: Duration = .seconds(30)
        ) {
            self.queueMax = max(1, queueMax)
            self.delay = max(.zero, delay)
            self.batchMax = max(1, min(batchMax, queueMax))
            self.timeout = max(.milliseconds(1), timeout)
        }
    }

    private struct State {
        var queue: [(source: SpanSource, span: FinishedSpan)] = []
        var oldest: ContinuousClock.Instant?
        var isSending = false
        var isShutDown = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var statistics = ExportStatistics()
    }

    private let exporter: any SpanExporter
    private let settings: Settings
    private let state = Mutex(State())

    /// Creates a processor.
    ///
    /// - Parameters:
    ///   - exporter: Who sends the spans.
    ///   - settings: How many spans are kept, how long, and how many go together.
    public init(_ exporter: any SpanExporter, settings: Settings = Settings()) {
        self.exporter = exporter
        self.settings = settings
    }

    /// What became of the spans.
    public var statistics: ExportStatistics {
        state.withLock {
            var statistics = $0.statistics
            statistics.queued = $0.queue.count
            return statistics
        }
    }

    /// Takes spans; those for which there is no room are dropped.
    public func process(_ spans: [FinishedSpan], from source: SpanSource) {
        let isDue = state.withLock { state in
            guard !state.isShutDown else {
                state.statistics.dropped += UInt64(spans.count)
                return false
            }
            let room = max(0, settings.queueMax - state.queue.count)
            for span in spans.prefix(room) { state.queue.append((source, span)) }
            state.statistics.dropped += UInt64(max(0, spans.count - room))
            if state.oldest == nil, !state.queue.isEmpty { state.oldest = .now }
            return state.queue.count >= settings.batchMax
        }
        if isDue { send() }
    }

    /// Sends what has waited long enough.
    public func tick() {
        let isDue = state.withLock { state in
            guard let oldest = state.oldest else { return false }
            return ContinuousClock.now - oldest >= settings.delay
        }
        if isDue { send() }
    }

    /// Sends everything, within a time.
    public func flush(within limit: Duration) async -> Bool {
        send()
        return await Deadline.run(within: limit) { await self.idle() }
    }

    /// Sends everything, within a time, and takes nothing more.
    public func shutdown(within limit: Duration) async -> Bool {
        state.withLock { $0.isShutDown = true }
        let end = ContinuousClock.now + limit
        let isDone = await flush(within: limit)
        if !isDone {
            state.withLock { state in
                state.statistics.dropped += UInt64(state.queue.count)
                state.queue.removeAll()
            }
        }
        let isClosed = await Deadline.run(within: max(.zero, end - .now)) { await self.exporter.shutdown() }
        return isDone && isClosed
    }

    /// Starts to send, unless that is under way.
    private func send() {
        let mustStart = state.withLock { state in
            guard !state.isSending, !state.queue.isEmpty else { return false }
            state.isSending = true
            return true
        }
        if mustStart { Task.detached(priority: .utility) { await self.sendAll() } }
    }

    /// Waits until nothing is queued and nothing is under way.
    private func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if !state.isSending { return true }
                state.waiting.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    private func sendAll() async {
        while let batch = nextBatch() {
            let count = batch.count
            let groups = BatchingProcessor.grouped(batch)
            let result = await Deadline.value(within: settings.timeout) { await self.exporter.export(groups) }
            state.withLock { state in
                switch result {
                case .success: state.statistics.exported += UInt64(count)
                case .partial(let rejected, let message):
                    state.statistics.exported += UInt64(max(0, count - rejected))
                    state.statistics.failed += UInt64(rejected)
                    state.statistics.lastFailure = message
                case .failure(let message):
                    state.statistics.failed += UInt64(count)
                    state.statistics.lastFailure = message
                case nil:
                    state.statistics.failed += UInt64(count)
                    state.statistics.lastFailure = "the exporter took over \(settings.timeout)"
                }
            }
        }
    }

    /// The next spans to send; where there are none, those that wait for that are told.
    private func nextBatch() -> [(source: SpanSource, span: FinishedSpan)]? {
        let (batch, waiting): ([(source: SpanSource, span: FinishedSpan)]?, [CheckedContinuation<Void, Never>]) =
            state.withLock { state in
                guard !state.queue.isEmpty else {
                    defer { state.waiting = [] }
                    state.isSending = false
                    state.oldest = nil
                    return (nil, state.waiting)
                }
                let batch = Array(state.queue.prefix(settings.batchMax))
                state.queue.removeFirst(batch.count)
                state.oldest = state.queue.isEmpty ? nil : .now
                return (batch, [])
            }
        for continuation in waiting { continuation.resume() }
        return batch
    }

    private static func grouped(_ batch: [(source: SpanSource, span: FinishedSpan)]) -> [ResourceSpans] {
        var resources: [ResourceSpans] = []
        for (source, span) in batch {
            let resource = resources.firstIndex { $0.resource == source.resource } ?? resources.count
            if resource == resources.count { resources.append(ResourceSpans(resource: source.resource)) }
            let scopes = resources[resource].scopeSpans.map(\.scope)
            let scope = scopes.firstIndex(of: source.scope) ?? scopes.count
            if scope == scopes.count { resources[resource].scopeSpans.append(ScopeSpans(scope: source.scope)) }
            resources[resource].scopeSpans[scope].spans.append(span)
        }
        return resources
    }
}
