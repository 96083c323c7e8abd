public import MartletCore
import Synchronization

/// Chooses among whole traces, when they are over: keeps the slow, the failed and the odd, and some of the others.
///
/// Every span is recorded and held back until the first span of its trace in this process has ended and a while has
/// passed; then the trace is kept where any policy says so. Traces that never end are decided after a longest time.
/// There are only so many traces and spans: where there are too many, the oldest trace is decided at once. Spans that
/// come after the decision go the way of their trace, for as long as it is remembered.
public final class TailSampler: SpanProcessor {
    /// Why a trace is kept.
    public enum Policy: Sendable {
        /// It took as long or longer, from the first start to the last end.
        case latency(atLeast: Duration)
        /// A span of it failed.
        case error
        /// A span of it has an attribute with one of the values as text; with any value where there are none.
        case attribute(String, values: [String] = [])
        /// As many traces a second as said, of those that no other policy before it keeps.
        case rate(perSecond: Double)
        /// A share of the traces, told by the trace id.
        case ratio(Double)
    }

    /// How long traces are held back, and how many.
    public struct Settings: Sendable {
        /// How long a trace may go on after its first span ended.
        public var grace: Duration
        /// How long a trace is waited for at most.
        public var waitMax: Duration
        /// How many traces are held back at most.
        public var tracesMax: Int
        /// How many spans are held back at most, over all traces.
        public var spansMax: Int
        /// How many decisions are remembered for late spans.
        public var decisionsMax: Int

        /// Creates settings.
        public init(
            grace: Duration = .milliseconds(500),
            waitMax: Duration = .seconds(30),
            tracesMax: Int = 50_000,
            spansMax: Int = 500_000,
            decisionsMax: Int = 50_000
        ) {
            self.grace = grace
            self.waitMax = waitMax
            self.tracesMax = max(1, tracesMax)
            self.spansMax = max(1, spansMax)
            self.decisionsMax = max(1, decisionsMax)
        }
    }

    private struct Trace {
        var spans: [(source: SpanSource, span: FinishedSpan)] = []
        var began: Int64
        var rootEnded: Int64?
    }

    private struct State {
        var traces: [TraceID: Trace] = [:]
        var order: [TraceID] = []
        var first = 0
        var spanCount = 0
        var decisions: [TraceID: Bool] = [:]
        var decided: [TraceID] = []
        var firstDecided = 0
        var statistics = Statistics()
    }

    /// What became of the traces.
    public struct Statistics: Hashable, Sendable {
        /// How many were kept.
        public var kept: UInt64 = 0
        /// How many were dropped.
        public var dropped: UInt64 = 0
        /// How many were decided before their time because there were too many.
        public var early: UInt64 = 0
        /// How many spans came after the decision.
        public var lateSpans: UInt64 = 0
    }

    private let policies: [Policy]
    private let buckets: [Int: TokenBucket]
    private let next: any SpanProcessor
    private let settings: Settings
    private let timer: any MonotonicTimer
    private let state = Mutex(State())

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - policies: Why a trace is kept; one that any of them keeps is.
    ///   - next: Who gets the spans of the traces that are kept.
    ///   - settings: How long traces are held back, and how many.
    ///   - timer: Where time comes from.
    public init(
        _ policies: [Policy],
        next: any SpanProcessor,
        settings: Settings = Settings(),
        timer: any MonotonicTimer = SystemTimer()
    ) {
        self.policies = policies
        self.next = next
        self.settings = settings
        self.timer = timer
        var buckets: [Int: TokenBucket] = [:]
        for (place, policy) in policies.enumerated() {
            if case .rate(let perSecond) = policy { buckets[place] = TokenBucket(perSecond: perSecond, timer: timer) }
        }
        self.buckets = buckets
    }

    /// What became of the traces.
    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// Holds spans back.
    public func process(_ spans: [FinishedSpan], from source: SpanSource) {
        let now = timer.nanoseconds
        let kept = state.withLock { state in
            var kept = Kept()
            for span in spans {
                if let decision = state.decisions[span.traceID] {
                    state.statistics.lateSpans += 1
                    if decision { kept.spans.append((source, span)) }
                    continue
                }
                if state.traces[span.traceID] == nil {
                    state.traces[span.traceID] = Trace(began: now)
                    state.order.append(span.traceID)
                }
                state.traces[span.traceID]?.spans.append((source, span))
                if !span.parentID.isValid || span.flags & 0x200 != 0 { state.traces[span.traceID]?.rootEnded = now }
                state.spanCount += 1
                while state.traces.count > settings.tracesMax || state.spanCount > settings.spansMax {
                    guard decideOldest(&state, &kept) else { break }
                }
            }
            return kept
        }
        handOn(kept)
    }

    /// Decides the traces whose time has come.
    public func tick() {
        let now = timer.nanoseconds
        let kept = state.withLock { state in
            var kept = Kept()
            for place in state.first..<state.order.count {
                let id = state.order[place]
                guard let trace = state.traces[id] else { continue }
                let isOver = trace.rootEnded.map { now - $0 >= settings.grace.wholeNanoseconds } ?? false
                guard isOver || now - trace.began >= settings.waitMax.wholeNanoseconds else { continue }
                decide(id, &state, &kept)
            }
            tidy(&state)
            return kept
        }
        handOn(kept)
        next.tick()
    }

    /// Decides all traces at once and flushes what comes after.
    public func flush(within limit: Duration) async -> Bool {
        decideAll()
        return await next.flush(within: limit)
    }

    /// Decides all traces at once and shuts down what comes after.
    public func shutdown(within limit: Duration) async -> Bool {
        decideAll()
        return await next.shutdown(within: limit)
    }

    // MARK: Decisions

    private struct Kept {
        var spans: [(source: SpanSource, span: FinishedSpan)] = []
    }

    private func decideAll() {
        let kept = state.withLock { state in
            var kept = Kept()
            for place in state.first..<state.order.count { decide(state.order[place], &state, &kept) }
            tidy(&state)
            return kept
        }
        handOn(kept)
    }

    private func decideOldest(_ state: inout State, _ kept: inout Kept) -> Bool {
        while state.first < state.order.count {
            let id = state.order[state.first]
            state.first += 1
            guard state.traces[id] != nil else { continue }
            state.statistics.early += 1
            decide(id, &state, &kept)
            return true
        }
        return false
    }

    private func decide(_ id: TraceID, _ state: inout State, _ kept: inout Kept) {
        guard let trace = state.traces.removeValue(forKey: id) else { return }
        state.spanCount -= trace.spans.count
        let isKept = isWanted(id, trace)
        if isKept {
            state.statistics.kept += 1
            kept.spans += trace.spans
        } else {
            state.statistics.dropped += 1
        }
        state.decisions[id] = isKept
        state.decided.append(id)
        if state.decisions.count > settings.decisionsMax {
            state.decisions[state.decided[state.firstDecided]] = nil
            state.firstDecided += 1
        }
    }

    /// Forgets the places of what was decided; each only once in a while, so that it costs little.
    private func tidy(_ state: inout State) {
        while state.first < state.order.count, state.traces[state.order[state.first]] == nil { state.first += 1 }
        if state.first > 1024, 2 * state.first > state.order.count {
            state.order.removeFirst(state.first)
            state.first = 0
        }
        if state.firstDecided > 1024, 2 * state.firstDecided > state.decided.count {
            state.decided.removeFirst(state.firstDecided)
            state.firstDecided = 0
        }
    }

    private func isWanted(_ id: TraceID, _ trace: Trace) -> Bool {
        for (place, policy) in policies.enumerated() {
            switch policy {
            case .latency(let least):
                let start = trace.spans.map(\.span.start).min() ?? 0
                let end = trace.spans.map(\.span.end).max() ?? 0
                if end >= start, end - start >= UInt64(max(0, least.wholeNanoseconds)) { return true }
            case .error: if trace.spans.contains(where: { $0.span.status.code == .error }) { return true }
            case .attribute(let key, let values):
                let hasIt = trace.spans.contains { _, span in
                    guard let value = span[key] else { return false }
                    return values.isEmpty || values.contains(value.text)
                }
                if hasIt { return true }
            case .rate: if buckets[place]?.take() == true { return true }
            case .ratio(let share): if id.low & (1 << 56 - 1) >= Sampler.threshold(share) { return true }
            }
        }
        return false
    }

    private func handOn(_ kept: Kept) {
        var place = 0
        while place < kept.spans.count {
            let source = kept.spans[place].source
            var spans: [FinishedSpan] = []
            while place < kept.spans.count, kept.spans[place].source == source {
                spans.append(kept.spans[place].span)
                place += 1
            }
            next.process(spans, from: source)
        }
    }
}
