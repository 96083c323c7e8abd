import Synchronization

/// A queue of server-sent events for one client.
///
/// The queue is bounded: a client too slow to take `capacity` events is closed, and counted. Answer with
/// ``HTTPResponse/Body/events(_:)``, keep the stream, and send from any thread.
///
/// - SeeAlso: [WHATWG HTML, server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html)
public final class EventStream: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var waitingCount = 0
        var isClosed = false
        var isOverflowed = false
        var closeActions: [@Sendable () -> Void] = []
        var wake: (@Sendable () -> Void)?
        var lastTakenNanoseconds: Int64 = 0
    }

    /// What the connection finds in the queue.
    enum Taken {
        case bytes([UInt8])
        case nothingYet
        case ended
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let bytesMax: Int

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - capacity: How many events may wait.
    ///   - bytesMax: How many bytes may wait.
    public init(capacity: Int = 256, bytesMax: Int = 4 << 20) {
        self.capacity = capacity
        self.bytesMax = bytesMax
    }

    /// Whether either side has closed the stream, or the client was too slow.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Queues an event.
    ///
    /// - Parameters:
    ///   - event: The event's type; `nil` for the browser's default, `message`.
    ///   - data: The text; each of its lines becomes a `data` field.
    ///   - id: What the browser sends back as `Last-Event-ID` when it connects again.
    /// - Returns: Whether it was queued; `false` once the stream is closed.
    @discardableResult
    public func send(event: String? = nil, data: String, id: String? = nil) -> Bool {
        var text = ""
        if let event { text += "event: \(Self.oneLine(event))\n" }
        if let id { text += "id: \(Self.oneLine(id))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            text += "data: \(line)\n"
        }
        return enqueue(Array((text + "\n").utf8))
    }

    /// Ends the stream once what waits has been sent.
    public func close() {
        end(isOverflow: false)
    }

    /// Runs an action when the stream closes, whoever closes it; at once if it is closed already.
    ///
    /// It runs on a thread of the server or of whoever closes, and has to return soon.
    public func onClose(_ action: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.closeActions.append(action) }
            return state.isClosed
        }
        if isClosed { action() }
    }

    /// Whether it was closed because the client did not keep up.
    var isOverflowed: Bool { state.withLock { $0.isOverflowed } }

    /// Names the connection to wake when there is something to send.
    func attach(now: Int64, wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.wake = wake
            state.lastTakenNanoseconds = now
        }
    }

    /// Everything that waits.
    func take(now: Int64) -> Taken {
        state.withLock { state in
            if state.waiting.isEmpty { return state.isClosed ? .ended : .nothingYet }
            let bytes = state.waiting
            state.waiting = []
            state.waitingCount = 0
            state.lastTakenNanoseconds = now
            return .bytes(bytes)
        }
    }

    /// Queues a comment if nothing has been sent for a while, so that a dead connection shows.
    func beat(now: Int64, interval: Int64) {
        let isDue = state.withLock { state in
            !state.isClosed && state.waiting.isEmpty && now - state.lastTakenNanoseconds >= interval
        }
        if isDue { enqueue(Array(":\n\n".utf8)) }
    }

    @discardableResult
    private func enqueue(_ bytes: [UInt8]) -> Bool {
        let (isQueued, isFull, wake) = state.withLock { state -> (Bool, Bool, (@Sendable () -> Void)?) in
            guard !state.isClosed else { return (false, false, nil) }
            guard state.waitingCount < capacity, state.waiting.count + bytes.count <= bytesMax else {
                return (false, true, nil)
            }
            state.waiting += bytes
            state.waitingCount += 1
            return (true, false, state.wake)
        }
        if isFull { end(isOverflow: true) }
        wake?()
        return isQueued
    }

    private func end(isOverflow: Bool) {
        let (actions, wake) = state.withLock { state -> ([@Sendable () -> Void], (@Sendable () -> Void)?) in
            guard !state.isClosed else { return ([], nil) }
            state.isClosed = true
            state.isOverflowed = isOverflow
            if isOverflow { state.waiting = [] }
            defer {
                state.closeActions = []
                state.wake = nil
            }
            return (state.closeActions, state.wake)
        }
        wake?()
        for action in actions { action() }
    }

    private static func oneLine(_ text: String) -> String {
        text.contains(where: \.isNewline) ? String(text.filter { !$0.isNewline }) : text
    }
}
