import Synchronization

/// The threads that run a server's handlers.
package final class WorkerPool: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        var first = 0
        var reserved = 0
        var busy = 0
        var running = 0
        var isClosing = false

        var depth: Int { jobs.count - first }

        mutating func take() -> Job? {
            guard first < jobs.count else { return nil }
            let job = jobs[first]
            first += 1
            if first == jobs.count {
                jobs.removeAll(keepingCapacity: jobs.capacity <= 1024)
                first = 0
            } else if first >= 64, first * 2 >= jobs.count {
                jobs.removeFirst(first)
                first = 0
            }
            return job
        }
    }

    private let state = Mutex(State())
    private let ready = Semaphore()
    private let ended = Semaphore()
    private let threads = Mutex<[SystemThread]>([])
    private let queueMax: Int

    let count: Int

    /// Starts the threads; fewer than asked when the system gives no more, but at least one.
    package init?(name: String, count: Int, queueMax: Int) {
        self.count = count
        self.queueMax = queueMax
        for number in 0..<count {
            state.withLock { $0.running += 1 }
            guard let thread = SystemThread(name: "\(name)-\(number)", { [self] in work() }) else {
                state.withLock { $0.running -= 1 }
                guard number > 0 else { return nil }
                break
            }
            threads.withLock { $0.append(thread) }
        }
    }

    /// Takes a place in the queue, or not if it is full; ``submit(_:)`` fills it.
    package func reserve() -> Bool {
        state.withLock { state in
            guard state.depth + state.reserved < queueMax, !state.isClosing else { return false }
            state.reserved += 1
            return true
        }
    }

    /// Queues a job in the place taken before.
    package func submit(_ job: @escaping Job) {
        state.withLock { state in
            state.reserved -= 1
            state.jobs.append(job)
        }
        ready.signal()
    }

    /// Queues a job that continues work already begun; there is at most one of these a connection.
    func resubmit(_ job: @escaping Job) {
        state.withLock { $0.jobs.append(job) }
        ready.signal()
    }

    package var depth: Int { state.withLock { $0.depth } }
    package var busy: Int { state.withLock { $0.busy } }

    /// Ends the threads once the queue is empty.
    ///
    /// - Returns: How many still ran a job at the deadline; they end by themselves when it returns.
    package func close(untilNanoseconds deadline: Int64) -> Int {
        let running = state.withLock { state in
            state.isClosing = true
            return state.running
        }
        for _ in 0..<running { ready.signal() }
        while state.withLock({ $0.running > 0 }) {
            guard ended.wait(untilNanoseconds: deadline) else { break }
        }
        let left = state.withLock { $0.running }
        let threads = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads {
            if left == 0 { thread.join() } else { thread.detach() }
        }
        return left
    }

    private func work() {
        while true {
            ready.wait()
            let job = state.withLock { state in
                let job = state.take()
                if job != nil { state.busy += 1 }
                return job
            }
            guard let job else {
                if state.withLock({ $0.isClosing }) { break }
                continue
            }
            job()
            state.withLock { $0.busy -= 1 }
        }
        state.withLock { $0.running -= 1 }
        ended.signal()
    }
}
