import Dispatch
import Synchronization

/// Waits on a thread of one's own for what an actor has to say.
///
/// Handlers of requests run on their listener's worker threads, which may wait; tasks must never use this.
enum Blocking {
    /// The value of an asynchronous call.
    static func value<Value: Sendable>(of body: @escaping @Sendable () async -> Value) -> Value {
        let done = DispatchSemaphore(value: 0)
        let box = Box<Value>()
        Task {
            let value = await body()
            box.set(value)
            done.signal()
        }
        while true {
            done.wait()
            if let value = box.value { return value }
        }
    }

    /// A place for the value that both sides share.
    private final class Box<Value: Sendable>: Sendable {
        private let content = Mutex<Value?>(nil)

        var value: Value? { content.withLock { $0 } }

        func set(_ value: Value) {
            content.withLock { $0 = value }
        }
    }
}
