#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: the lock is made before and freed after any use, and nothing else refers to it.

/// Lets one thread through at a time; the others sleep.
///
/// The standard library's mutex has the kernel spin while the holder runs, which is right for short turns. Where a turn
/// takes most of a millisecond and several threads stand in line, that costs a tenth of the processor time; so they wait
/// here first. It guards no state: what is behind it has a mutex of its own, for those who come another way.
@safe
public final class Turnstile: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    /// Creates a turnstile that nobody is in.
    public init() {
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Runs the body alone; waits for those before.
    ///
    /// - Parameter body: What is done; it must not pass through again.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func pass<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body()
    }
}
