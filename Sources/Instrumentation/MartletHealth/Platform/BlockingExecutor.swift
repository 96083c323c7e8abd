#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs checks that block, each on a thread of its own.
///
/// Threads of a pool would not do: the pool that Swift's tasks share notices only after a while that one is blocked. How
/// many threads there are is bounded by the number of checks, as a check that hangs isn't started again.
final class BlockingExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let work = Work(job: UnownedJob(job), executor: self)
        // Safety: the retain taken here is given back by the one thread that gets the pointer, or below where there is none.
        let box = unsafe Unmanaged.passRetained(work)
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let status = unsafe pthread_create(&thread, nil, threadBody, box.toOpaque())
        guard status == 0 else {
            // Without a thread to spare the job runs here: late is better than never.
            unsafe box.takeRetainedValue().run()
            return
        }
        #if canImport(Darwin)
        if let thread = unsafe thread { unsafe pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
    }

    fileprivate final class Work {
        private let job: UnownedJob
        private let executor: BlockingExecutor

        init(job: UnownedJob, executor: BlockingExecutor) {
            self.job = job
            self.executor = executor
        }

        func run() { unsafe job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
    }
}

#if canImport(Darwin)
private func threadBody(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<BlockingExecutor.Work>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
#else
private func threadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument = unsafe argument {
        unsafe Unmanaged<BlockingExecutor.Work>.fromOpaque(argument).takeRetainedValue().run()
    }
    return nil
}
#endif
