import CBarrier
import Synchronization
import Glibc

/// Measures what one call costs its caller, and prints a row `martlet operation threads nanoseconds`.
///
/// A repetition lasts about 0.3 ms. One thread: the fastest repetition. Two threads on the same metric: the median of
/// the repetitions in which neither was interrupted, so that a busy machine does not turn sharing into taking turns.
enum Harness {
    private static let repetitions = 60
    private static let repetitionNanoseconds: UInt = 300_000

    static func measure(_ operation: String, _ body: @escaping @Sendable (Int) -> Void) {
        report(operation, 1, run(threads: 1, body))
        report(operation, 2, run(threads: 2, body))
    }

    static func report(_ operation: String, _ threads: Int, _ value: Double) {
        let text = String(Int((value * 1000).rounded()) + 1_000_000_000)
        let digits = text.dropFirst()
        let whole = Int(digits.dropLast(3)) ?? 0
        print("martlet\t\(operation)\t\(threads)\t\(whole).\(digits.suffix(3))")
    }

    static func milliseconds(_ operation: String, best of: Int, _ body: () -> Void) {
        var best = UInt.max
        for _ in 0..<of {
            let start = benchmark_nanoseconds()
            body()
            best = min(best, benchmark_nanoseconds() - start)
        }
        report(operation, 1, Double(best) / 1e6)
    }

    private static func run(threads: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
        var count = 64
        while true {
            let start = benchmark_nanoseconds()
            body(count)
            if benchmark_nanoseconds() - start > repetitionNanoseconds { break }
            count *= 2
        }
        let iterations = count
        let results = Mutex<[Double]>([])
        let arrived = Atomic(0)
        let finished = Atomic(0)
        let goal = repetitions
        @Sendable func work() {
            for repetition in 0..<(goal * 4) {
                arrived.add(1, ordering: .acquiringAndReleasing)
                while arrived.load(ordering: .acquiring) < threads * (repetition + 1) {}
                let interruptions = benchmark_preemptions()
                let start = benchmark_nanoseconds()
                body(iterations)
                let nanoseconds = benchmark_nanoseconds() - start
                let wasQuiet = benchmark_preemptions() == interruptions
                if wasQuiet { results.withLock { $0.append(Double(nanoseconds) / Double(iterations)) } }
                finished.add(1, ordering: .acquiringAndReleasing)
                while finished.load(ordering: .acquiring) < threads * (repetition + 1) {}
            }
        }
        withThreads(threads, work)
        let sorted = results.withLock { $0.sorted() }
        guard let first = sorted.first else { return .nan }
        return threads == 1 ? first : sorted[sorted.count / 2]
    }

    private static func withThreads(_ count: Int, _ work: @escaping @Sendable () -> Void) {
        final class Job: Sendable {
            let work: @Sendable () -> Void
            init(_ work: @escaping @Sendable () -> Void) { self.work = work }
        }
        var threads: [pthread_t] = []
        for _ in 0..<count {
            var thread = pthread_t()
            let job = Unmanaged.passRetained(Job(work)).toOpaque()
            pthread_create(
                &thread,
                nil,
                { pointer in
                    pointer.map { Unmanaged<Job>.fromOpaque($0).takeRetainedValue().work() }
                    return nil
                },
                job
            )
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
    }
}
