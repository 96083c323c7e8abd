#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: what a thread is given is kept for it from its start to its first step, which takes it; all threads are joined
// before the call returns.

/// Work that several threads share.
package enum ParallelWork {
    private final class Part: Sendable {
        let worker: Int
        let body: @Sendable (Int) -> Void

        init(_ worker: Int, _ body: @escaping @Sendable (Int) -> Void) {
            (self.worker, self.body) = (worker, body)
        }
    }

    /// Calls the body once for each worker, the first on this thread, and returns when all have ended.
    ///
    /// Where the system gives no thread there is one worker less, so bodies take their work from what they share. The
    /// threads are the system's own, because a search blocks, which tasks must not.
    package static func run(_ workers: Int, _ body: @escaping @Sendable (Int) -> Void) {
        var threads: [pthread_t] = []
        for worker in 1..<max(1, workers) {
            let part = unsafe Unmanaged.passRetained(Part(worker, body))
            var thread = pthread_t()
            let status = unsafe pthread_create(&thread, nil, parallelWorkMain, part.toOpaque())
            guard status == 0 else {
                unsafe part.release()
                break
            }
            threads.append(thread)
        }
        body(0)
        for thread in threads { _ = pthread_join(thread, nil) }
    }

    fileprivate static func runOne(_ context: UnsafeMutableRawPointer) {
        let part = unsafe Unmanaged<Part>.fromOpaque(context).takeRetainedValue()
        part.body(part.worker)
    }
}

private func parallelWorkMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context { unsafe ParallelWork.runOne(context) }
    return nil
}
