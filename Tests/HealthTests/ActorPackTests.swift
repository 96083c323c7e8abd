import MartletHealth
import MartletLogging
import MartletMetrics
import MartletPacks
import MartletTestKit
import Synchronization
import Testing

@Suite("Actor pack")
struct ActorPackTests {
    static func value(_ registry: MetricRegistry, _ name: String, _ labels: [String: String]) -> Double? {
        registry[name]?.series.first { series in
            labels.allSatisfy { series.labels[$0.key] == $0.value }
        }.flatMap { series in
            if case .histogram(let histogram) = series.value { return Double(histogram.count) }
            return series.value.number
        }
    }

    @Test func `has all families of the catalogue and no contradiction`() {
        let registry = MetricRegistry()
        _ = ActorMetrics(system: "shop", registry: registry)
        #expect(registry.names.count == 71)
        #expect(registry.problems == [])
        #expect(
            registry.names.allSatisfy { name in ["actor_", "supervisor_", "remote_"].contains { name.hasPrefix($0) } }
        )
        #expect(Self.value(registry, "supervisor_tree_depth", ["system": "shop"]) == 0)
    }

    @Test func `restarts are counted by the kind of failure and told to the log`() async throws {
        struct Crash: Error, CustomStringConvertible { var description = "crashed" }
        let registry = MetricRegistry()
        let metrics = ActorMetrics(system: "shop", registry: registry)
        let sink = RecordList()
        let observers: [any SupervisionObserver] = [metrics.supervision, SupervisionLog(Logger("tree", sink: sink))]
        let supervisor = Supervisor("workers", backoff: .none, timer: ManualTimer(), observers: observers)
        let errors = Mutex<[any Error]>([Crash(), Trouble(), Crash()])
        await supervisor.add(
            ChildSpecification("cart") {
                if let error = errors.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
                try await Task.sleep(for: .seconds(1000))
            }
        )
        let run = Task { try await supervisor.run() }
        let labels = ["system": "shop", "supervisor": "workers", "child": "cart"]
        func restarts(_ type: String) -> Double? {
            Self.value(registry, "supervisor_restarts_total", labels.merging(["failure_type": type]) { $1 })
        }
        #expect(await eventually { restarts("Crash") == 2 && restarts("Trouble") == 1 })
        #expect(Self.value(registry, "supervisor_decisions_total", ["decision": "restart"]) == 3)
        #expect(Self.value(registry, "actor_spawns_total", ["actor_class": "cart"]) == 4)
        #expect(Self.value(registry, "actor_alive", ["actor_class": "cart"]) == 1)
        #expect(Self.value(registry, "supervisor_children", ["state": "running"]) == 1)
        #expect(Self.value(registry, "supervisor_restart_duration_seconds", ["supervisor": "workers"]) == 3)
        #expect(Self.value(registry, "supervisor_strategy_info", ["strategy": "one_for_one"]) == 1)
        #expect(Self.value(registry, "supervisor_tree_depth", [:]) == 1)
        #expect(Self.value(registry, "supervisor_health_status", ["supervisor": "workers"]) == 0)
        run.cancel()
        try await run.value
        #expect(Self.value(registry, "actor_alive", ["actor_class": "cart"]) == 0)
        #expect(
            sink.lines() == [
                "info Child started supervisor=workers child=cart",
                "error Child failed supervisor=workers child=cart failure_type=Crash reason=crashed",
                "warn Child restarted supervisor=workers child=cart reason=Crash",
                "error Child failed supervisor=workers child=cart failure_type=Trouble reason=connection refused",
                "warn Child restarted supervisor=workers child=cart reason=Trouble",
                "error Child failed supervisor=workers child=cart failure_type=Crash reason=crashed",
                "warn Child restarted supervisor=workers child=cart reason=Crash",
                "info Child stopped supervisor=workers child=cart",
            ]
        )
    }

    @Test func `a mailbox shows its depth, its waits and its backpressure`() async {
        let registry = MetricRegistry()
        let mailbox = MeteredMailbox<Int>("cart", capacity: 100, ActorMetrics(system: "shop", registry: registry))
        for number in 0..<100 { #expect(mailbox.offer(number)) }
        #expect(!mailbox.offer(100))
        let labels = ["system": "shop", "actor_class": "cart"]
        #expect(mailbox.depth == 100)
        #expect(Self.value(registry, "actor_mailbox_depth", labels) == 100)
        #expect(Self.value(registry, "actor_mailbox_depth_max", labels) == 100)
        #expect(Self.value(registry, "actor_mailbox_capacity", labels) == 100)
        #expect(Self.value(registry, "actor_mailbox_overflows_total", labels) == 1)
        let sender = Task { await mailbox.send(100) }
        #expect(await eventually { Self.value(registry, "actor_backpressure_active", labels) == 1 })
        #expect(await mailbox.next() == 0)
        #expect(await sender.value)
        #expect(Self.value(registry, "actor_backpressure_active", labels) == 0)
        #expect((Self.value(registry, "actor_backpressure_seconds_total", labels) ?? 0) > 0)
        for number in 1...100 { #expect(await mailbox.next() == number) }
        let reader = Task { await mailbox.next() }
        let last = Task {
            mailbox.close()
            return mailbox.offer(101)
        }
        #expect(await !last.value)
        #expect(await reader.value == nil)
        #expect(await !mailbox.send(102))
        #expect(Self.value(registry, "actor_mailbox_dequeued_total", labels) == 101)
        #expect(Self.value(registry, "actor_mailbox_wait_seconds", labels) == 101)
    }

    @Test func `a broker counts what it routes and times a share of it for all`() {
        let registry = MetricRegistry()
        let broker = MeteredBroker<Int>(ActorMetrics(system: "shop", registry: registry), samplingInterval: 10)
        let taken = Atomic(0)
        broker.subscribe("orders") { _ in
            taken.add(1, ordering: .relaxed)
            return true
        }
        broker.subscribe("orders") { _ in false }
        for number in 0..<160 { #expect(broker.publish(number, to: "orders") == 1) }
        #expect(broker.publish(0, to: "nowhere") == 0)
        #expect(taken.load(ordering: .relaxed) == 160)
        #expect(Self.value(registry, "actor_broker_messages_routed_total", ["route": "orders"]) == 160)
        // One of each 16 is timed, and stands for 16; the last run may not have met its one yet.
        let timed = Self.value(registry, "actor_broker_routing_duration_seconds", ["route": "orders"])
        #expect(timed == 144 || timed == 160)
        #expect(Self.value(registry, "actor_broker_routing_errors_total", ["error_type": "no_room"]) == 160)
        #expect(Self.value(registry, "actor_broker_routing_errors_total", ["error_type": "no_route"]) == 1)
        #expect(Self.value(registry, "actor_broker_subscribers", ["topic": "orders"]) == 2)
        #expect(Self.value(registry, "actor_broker_topics", [:]) == 1)
    }

    @Test func `a broker times each message where no share is told`() {
        let registry = MetricRegistry()
        let broker = MeteredBroker<Int>(ActorMetrics(system: "shop", registry: registry))
        broker.subscribe("orders") { _ in true }
        for number in 0..<100 { broker.publish(number, to: "orders") }
        #expect(Self.value(registry, "actor_broker_routing_duration_seconds", ["route": "orders"]) == 100)
    }

    @Test func `a route that was found reaches the subscribers that come later`() {
        let registry = MetricRegistry()
        let broker = MeteredBroker<Int>(ActorMetrics(system: "shop", registry: registry))
        let route = broker.route("orders")
        #expect(route.publish(1) == 0 && broker.publish(2, to: "orders") == 0)
        #expect(Self.value(registry, "actor_broker_routing_errors_total", ["error_type": "no_route"]) == 2)
        broker.subscribe("orders") { _ in true }
        broker.subscribe("orders") { _ in true }
        #expect(route.publish(3) == 2 && broker.publish(4, to: "orders") == 2)
        #expect(Self.value(registry, "actor_broker_messages_routed_total", ["route": "orders"]) == 2)
    }

    @Test func `an executor of actors counts and times its jobs`() async {
        actor Worker {
            private let executor: MeteredActorExecutor
            private var sum = 0
            nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

            init(_ executor: MeteredActorExecutor) { self.executor = executor }

            func add(_ number: Int) -> Int {
                sum += number
                return sum
            }
        }
        let registry = MetricRegistry()
        let worker = Worker(MeteredActorExecutor("main", ActorMetrics(system: "shop", registry: registry)))
        for _ in 0..<5 { _ = await worker.add(2) }
        #expect(await worker.add(0) == 10)
        let labels = ["executor": "main"]
        #expect(await eventually { (Self.value(registry, "actor_executor_jobs_total", labels) ?? 0) >= 6 })
        #expect(Self.value(registry, "actor_executor_queue_depth", labels) == 0)
        #expect((Self.value(registry, "actor_executor_run_seconds", labels) ?? 0) >= 6)
    }

    @Test func `actors are told apart as finely as asked`() {
        let registry = MetricRegistry()
        let labels = ActorMetrics.Detail.allCases.map {
            ActorMetrics(system: "shop", detail: $0, registry: registry).label(actorClass: "cart", path: "root/cart")
        }
        #expect(labels == ["all", "cart", "root/cart"])
    }
}
