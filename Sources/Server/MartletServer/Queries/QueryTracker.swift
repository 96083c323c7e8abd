import MartletCore
import MartletLogging
import MartletMetrics
import Synchronization

/// Knows the queries that run, counts those that ran, and remembers the costly ones.
///
/// At most ``Configuration/concurrency`` run at a time; as many again may wait, each on its own thread, and more are
/// refused at once.
final class QueryTracker: Sendable {
    /// What is allowed and what is told.
    struct Configuration: Sendable {
        /// How many queries run at a time.
        var concurrency = 20

        /// From how long on a query is logged.
        var slow = Duration.seconds(1)
    }

    /// One query.
    struct Query: Sendable {
        /// A number that tells it from all others of this run of the server.
        let id: UInt64
        /// The text.
        let text: String
        /// `instant`, `range` or `read`.
        let kind: String
        /// When it came, in milliseconds since the epoch.
        let startedAt: Int64
        /// Who asked.
        let client: String
        /// The first and the last time it asks about, and the time between two steps, in milliseconds.
        var range: ClosedRange<Int64>
        var step: Int64
    }

    /// The queries of one text, taken together.
    struct Summary: Sendable {
        var text: String
        var count = 0
        var failures = 0
        var seconds = 0.0
        var secondsMax = 0.0
        var samplesRead = 0
        var lastAt: Int64 = 0
    }

    /// Why a query did not run.
    enum Refusal: Error {
        case tooMany(Int)
        case cancelled
        case timeout
    }

    /// How many texts are remembered; the one that took the least time makes room.
    static let textsMax = 500

    /// How much of a text is shown.
    private static let textBytesMax = 4096

    private struct State {
        var nextID: UInt64 = 1
        var running: [UInt64: Query] = [:]
        var waiting = 0
        var summaries: [String: Summary] = [:]
        var logged: UInt64 = 0
    }

    let configuration: Configuration
    private let state = Mutex(State())
    private let trim = HeapTrim()
    private let clock: any WallClock
    private let log: Logger
    private let durations: Histogram.Family
    private let samples: Counter
    private let refused: Counter
    private let slow: Counter

    init(_ configuration: Configuration, registry: MetricRegistry, clock: any WallClock, log: Logger) {
        self.configuration = configuration
        self.clock = clock
        self.log = log
        durations = Histogram.Family(
            "martlet_query_duration_seconds",
            help: "Time to evaluate a query.",
            unit: "seconds",
            labels: "kind",
            "result",
            buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
            registry: registry
        )
        samples = Counter(
            "prometheus_engine_query_samples_total",
            help: "Samples loaded by queries.",
            registry: registry
        )
        refused = Counter("martlet_queries_refused_total", help: "Queries beyond the concurrency.", registry: registry)
        slow = Counter("martlet_slow_queries_total", help: "Queries that took long.", registry: registry)
        registry.declare(samples, refused, slow)
    }

    /// Runs a query when there is room for it, waiting for its turn no longer than its time limit.
    ///
    /// The body does the work, and says how many samples it read. A ``Refusal`` tells that it never ran.
    func run<Value>(
        _ text: String,
        kind: String,
        client: String,
        range: ClosedRange<Int64>,
        step: Int64 = 0,
        timeout: Duration,
        isCancelled: @Sendable () -> Bool,
        _ body: () throws -> (Value, samples: Int)
    ) throws -> Value {
        let shown = text.utf8.count <= Self.textBytesMax ? text : String(text.prefix(Self.textBytesMax)) + "…"
        let query = try admit(timeout: timeout, isCancelled: isCancelled) { id, now in
            Query(id: id, text: shown, kind: kind, startedAt: now, client: client, range: range, step: step)
        }
        let start = ContinuousClock.now
        do {
            let (value, samples) = try body()
            finish(query, seconds: (ContinuousClock.now - start) / .seconds(1), samples: samples, error: nil)
            return value
        } catch {
            finish(query, seconds: (ContinuousClock.now - start) / .seconds(1), samples: 0, error: "\(error)")
            throw error
        }
    }

    /// The queries that run now, the oldest first.
    var running: [Query] { state.withLock { $0.running.values.sorted { $0.id < $1.id } } }

    /// How many wait for their turn.
    var waiting: Int { state.withLock { $0.waiting } }

    /// The texts that took the most time in all, the first of them the costliest.
    func top(_ count: Int) -> [Summary] {
        let all = state.withLock { Array($0.summaries.values) }
        return Array(all.sorted { ($1.seconds, $0.text) < ($0.seconds, $1.text) }.prefix(count))
    }

    private func admit(
        timeout: Duration,
        isCancelled: @Sendable () -> Bool,
        _ make: (UInt64, Int64) -> Query
    ) throws(Refusal) -> Query {
        let deadline = ContinuousClock.now + timeout
        var isWaiting = false
        defer { if isWaiting { state.withLock { $0.waiting -= 1 } } }
        while true {
            let now = clock.millisecondsSinceEpoch
            let (query, isFull) = state.withLock { state -> (Query?, Bool) in
                if state.running.count < configuration.concurrency {
                    let query = make(state.nextID, now)
                    state.nextID += 1
                    state.running[query.id] = query
                    return (query, false)
                }
                if !isWaiting {
                    guard state.waiting < configuration.concurrency else { return (nil, true) }
                    state.waiting += 1
                    isWaiting = true
                }
                return (nil, false)
            }
            if let query { return query }
            if isFull {
                refused.increment()
                throw .tooMany(configuration.concurrency)
            }
            if isCancelled() { throw .cancelled }
            if ContinuousClock.now >= deadline { throw .timeout }
            Machine.rest(milliseconds: 2)
        }
    }

    private func finish(_ query: Query, seconds: Double, samples count: Int, error: String?) {
        durations[query.kind, error == nil ? "success" : "failure"].observe(seconds)
        samples.increment(by: count)
        trim.note(samples: count)
        state.withLock { state in
            state.running[query.id] = nil
            var summary = state.summaries[query.text] ?? Summary(text: query.text)
            summary.count += 1
            if error != nil { summary.failures += 1 }
            summary.seconds += seconds
            summary.secondsMax = max(summary.secondsMax, seconds)
            summary.samplesRead += count
            summary.lastAt = query.startedAt
            if state.summaries[query.text] == nil, state.summaries.count >= Self.textsMax,
                let least = state.summaries.values.min(by: { $0.seconds < $1.seconds })
            {
                state.summaries[least.text] = nil
            }
            state.summaries[query.text] = summary
        }
        guard seconds >= configuration.slow / .seconds(1) else { return }
        slow.increment()
        log.warn(
            "slow query",
            [
                "query": .string(query.text), "kind": .string(query.kind), "seconds": .double(seconds),
                "samples": LogValue(count), "start": .double(Double(query.range.lowerBound) / 1000),
                "end": .double(Double(query.range.upperBound) / 1000), "step": .double(Double(query.step) / 1000),
                "client": .string(query.client), "error": .string(error ?? ""),
            ]
        )
    }
}
