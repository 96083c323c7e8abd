public import MartletMetrics

/// The instruments of an actor system and its supervisors.
///
/// ```swift
/// let metrics = ActorMetrics(system: "shop")
/// let supervisor = Supervisor("workers", observers: [metrics.supervision])
/// let mailbox = MeteredMailbox<Order>("cart", capacity: 100, metrics)
/// ```
///
/// Supervisors, ``MeteredMailbox``, ``MeteredBroker`` and ``MeteredActorExecutor`` record by themselves. What Swift's
/// actors don't tell anybody, such as the depth of their own queues, is never made up: those families stay without series
/// until a program records them through the handles here.
///
/// The label `actor_class` is as fine as ``Detail`` says. Free text never becomes a label.
public struct ActorMetrics: Sendable {
    /// How finely actors are told apart.
    public enum Detail: String, Sendable, CaseIterable {
        /// Not at all: all are `all`.
        case none
        /// By their class.
        case byClass = "class"
        /// By their path, such as `root/workers/cart`.
        case path
    }

    /// The name of the actor system, the first label of every series.
    public let system: String

    /// How finely actors are told apart.
    public let detail: Detail

    /// Messages through a broker.
    public let broker: Broker
    /// Actors that come and go.
    public let lifecycle: Lifecycle
    /// Messages that wait.
    public let mailbox: Mailbox
    /// Messages that are handled.
    public let messages: Messages
    /// Executors that run actors.
    public let executor: Executor
    /// Supervisors and their children.
    public let supervisors: Supervision
    /// Messages between nodes.
    public let remote: Remote

    /// Declares the instruments; the same system and registry find them again.
    ///
    /// - Parameters:
    ///   - system: The name of the actor system.
    ///   - detail: How finely actors are told apart.
    ///   - registry: Where they are shown.
    public init(system: String, detail: Detail = .byClass, registry: MetricRegistry = .default) {
        self.system = system
        self.detail = detail
        broker = Broker(registry)
        lifecycle = Lifecycle(registry)
        mailbox = Mailbox(registry)
        messages = Messages(registry)
        executor = Executor(registry)
        supervisors = Supervision(registry)
        remote = Remote(registry)
        declareEmpty()
    }

    /// An observer for supervisors, which records all they do.
    public var supervision: SupervisionMetrics { SupervisionMetrics(self) }

    /// The label of an actor, as fine as ``detail`` says.
    public func label(actorClass: String, path: String = "") -> String {
        switch detail {
        case .none: "all"
        case .byClass: actorClass
        case .path: path.isEmpty ? actorClass : path
        }
    }

    /// Series without further labels are there from the start.
    private func declareEmpty() {
        for gauge in [broker.topics, broker.inflightMessages, messages.timersActive, supervisors.treeDepth] {
            gauge[system].increment(by: 0)
        }
        messages.messagesForwarded[system].increment(by: 0)
        _ = messages.timerTardiness[system]
    }

    static let latencies = HistogramBuckets.latency

    /// From 100 ns, as a broker routes in a few hundred.
    static let routing: HistogramBuckets = [
        1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 5e-5, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.1, 1,
    ]

    /// Numbers of messages.
    static let sizes: HistogramBuckets = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000]

    static let bytes = HistogramBuckets.bytes
}
