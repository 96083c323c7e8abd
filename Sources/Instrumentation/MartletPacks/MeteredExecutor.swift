import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: the mutex and the condition variable live as long as the object and are used only through the C functions that
// are made for several threads; the queue is touched only while the mutex is held.

/// Runs the jobs of Swift tasks on threads of its own and measures them.
///
/// ```swift
/// let executor = MeteredExecutor(threads: 2, runtime: runtime)
/// await withTaskExecutorPreference(executor) { await work() }
/// ```
///
/// What a job costs is the processor time of the thread while it ran, whatever else the machine did. The queue is as long
/// as there are tasks that want to run; it has no bound of its own, because a job that was dropped would never end.
@safe
public final class MeteredExecutor: TaskExecutor, @unchecked Sendable {
    /// What became of the jobs so far.
    public struct Statistics: Hashable, Sendable {
        /// Jobs that have run.
        public var jobs: UInt64 = 0
        /// The processor time they took, in nanoseconds.
        public var processorNanoseconds: UInt64 = 0
        /// Jobs that wait.
        public var depth = 0
    }

    private let runtime: RuntimeMetrics?
    private let onJob: @Sendable (_ processorNanoseconds: UInt64) -> Void
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var queue: [UnownedJob] = []
    private var head = 0
    private var isStopping = false
    private let jobs = Atomic<UInt64>(0)
    private let nanoseconds = Atomic<UInt64>(0)

    /// Creates an executor and its threads.
    ///
    /// - Parameters:
    ///   - threads: How many jobs run at a time; at least one.
    ///   - runtime: Where the jobs are counted.
    ///   - onJob: Called after each job, on its thread, with the processor time it took.
    public init(
        threads: Int = 1,
        runtime: RuntimeMetrics? = nil,
        onJob: @escaping @Sendable (_ processorNanoseconds: UInt64) -> Void = { _ in }
    ) {
        self.runtime = runtime
        self.onJob = onJob
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
        for _ in 0..<max(1, threads) { startThread() }
    }

    deinit {
        // The threads hold the executor until it is told to stop, so that none of them is left.
        unsafe pthread_mutex_destroy(mutex)
        unsafe pthread_cond_destroy(condition)
        unsafe mutex.deallocate()
        unsafe condition.deallocate()
    }

    /// Takes a job in; called by the runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        unsafe pthread_mutex_lock(mutex)
        queue.append(job)
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Ends the threads once the queue is empty; tasks that prefer this executor must be done before.
    public func stop() {
        unsafe pthread_mutex_lock(mutex)
        isStopping = true
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// What became of the jobs so far.
    public var statistics: Statistics {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return Statistics(
            jobs: jobs.load(ordering: .relaxed),
            processorNanoseconds: nanoseconds.load(ordering: .relaxed),
            depth: queue.count - head
        )
    }

    // MARK: Threads

    private func startThread() {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        #if canImport(Darwin)
        var handle: pthread_t?
        let result = unsafe pthread_create(&handle, nil, { MeteredExecutor.main($0) }, context)
        if let handle = unsafe handle { unsafe thread = handle }
        #else
        let result = unsafe pthread_create(&thread, nil, { unsafe MeteredExecutor.main($0) }, context)
        #endif
        precondition(result == 0, "the system has no threads left for an executor")
        pthread_detach(thread)
    }

    private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context = unsafe context {
            unsafe Unmanaged<MeteredExecutor>.fromOpaque(context).takeRetainedValue().run()
        }
        return nil
    }

    private func run() {
        while let job = take() {
            let start = ThreadTime.nanoseconds
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            let spent = ThreadTime.nanoseconds - start
            // Order does not matter: both are sums that somebody reads now and then.
            jobs.add(1, ordering: .relaxed)
            nanoseconds.add(spent, ordering: .relaxed)
            runtime?.jobDone()
            onJob(spent)
        }
    }

    /// The next job; waits for one, `nil` once there will be none.
    private func take() -> UnownedJob? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while head == queue.count {
            if isStopping { return nil }
            unsafe pthread_cond_wait(condition, mutex)
        }
        defer {
            head += 1
            if head == queue.count || head > 1024 {
                queue.removeFirst(head)
                head = 0
            }
        }
        return queue[head]
    }
}

/// The processor time of the thread that asks.
enum ThreadTime {
    static var nanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
