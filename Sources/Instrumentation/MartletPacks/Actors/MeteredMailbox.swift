import MartletMetrics
import Synchronization

/// A bounded queue of messages for one reader that measures itself.
///
/// ```swift
/// let mailbox = MeteredMailbox<Order>("cart", capacity: 100, metrics)
/// await mailbox.send(order)                    // waits for room
/// while let order = await mailbox.next() { … } // the reader
/// ```
///
/// Depth, waiting time and the time that senders wait for room go to the mailbox families of ``ActorMetrics``.
public final class MeteredMailbox<Message: Sendable>: Sendable {
    private struct State {
        var messages: [(message: Message, since: ContinuousClock.Instant)] = []
        var head = 0
        var senders: [CheckedContinuation<Void, Never>] = []
        var reader: CheckedContinuation<Message?, Never>?
        var isClosed = false

        var depth: Int { messages.count - head }
    }

    /// How many messages may wait.
    public let capacity: Int

    private let state = Mutex(State())
    private let depthGauge: Gauge.Series
    private let deepest: Gauge.Series
    private let wait: Histogram.Series
    private let enqueued: Counter.Series
    private let dequeued: Counter.Series
    private let refused: Counter.Series
    private let backpressure: Counter.Series
    private let isPressed: Gauge.Series
    private let sizes: Histogram.Series

    /// Creates an empty mailbox.
    ///
    /// - Parameters:
    ///   - actorClass: The class of the actor that reads it.
    ///   - capacity: How many messages may wait.
    ///   - metrics: Where it is measured.
    /// - Precondition: There is room for at least one message.
    public init(_ actorClass: String, capacity: Int, _ metrics: ActorMetrics) {
        precondition(capacity > 0, "a mailbox needs room for at least one message; got \(capacity)")
        self.capacity = capacity
        let label = metrics.label(actorClass: actorClass)
        let families = metrics.mailbox
        let system = metrics.system
        depthGauge = families.mailboxDepth[system, label]
        deepest = families.mailboxDepthMax[system, label]
        wait = families.mailboxWait[system, label]
        enqueued = families.mailboxEnqueued[system, label]
        dequeued = families.mailboxDequeued[system, label]
        refused = families.mailboxOverflows[system, label, "refuse"]
        backpressure = families.backpressure[system, label]
        isPressed = families.backpressureActive[system, label]
        sizes = families.mailboxSize[system, label]
        families.mailboxCapacity[system, label].set(to: capacity)
    }

    /// How many messages wait.
    public var depth: Int { state.withLock(\.depth) }

    /// Puts a message in where there is room.
    ///
    /// - Returns: Whether it was taken; one that was not is counted as refused.
    @discardableResult
    public func offer(_ message: Message) -> Bool {
        let isTaken = state.withLock { put(message, &$0) }
        if !isTaken { refused.increment() }
        return isTaken
    }

    /// Puts a message in, and waits for room where there is none.
    ///
    /// - Returns: Whether it was taken; a closed mailbox takes none.
    @discardableResult
    public func send(_ message: Message) async -> Bool {
        if state.withLock({ put(message, &$0) }) { return true }
        let start = ContinuousClock.now
        isPressed.increment()
        defer {
            isPressed.decrement()
            backpressure.increment(by: (ContinuousClock.now - start) / .seconds(1))
        }
        while !state.withLock(\.isClosed) {
            await withCheckedContinuation { continuation in
                let hasRoom = state.withLock { state in
                    if state.depth < capacity || state.isClosed { return true }
                    state.senders.append(continuation)
                    return false
                }
                if hasRoom { continuation.resume() }
            }
            if state.withLock({ put(message, &$0) }) { return true }
        }
        return false
    }

    /// The next message, when there is one; `nil` once the mailbox is closed and empty.
    ///
    /// - Precondition: Only one task reads at a time.
    public func next() async -> Message? {
        await withCheckedContinuation { continuation in
            let (answer, sender): (Message??, CheckedContinuation<Void, Never>?) = state.withLock { state in
                precondition(state.reader == nil, "a mailbox has one reader")
                guard state.depth > 0 else {
                    if state.isClosed { return (.some(nil), nil) }
                    state.reader = continuation
                    return (nil, nil)
                }
                return (take(&state), state.senders.isEmpty ? nil : state.senders.removeFirst())
            }
            sender?.resume()
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// The next message where one waits; `nil` otherwise, without waiting.
    public func take() -> Message? {
        let (message, sender): (Message?, CheckedContinuation<Void, Never>?) = state.withLock { state in
            guard state.depth > 0 else { return (nil, nil) }
            return (take(&state), state.senders.isEmpty ? nil : state.senders.removeFirst())
        }
        sender?.resume()
        return message
    }

    /// Takes no more messages; those that wait can still be read.
    public func close() {
        let (reader, senders) = state.withLock { state in
            state.isClosed = true
            defer {
                state.reader = nil
                state.senders = []
            }
            return (state.depth == 0 ? state.reader : nil, state.senders)
        }
        reader?.resume(returning: nil)
        for sender in senders { sender.resume() }
    }

    private func put(_ message: Message, _ state: inout State) -> Bool {
        guard !state.isClosed else { return false }
        if let reader = state.reader {
            state.reader = nil
            enqueued.increment()
            dequeued.increment()
            wait.observe(0)
            reader.resume(returning: message)
            return true
        }
        guard state.depth < capacity else { return false }
        state.messages.append((message, ContinuousClock.now))
        enqueued.increment()
        depthGauge.increment()
        sizes.observe(Double(state.depth))
        if Double(state.depth) > deepest.value { deepest.set(to: state.depth) }
        return true
    }

    private func take(_ state: inout State) -> Message {
        let entry = state.messages[state.head]
        state.head += 1
        if state.head >= capacity || state.head == state.messages.count {
            state.messages.removeFirst(state.head)
            state.head = 0
        }
        dequeued.increment()
        depthGauge.decrement()
        wait.observe(ContinuousClock.now - entry.since)
        return entry.message
    }
}
