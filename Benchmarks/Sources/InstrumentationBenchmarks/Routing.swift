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

    static func run() {
        let names = (0..<10).map { "orders.\($0)" }
        let sum = Atomic<Int>(0)
        let take: @Sendable (Int) -> Bool = {
            sum.store($0, ordering: .relaxed); return true
        }
        let plain = PlainBroker()
        let metrics = ActorMetrics(system: "bench", registry: MetricRegistry())
        let timed = MeteredBroker<Int>(metrics)
        let sampled = MeteredBroker<Int>(metrics, samplingInterval: 64)
        for name in names {
            plain.subscribe(name, take)
            timed.subscribe(name, take)
            sampled.subscribe(name, take)
        }
        Harness.measure("actor_route_plain") { count in
            for i in 0..<count { _ = plain.publish(i, to: names[i % 10]); benchmark_barrier() }
        }
        Harness.measure("actor_route_counted") { count in
            for i in 0..<count { _ = sampled.publish(i, to: names[i % 10]); benchmark_barrier() }
        }
        Harness.measure("actor_route_timed") { count in
            for i in 0..<count { _ = timed.publish(i, to: names[i % 10]); benchmark_barrier() }
        }
    }
}
