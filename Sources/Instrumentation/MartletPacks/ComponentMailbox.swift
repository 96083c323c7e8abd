import Synchronization

/// A bounded queue of messages before a component, which tells its metrics what comes, waits, goes and is dropped.
///
/// ```swift
/// let mailbox = ComponentMailbox<Order>(of: orders, capacity: 1000)
/// mailbox.send(order)                       // false where the queue is full; that is counted
/// while try mailbox.processNext({ try handle($0) }) {}
/// ```
public final class ComponentMailbox<Message: Sendable>: Sendable {
    private struct Waiting {
        var message: Message
        var since: ContinuousClock.Instant
    }

    /// How many messages may wait.
    public let capacity: Int

    private let metrics: ComponentMetrics
    private let queue = Mutex<[Waiting]>([])

    /// Creates an empty queue.
    ///
    /// - Parameters:
    ///   - metrics: The component whose messages wait here.
    ///   - capacity: How many messages may wait; at least one.
    public init(of metrics: ComponentMetrics, capacity: Int) {
        self.metrics = metrics
        self.capacity = max(1, capacity)
        metrics.queue(depth: 0, capacity: self.capacity)
    }

    /// Puts a message at the end of the queue, unless it is full.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - bytes: How long it is; `nil` where nobody knows.
    /// - Returns: Whether it was taken; one that was not is counted as dropped.
    @discardableResult
    public func send(_ message: Message, bytes: Int? = nil) -> Bool {
        let now = metrics.pack.time.now
        let depth: Int? = queue.withLock { queue in
            guard queue.count < capacity else { return nil }
            queue.append(Waiting(message: message, since: now))
            return queue.count
        }
        guard let depth else {
            metrics.dropped(reason: "queue_full")
            return false
        }
        metrics.received(bytes: bytes)
        metrics.queue(depth: depth)
        return true
    }

    /// Handles the message that has waited longest.
    ///
    /// - Parameter body: What handles it.
    /// - Returns: Whether there was one.
    /// - Throws: What the body throws; the message is gone then.
    @discardableResult
    public func processNext<Failure: Error>(_ body: (Message) throws(Failure) -> Void) throws(Failure) -> Bool {
        let taken: (waiting: Waiting, depth: Int)? = queue.withLock { queue in
            queue.isEmpty ? nil : (queue.removeFirst(), queue.count)
        }
        guard let taken else { return false }
        metrics.queue(depth: taken.depth)
        metrics.waited(metrics.pack.time.now - taken.waiting.since)
        try metrics.process { () throws(Failure) in try body(taken.waiting.message) }
        return true
    }
}
