import Dispatch
import MartletMetrics
import Synchronization

/// Runs the jobs of actors one after another on a queue of its own, and measures them.
///
/// ```swift
/// actor Cart {
///     private let executor: MeteredActorExecutor
///     nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
/// }
/// ```
public final class MeteredActorExecutor: SerialExecutor {
    private let queue: DispatchQueue
    private let jobs: Counter.Series
    private let depth: Gauge.Series
    private let wait: Histogram.Series
    private let run: Histogram.Series

    /// Creates an executor.
    ///
    /// - Parameters:
    ///   - name: The executor's name, a label.
    ///   - metrics: Where it is measured.
    public init(_ name: String, _ metrics: ActorMetrics) {
        queue = DispatchQueue(label: "martlet.actors.\(name)")
        let families = metrics.executor
        jobs = families.jobs[metrics.system, name]
        depth = families.queueDepth[metrics.system, name]
        wait = families.wait[metrics.system, name]
        run = families.run[metrics.system, name]
        families.threads[metrics.system, name].set(to: 1)
    }

    /// Takes a job.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let enqueued = ContinuousClock.now
        depth.increment()
        queue.async {
            let start = ContinuousClock.now
            self.depth.decrement()
            self.wait.observe(start - enqueued)
            unsafe job.runSynchronously(on: self.asUnownedSerialExecutor())
            self.run.observe(ContinuousClock.now - start)
            self.jobs.increment()
        }
    }
}
