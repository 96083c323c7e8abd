import CBarrier
import Glibc
import Synchronization

/// Measures what one call costs its caller, and prints a row `martlet operation threads nanoseconds`.
///
/// A repetition is 0.3 ms of calls in every thread, each pinned to a processor of its own. It counts only if the threads
/// began within 5 µs of each other, ended within 60 µs and none was interrupted: on a machine that others use, two threads
/// that "contend" may otherwise just have taken turns. One thread: the fastest repetition. Two: the median.
enum Harness {
    private static let wanted = 41
    private static let triesMax = 3000
    private static let secondsMax: UInt = 4
    private static let repetitionNanoseconds: UInt = 300_000

    /// Operations whose name contains this word are measured, the others skipped.
    nonisolated(unsafe) static var filter = ""

    static func measure(_ operation: String, _ body: @escaping @Sendable (Int) -> Void) {
        guard filter.isEmpty || operation.contains(filter) else { return }
        report(operation, 1, run(operation, threads: 1, body))
        report(operation, 2, run(operation, threads: 2, body))
    }

    static func report(_ operation: String, _ threads: Int, _ value: Double) {
        let thousandths = Int((value * 1000).rounded())
        let digits = String(thousandths % 1000 + 1000).dropFirst()
        print("martlet\t\(operation)\t\(threads)\t\(thousandths / 1000).\(digits)")
    }

    /// The fewest milliseconds that a body took.
    static func milliseconds(best of: Int, _ body: () -> Void) -> Double {
        var best = UInt.max
        for _ in 0..<of {
            let start = benchmark_nanoseconds()
            body()
            best = min(best, benchmark_nanoseconds() - start)
        }
        return Double(best) / 1e6
    }

    private struct Repetition {
        var start: UInt = 0
        var end: UInt = 0
        var calls = 0
        var preemptions = 0
    }

    private static func run(_ operation: String, threads: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
        var chunk = 1
        while true {
            var best = UInt.max
            for _ in 0..<5 {
                let start = benchmark_nanoseconds()
                body(chunk)
                best = min(best, benchmark_nanoseconds() - start)
            }
            if best >= 5000 { break }
            chunk *= 2
        }
        let calls = chunk
        let latest = Mutex([Repetition](repeating: Repetition(), count: threads))
        let clean = Mutex<[Double]>([])
        let all = Mutex<[Double]>([])
        let isDone = Atomic(false)
        let barrier = Barrier(threads)
        let began = benchmark_nanoseconds()
        @Sendable func work(_ thread: Int) {
            benchmark_pin(Int32(thread))
            while !isDone.load(ordering: .acquiring) {
                let before = benchmark_preemptions()
                barrier.wait()
                var repetition = Repetition()
                repetition.start = benchmark_nanoseconds()
                repeat {
                    body(calls)
                    repetition.calls += calls
                    repetition.end = benchmark_nanoseconds()
                } while repetition.end - repetition.start < repetitionNanoseconds
                repetition.preemptions = benchmark_preemptions() - before
                latest.withLock { $0[thread] = repetition }
                barrier.wait()
                if thread == 0 {
                    let runs = latest.withLock { $0 }
                    let nanoseconds = runs.reduce(0) { $0 + Double($1.end - $1.start) }
                    let value = nanoseconds / Double(runs.reduce(0) { $0 + $1.calls })
                    let starts = runs.map(\.start)
                    let ends = runs.map(\.end)
                    let isClean =
                        runs.allSatisfy { $0.preemptions == 0 } && (starts.max() ?? 0) - (starts.min() ?? 0) < 5000
                        && (ends.max() ?? 0) - (ends.min() ?? 0) < 60_000
                    let tries = all.withLock {
                        $0.append(value)
                        return $0.count
                    }
                    let good = clean.withLock {
                        if isClean { $0.append(value) }
                        return $0.count
                    }
                    let isOver = benchmark_nanoseconds() - began > secondsMax * 1_000_000_000
                    isDone.store(good >= wanted || tries >= triesMax || isOver, ordering: .releasing)
                }
                barrier.wait()
            }
        }
        withThreads(threads, work)
        var values = clean.withLock { $0.sorted() }
        if values.count < 5 {
            values = all.withLock { $0.sorted() }
            benchmark_warn("warning: \(operation) \(threads): too few of \(values.count) repetitions ran undisturbed\n")
        }
        guard let first = values.first else { return .nan }
        return threads == 1 ? first : values[values.count / 2]
    }

    static func withThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        final class Job: Sendable {
            let thread: Int
            let work: @Sendable (Int) -> Void
            init(_ thread: Int, _ work: @escaping @Sendable (Int) -> Void) {
                self.thread = thread
                self.work = work
            }
        }
        var threads: [pthread_t] = []
        for number in 0..<count {
            var thread = pthread_t()
            let job = Unmanaged.passRetained(Job(number, work)).toOpaque()
            pthread_create(
                &thread,
                nil,
                { pointer in
                    if let pointer {
                        let job = Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue()
                        job.work(job.thread)
                    }
                    return nil
                },
                job
            )
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
    }
}

/// Where threads wait for each other without sleeping.
private final class Barrier: Sendable {
    private let count: Int
    private let arrived = Atomic(0)
    private let phase = Atomic(0)

    init(_ count: Int) {
        self.count = count
    }

    func wait() {
        let now = phase.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.store(0, ordering: .relaxed)
            phase.store(now + 1, ordering: .releasing)
        } else {
            while phase.load(ordering: .acquiring) == now {}
        }
    }
}
