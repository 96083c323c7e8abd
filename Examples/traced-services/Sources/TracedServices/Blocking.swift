import Dispatch
import Synchronization

/// Waits on a thread of one's own, such as a worker of the HTTP server, for asynchronous work.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value? {
    let (box, done) = (Box<Value>(), DispatchSemaphore(value: 0))
    // `Task { }` inherits what the caller carries: span, trace state, baggage.
    Task {
        let value = await work()
        box.value.withLock { $0 = value }
        done.signal()
    }
    done.wait()
    return box.value.withLock { $0 }
}

/// Where the result of the work waits to be taken.
private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
