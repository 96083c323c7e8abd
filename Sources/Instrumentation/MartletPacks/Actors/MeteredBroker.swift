public import MartletCore
public import MartletMetrics
public import MartletTracing
public import Synchronization

/// Hands messages to the subscribers of a topic, and measures that.
///
/// A message is offered to each subscriber in turn; a subscriber that has no room refuses it, which is counted as an error.
/// The route, a label, is the topic, so topics should be few.
///
/// ```swift
/// let broker = MeteredBroker<Order>(metrics, samplingInterval: 16)
/// broker.subscribe("orders") { mailbox.offer($0) }
/// let orders = broker.route("orders")  // found once
/// orders.publish(order)
/// ```
public final class MeteredBroker<Message: Sendable>: Sendable {
    /// A topic of a broker, found: publishing there looks nothing up.
    public struct Route: Sendable {
        @usableFromInline let broker: MeteredBroker
        @usableFromInline let place: Int
        @usableFromInline let name: String

        @inlinable
        init(broker: MeteredBroker, place: Int, name: String) {
            self.broker = broker
            self.place = place
            self.name = name
        }

        /// Hands a message to the subscribers.
        ///
        /// - Returns: How many took it.
        @inlinable
        @discardableResult
        public func publish(_ message: Message) -> Int {
            broker.deliver(message, to: broker.state.withLock { $0.topics[place] }, named: name)
        }
    }

    @usableFromInline
    struct Topic {
        @usableFromInline var subscribers: [@Sendable (Message) -> Bool] = []
        @usableFromInline let timer: CountedTimer
        let count: Gauge.Series
    }

    @usableFromInline
    struct State {
        // Topics are never taken away, so that a place leads to the same one for ever.
        @usableFromInline var places: [String: Int] = [:]
        @usableFromInline var topics: [Topic] = []

        @inlinable
        func topic(_ name: String) -> Topic? {
            guard let place = places[name] else { return nil }
            return topics[place]
        }
    }

    @usableFromInline let state = Mutex(State())
    @usableFromInline let tracer: Tracer?
    @usableFromInline let noRoute: Counter.Series
    @usableFromInline let noRoom: Counter.Series
    private let metrics: ActorMetrics
    private let samplingInterval: Int

    /// Creates a broker without subscribers.
    ///
    /// - Parameters:
    ///   - metrics: Where it is measured.
    ///   - samplingInterval: Of how many messages one is timed, for all of them: a power of two, to which others are
    ///     raised. Reading the clock twice costs some 50 ns, as much as the routing itself; counts are exact in any case.
    ///   - tracer: Makes a span `route_message` of each message, which the subscribers are called in; `nil` for none.
    public init(_ metrics: ActorMetrics, samplingInterval: Int = 1, tracer: Tracer? = nil) {
        self.metrics = metrics
        self.samplingInterval = samplingInterval
        self.tracer = tracer
        noRoute = metrics.broker.routingErrors[metrics.system, "no_route"]
        noRoom = metrics.broker.routingErrors[metrics.system, "no_room"]
    }

    /// Adds a subscriber; the closure must not block and says whether it took the message.
    public func subscribe(_ topic: String, _ subscriber: @escaping @Sendable (Message) -> Bool) {
        state.withLock { state in
            let place = place(of: topic, &state)
            state.topics[place].subscribers.append(subscriber)
            state.topics[place].count.set(to: state.topics[place].subscribers.count)
        }
    }

    /// A topic to publish to many times; one without subscribers takes no message until it has some.
    public func route(_ topic: String) -> Route {
        Route(broker: self, place: state.withLock { place(of: topic, &$0) }, name: topic)
    }

    /// Hands a message to the subscribers of a topic.
    ///
    /// - Returns: How many took it.
    @inlinable
    @discardableResult
    public func publish(_ message: Message, to topic: String) -> Int {
        guard let entry = state.withLock({ $0.topic(topic) }) else {
            noRoute.increment()
            return 0
        }
        return deliver(message, to: entry, named: topic)
    }

    @inlinable @inline(__always)
    func deliver(_ message: Message, to topic: Topic, named name: String) -> Int {
        guard !topic.subscribers.isEmpty else {
            noRoute.increment()
            return 0
        }
        let start = topic.timer.begin()
        let taken: Int
        if let tracer {
            taken = tracer.withSpan("route_message", kind: .producer) { span in
                span.setAttribute("route", name)
                return offer(message, to: topic.subscribers)
            }
        } else {
            taken = offer(message, to: topic.subscribers)
        }
        topic.timer.end(start)
        return taken
    }

    @inlinable @inline(__always)
    func offer(_ message: Message, to subscribers: [@Sendable (Message) -> Bool]) -> Int {
        var taken = 0
        for subscriber in subscribers {
            if subscriber(message) { taken += 1 } else { noRoom.increment() }
        }
        return taken
    }

    private func place(of topic: String, _ state: inout State) -> Int {
        if let place = state.places[topic] { return place }
        let families = metrics.broker
        let system = metrics.system
        let timer = CountedTimer(
            families.messagesRouted[system, topic],
            times: families.routingDuration[system, topic],
            interval: samplingInterval
        )
        state.topics.append(Topic(timer: timer, count: families.subscribers[system, topic]))
        state.places[topic] = state.topics.count - 1
        families.topics[system].set(to: state.topics.count)
        return state.topics.count - 1
    }
}
