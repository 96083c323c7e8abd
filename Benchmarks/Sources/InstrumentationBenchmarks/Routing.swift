import BenchmarkHarness
import CBarrier
import Martlet
import MartletPacks
import Synchronization

/// What measuring adds to the routing of messages between actors.
enum Routing {
    /// The broker of the pack without its instruments: one look-up under a lock and a call.
    private final class PlainBroker: Sendable {
        private let topics = Mutex<[String: [@Sendable (Int) -> Bool]]>([:])

        func subscribe(_ topic: String, _ subscriber: @escaping @Sendable (Int) -> Bool) {
            topics.withLock { $0[topic, default: []].append(subscriber) }
        }

        func publish(_ message: Int, to topic: String) -> Int {
            guard let subscribers = topics.withLock({ $0[topic] }) else { return 0 }
            var taken = 0
            for subscriber in subscribers where subscriber(message) { taken += 1 }
            return taken
        }
    }

    /// Takes spans and forgets them, so that only the tracer's own cost is seen.
    private final class NullProcessor: SpanProcessor {
        func process(_ spans: [FinishedSpan], from source: SpanSource) {}
        func flush(within limit: Duration) async -> Bool { true }
        func shutdown(within limit: Duration) async -> Bool { true }
    }

    private static let names = (0..<10).map { "orders.\($0)" }
    private static let sum = Atomic<Int>(0)

    private static func take(_ message: Int) -> Bool {
        sum.store(message, ordering: .relaxed)
        return true
    }

    private static func plain() -> PlainBroker {
        let broker = PlainBroker()
        for name in names { broker.subscribe(name, take) }
        return broker
    }

    private static func metered(_ interval: Int, tracer: Tracer? = nil) -> MeteredBroker<Int> {
        let metrics = ActorMetrics(system: "bench", registry: MetricRegistry())
        let broker = MeteredBroker<Int>(metrics, samplingInterval: interval, tracer: tracer)
        for name in names { broker.subscribe(name, take) }
        return broker
    }

    private static func publish(_ broker: MeteredBroker<Int>) -> @Sendable (Int) -> Void {
        let names = Routing.names
        return { count in
            for i in 0..<count { _ = broker.publish(i, to: names[i % 10]); benchmark_barrier() }
        }
    }

    private static func publishFound(_ broker: MeteredBroker<Int>) -> @Sendable (Int) -> Void {
        let routes = names.map { broker.route($0) }
        return { count in
            for i in 0..<count { _ = routes[i % 10].publish(i); benchmark_barrier() }
        }
    }

    /// One in so many that hardly any is timed: what counting alone costs.
    private static let hardlyAny = 65_536

    /// What is measured; each is made when it is asked for.
    static let operations: [(name: String, make: @Sendable () -> @Sendable (Int) -> Void)] = [
        (
            "actor_route_plain",
            {
                let broker = plain()
                let names = Routing.names
                return { count in
                    for i in 0..<count { _ = broker.publish(i, to: names[i % 10]); benchmark_barrier() }
                }
            }
        ),
        ("actor_route_counted", { publish(metered(hardlyAny)) }),
        ("actor_route_timed", { publish(metered(1)) }),
        ("actor_route_timed_16", { publish(metered(16)) }),
        (
            "actor_route_traced",
            {
                let provider = TracerProvider(processors: [NullProcessor()])
                return publish(metered(16, tracer: provider.tracer("bench")))
            }
        ),
        (
            "actor_route_traced_100",
            {
                let provider = TracerProvider(sampler: .parentBased(.ratio(0.01)), processors: [NullProcessor()])
                return publish(metered(16, tracer: provider.tracer("bench")))
            }
        ),
        ("actor_route_found", { publishFound(metered(hardlyAny)) }),
        ("actor_route_found_timed_16", { publishFound(metered(16)) }),
    ]

    /// Those whose instructions are counted; spans are counted by the tracer's own program.
    static let counted: [(name: String, body: @Sendable (Int) -> Void)] =
        operations.filter { !$0.name.contains("traced") }.map { (name: $0.name, body: $0.make()) }

    static func run() {
        for operation in operations { Harness.measure(operation.name, operation.make()) }
    }
}
