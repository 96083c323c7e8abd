import CMartletCells

/// Asks one collector, on a thread that may be left behind: a collector that hangs holds up nobody else.
final class CollectorRunner: Sendable {
    enum Outcome: Sendable {
        case families([MetricFamily])
        case failed
        case timedOut
    }

    private struct State {
        var isRunning = false
        /// Whether somebody waited for the present run in vain.
        var isLate = false
        var runs: UInt64 = 0
        var outcome = Outcome.failed
    }

    let collector: any MetricCollector
    private let state = Locked(State())

    init(_ collector: any MetricCollector) {
        self.collector = collector
    }

    /// What the collector says now, or that it did not in time.
    ///
    /// Scrapes that ask at once share one run. Where an earlier run still hangs, nothing is waited for.
    func collect(within limit: Duration) -> Outcome {
        let run: UInt64? = state.withLock { state in
            if state.isRunning { return state.isLate ? nil : state.runs }
            state.isRunning = true
            state.isLate = false
            state.runs += 1
            CollectorThreads.run(self)
            return state.runs
        }
        guard let run else { return .timedOut }
        let (seconds, attoseconds) = limit.components
        let outcome: Outcome? = state.wait(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000) {
            state in
            state.runs > run || !state.isRunning ? state.outcome : nil
        }
        if let outcome { return outcome }
        state.withLock { if $0.isRunning, $0.runs == run { $0.isLate = true } }
        return .timedOut
    }

    fileprivate func runNow() {
        let outcome: Outcome
        do {
            outcome = .families(try collector.collect())
        } catch {
            outcome = .failed
        }
        state.notifying { state in
            state.isRunning = false
            state.outcome = outcome
        }
    }
}

/// The threads that collectors run on: as many as run at once, kept for a while after.
private enum CollectorThreads {
    private struct State {
        var waiting: [CollectorRunner] = []
        var idle = 0
    }

    /// How long a thread without work stays.
    private static let idleNanoseconds: Int64 = 30_000_000_000
    private static let state = Locked(State())

    static func run(_ runner: CollectorRunner) {
        let needsThread = state.notifying { state in
            state.waiting.append(runner)
            return state.waiting.count > state.idle
        }
        guard needsThread else { return }
        let isStarted = unsafe martlet_thread_start({ _ in CollectorThreads.work() }, nil)
        // Without a thread to have, a waiting one will come to it, or the time limit will pass.
        if !isStarted { StandardError.write("martlet: cannot start a thread for collector \(runner.collector.name)\n") }
    }

    private static func work() {
        while true {
            let next: CollectorRunner? = state.wait(nanoseconds: 0) {
                $0.waiting.isEmpty ? nil : $0.waiting.removeFirst()
            }
            if let next {
                next.runNow()
                continue
            }
            state.withLock { $0.idle += 1 }
            let later: CollectorRunner? = state.wait(nanoseconds: idleNanoseconds) { state in
                guard !state.waiting.isEmpty else { return nil }
                state.idle -= 1
                return state.waiting.removeFirst()
            }
            guard let later else {
                // Somebody may have counted on this thread in this very moment: then it still has to work.
                let last: CollectorRunner? = state.withLock { state in
                    state.idle -= 1
                    return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
                }
                guard let last else { return }
                last.runNow()
                continue
            }
            later.runNow()
        }
    }
}
