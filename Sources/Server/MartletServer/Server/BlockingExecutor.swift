import Dispatch

/// Runs tasks that compute for long or wait for the disk on threads of their own, away from the shared ones.
///
/// At most as many run at a time as there are threads in the system's pool, 64.
final class BlockingExecutor: TaskExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label, attributes: .concurrent)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
