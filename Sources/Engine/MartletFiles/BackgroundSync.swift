#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: mutex and condition live in memory of their own from `init` to `deinit`, and `deinit` runs only after the
// thread ended, since the thread keeps the object. The flags are only touched under the mutex.

/// A thread that does one thing a fixed time after it was asked to, however often it was asked meanwhile.
///
/// A thread of its own, because a sync blocks for as long as the disk likes, which a task must not.
@safe package final class BackgroundSync: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let delayMilliseconds: Int
    private let body: @Sendable () -> Void
    private var isAsked = false
    private var isStopped = false
    private var thread = pthread_t()

    private init(delayMilliseconds: Int, body: @escaping @Sendable () -> Void) {
        self.delayMilliseconds = delayMilliseconds
        self.body = body
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe pthread_cond_destroy(condition)
        unsafe mutex.deallocate()
        unsafe condition.deallocate()
    }

    /// Starts the thread; `nil` where the system gives none.
    package static func start(delayMilliseconds: Int, _ body: @escaping @Sendable () -> Void) -> BackgroundSync? {
        let sync = BackgroundSync(delayMilliseconds: delayMilliseconds, body: body)
        let context = unsafe Unmanaged.passRetained(sync)
        let status = unsafe pthread_create(&sync.thread, nil, backgroundSyncMain, context.toOpaque())
        guard status == 0 else {
            unsafe context.release()
            return nil
        }
        return sync
    }

    /// Asks for one more run.
    package func ask() {
        unsafe pthread_mutex_lock(mutex)
        let isFirst = !isAsked
        isAsked = true
        if isFirst { unsafe pthread_cond_signal(condition) }
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Ends the thread and waits for it; what was asked for and not yet run is not run any more.
    package func stop() {
        unsafe pthread_mutex_lock(mutex)
        let wasStopped = isStopped
        isStopped = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
        guard !wasStopped else { return }
        if pthread_equal(pthread_self(), thread) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }

    fileprivate func run() {
        unsafe pthread_mutex_lock(mutex)
        while !isStopped {
            guard isAsked else {
                unsafe pthread_cond_wait(condition, mutex)
                continue
            }
            waitForDelay()
            guard !isStopped else { break }
            isAsked = false
            unsafe pthread_mutex_unlock(mutex)
            body()
            unsafe pthread_mutex_lock(mutex)
        }
        unsafe pthread_mutex_unlock(mutex)
    }

    private func waitForDelay() {
        var deadline = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &deadline)
        let nanoseconds = Int(deadline.tv_nsec) + delayMilliseconds % 1000 * 1_000_000
        deadline.tv_sec += delayMilliseconds / 1000 + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        while !isStopped {
            let status = unsafe pthread_cond_timedwait(condition, mutex, &deadline)
            if status != 0 { return }
        }
    }
}

private func backgroundSyncMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context {
        let sync = unsafe Unmanaged<BackgroundSync>.fromOpaque(context).takeRetainedValue()
        sync.run()
    }
    return nil
}
