/// A queue of server-sent events for one client.
///
/// The queue is bounded: a client too slow to take `capacity` events is closed, and counted.
public final class EventStream: Sendable {
    /// Creates a queue.
    ///
    /// - Parameter capacity: How many events may wait.
    public init(capacity: Int = 256) {
    }
}
