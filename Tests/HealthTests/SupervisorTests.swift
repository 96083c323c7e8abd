import MartletCore
@testable import MartletHealth
import MartletTestKit
import Synchronization
import Testing

@Suite("Supervisor")
struct SupervisorTests {
    /// What a supervisor told, as texts.
    final class Story: SupervisionObserver {
        private let list = Mutex<[String]>([])

        var all: [String] { list.withLock(\.self) }

        func observe(_ event: SupervisionEvent, supervisor: String) {
            let text: String? =
                switch event {
                case .started(let child, let isRestart, let type, _):
                    isRestart ? "restart \(child) \(type ?? "")" : "start \(child)"
                case .failed(let child, let type, let reason): "fail \(child) \(type): \(reason)"
                case .stopped(let child): "stop \(child)"
                case .abandoned(let child): "abandon \(child)"
                case .decided(let decision, let child): "\(decision) \(child)"
                case .intensityExceeded(let child): "exceeded \(child)"
                case .healthChecked(let child, let status): "\(child) is \(status)"
                default: nil
                }
            if let text { list.withLock { $0.append("\(supervisor): \(text)") } }
        }
    }

    /// A child that lives until it is told how to end.
    final class Puppet: Sendable {
        private struct State {
            var lives = 0
            var continuation: CheckedContinuation<Result<Void, any Error>, Never>?
        }

        private let state = Mutex(State())
        let status = Mutex(HealthStatus.healthy)

        /// How often it was started.
        var lives: Int { state.withLock(\.lives) }
        var isAlive: Bool { state.withLock { $0.continuation != nil } }

        func run() async throws {
            try await withTaskCancellationHandler {
                try await withCheckedContinuation { continuation in
                    state.withLock {
                        $0.lives += 1
                        $0.continuation = continuation
                    }
                    if Task.isCancelled { end(.success(())) }
                }.get()
            } onCancel: {
                end(.success(()))
            }
        }

        func end(_ result: Result<Void, any Error>) {
            let continuation = state.withLock { state in
                defer { state.continuation = nil }
                return state.continuation
            }
            continuation?.resume(returning: result)
        }

        func specification(
            _ name: String,
            restart: ChildSpecification.Restart = .permanent,
            interval: Duration = .seconds(10),
            threshold: Int = 3
        ) -> ChildSpecification {
            ChildSpecification(
                name,
                restart: restart,
                healthInterval: interval,
                healthThreshold: threshold,
                health: { self.status.withLock(\.self) },
                run
            )
        }
    }

    struct Crash: FailureTyped {
        var failureType = "crash"
    }

    static func family(
        _ strategy: SupervisionStrategy,
        intensity: RestartIntensity = RestartIntensity(),
        backoff: RestartBackoff = .none
    ) async throws -> (
        supervisor: Supervisor, puppets: [Puppet], story: Story, timer: ManualTimer, run: Task<Void, any Error>
    ) {
        let story = Story()
        let timer = ManualTimer()
        let supervisor = Supervisor(
            "root",
            strategy: strategy,
            intensity: intensity,
            backoff: backoff,
            timer: timer,
            observers: [story]
        )
        let puppets = [Puppet(), Puppet(), Puppet()]
        for (name, puppet) in zip(["a", "b", "c"], puppets) { await supervisor.add(puppet.specification(name)) }
        let run = Task { try await supervisor.run() }
        try #require(await eventually { puppets.allSatisfy(\.isAlive) })
        return (supervisor, puppets, story, timer, run)
    }

    @Test(arguments: [
        (SupervisionStrategy.oneForOne, [1, 2, 1]), (.oneForAll, [2, 2, 2]), (.restForOne, [1, 2, 2]),
    ])
    func `a failure restarts whom the strategy says`(strategy: SupervisionStrategy, lives: [Int]) async throws {
        let (supervisor, puppets, _, _, run) = try await Self.family(strategy)
        puppets[1].end(.failure(Crash()))
        #expect(await eventually { puppets.map(\.lives) == lives && puppets.allSatisfy(\.isAlive) })
        #expect(await eventually { await supervisor.runningChildren == ["a", "b", "c"] })
        run.cancel()
        try await run.value
        #expect(puppets.allSatisfy { !$0.isAlive })
    }

    @Test func `children start in order and end in the opposite one`() async throws {
        let (_, _, story, _, run) = try await Self.family(.oneForOne)
        run.cancel()
        try await run.value
        #expect(
            story.all == ["start a", "start b", "start c", "stop c", "stop b", "stop a"].map { "root: \($0)" }
        )
    }

    @Test func `restarts are told with the kind of failure`() async throws {
        let (_, puppets, story, _, run) = try await Self.family(.oneForOne)
        puppets[0].end(.failure(Crash()))
        #expect(await eventually { puppets[0].lives == 2 && puppets[0].isAlive })
        puppets[0].end(.failure(Trouble()))
        #expect(await eventually { puppets[0].lives == 3 && puppets[0].isAlive })
        #expect(
            story.all.filter { !$0.contains("start ") || $0.contains("restart") } == [
                "root: fail a crash: Crash(failureType: \"crash\")", "root: restart a", "root: restart a crash",
                "root: fail a Trouble: connection refused", "root: restart a", "root: restart a Trouble",
            ]
        )
        run.cancel()
        try await run.value
    }

    @Test
    func `a permanent child comes back after returning, a transient one only after failing, a temporary one never`()
        async throws
    {
        let supervisor = Supervisor("root", backoff: .none, timer: ManualTimer())
        let puppets = [Puppet(), Puppet(), Puppet()]
        for (puppet, restart) in zip(puppets, ChildSpecification.Restart.allCases) {
            await supervisor.add(puppet.specification(restart.rawValue, restart: restart))
        }
        #expect(await !supervisor.add(puppets[0].specification("permanent")))
        let run = Task { try await supervisor.run() }
        #expect(await eventually { puppets.allSatisfy(\.isAlive) })
        puppets[1].end(.failure(Crash()))
        #expect(await eventually { puppets[1].lives == 2 && puppets[1].isAlive })
        puppets[0].end(.success(()))
        puppets[1].end(.success(()))
        puppets[2].end(.failure(Crash()))
        #expect(await eventually { puppets[0].lives == 2 && puppets[0].isAlive })
        #expect(await eventually { await supervisor.runningChildren == ["permanent"] })
        #expect(puppets.map(\.lives) == [2, 2, 1])
        run.cancel()
        try await run.value
    }

    @Test func `a supervisor gives up when its children fail too often`() async throws {
        let (supervisor, puppets, story, _, run) = try await Self.family(
            .oneForOne,
            intensity: RestartIntensity(restartsMax: 2, within: .seconds(5))
        )
        for life in 1...3 {
            #expect(await eventually { puppets[2].lives == life && puppets[2].isAlive })
            puppets[2].end(.failure(Crash()))
        }
        let expected = SupervisorError.intensityExceeded(
            supervisor: "root",
            child: "c",
            reason: "Crash(failureType: \"crash\")",
            restartsMax: 2,
            window: .seconds(5)
        )
        await #expect(throws: expected) { try await run.value }
        #expect(puppets.allSatisfy { !$0.isAlive })
        #expect(story.all.contains("root: exceeded c"))
        #expect(story.all.contains("root: escalate c"))
        #expect(await supervisor.healthStatus() == .unhealthy)
        #expect(expected.description.hasPrefix("supervisor root gave up: more than 2 restarts in 5.0 seconds"))
    }

    @Test func `failures far apart are not too often`() async throws {
        let (_, puppets, _, timer, run) = try await Self.family(
            .oneForOne,
            intensity: RestartIntensity(restartsMax: 1, within: .seconds(5))
        )
        for life in 1...5 {
            #expect(await eventually { puppets[0].lives == life && puppets[0].isAlive })
            puppets[0].end(.failure(Crash()))
            #expect(await eventually { puppets[0].lives == life + 1 })
            timer.advance(by: .seconds(6))
        }
        run.cancel()
        try await run.value
    }

    @Test func `waits grow from failure to failure up to a bound and begin anew after a long life`() {
        let backoff = RestartBackoff(first: .seconds(1), longest: .seconds(6), factor: 2, resetAfter: .seconds(60))
        #expect((1...5).map { backoff.delay(afterFailures: $0) } == [1, 2, 4, 6, 6].map { .seconds($0) })
        var machine = SupervisionMachine(
            strategy: .oneForOne,
            intensity: RestartIntensity(restartsMax: 100),
            backoff: backoff
        )
        let isAdded = machine.add("a", restart: .permanent)
        #expect(isAdded)
        var delays: [Duration] = []
        var now: Int64 = 0
        for life in [1, 1, 1, 61, 1] {
            machine.started("a", at: now)
            now += Int64(life) * 1_000_000_000
            guard case .restart(["a"], let delay) = machine.ended("a", .failed(type: "x"), at: now) else { continue }
            delays.append(delay)
        }
        #expect(delays == [1, 2, 4, 1, 2].map { .seconds($0) })
    }

    @Test func `a child waits for its restart and is unhealthy meanwhile`() async throws {
        let (supervisor, puppets, _, timer, run) = try await Self.family(
            .oneForOne,
            backoff: RestartBackoff(first: .seconds(2))
        )
        puppets[0].end(.failure(Crash()))
        #expect(await eventually { timer.deadlines.contains(2_000_000_000) })
        #expect(await supervisor.healthStatus() == .unhealthy)
        #expect(await supervisor.runningChildren == ["b", "c"])
        timer.advance(by: .seconds(2))
        #expect(await eventually { puppets[0].lives == 2 })
        #expect(await eventually { await supervisor.healthStatus() == .healthy })
        run.cancel()
        try await run.value
    }

    @Test func `an unhealthy child is restarted from its threshold on and a degraded one never`() async throws {
        let (_, puppets, story, timer, run) = try await Self.family(.oneForOne)
        puppets[0].status.withLock { $0 = .degraded }
        puppets[1].status.withLock { $0 = .unhealthy }
        for round in 1...3 {
            #expect(await eventually { timer.sleeperCount >= 3 })
            timer.advance(by: .seconds(10))
            #expect(await eventually { story.all.count { $0 == "root: a is degraded" } == round })
            #expect(await eventually { story.all.count { $0 == "root: b is unhealthy" } == round })
        }
        #expect(await eventually { puppets[1].lives == 2 })
        #expect(story.all.contains("root: fail b unhealthy: health is unhealthy"))
        #expect(story.all.contains("root: restart b unhealthy"))
        #expect(story.all.contains("root: resume a"))
        #expect(puppets.map(\.lives) == [1, 2, 1])
        run.cancel()
        try await run.value
    }

    @Test func `a child whose health has no answer is unhealthy`() async throws {
        let timer = ManualTimer()
        let story = Story()
        let supervisor = Supervisor("root", backoff: .none, timer: timer, observers: [story])
        let puppet = Puppet()
        let gate = Gate()
        await supervisor.add(
            ChildSpecification("a", healthInterval: .seconds(1), healthThreshold: 2) {
                await gate.pass()
                return .healthy
            } _: {
                try await puppet.run()
            }
        )
        let run = Task { try await supervisor.run() }
        while puppet.lives < 2 {
            let count = story.all.count
            timer.advance(by: .seconds(1))
            guard await eventually({ story.all.count > count || timer.sleeperCount > 0 }) else { break }
        }
        #expect(puppet.lives == 2)
        #expect(story.all.contains("root: fail a unhealthy: health is unhealthy"))
        gate.open()
        run.cancel()
        try await run.value
    }

    @Test func `a lower supervisor that gives up is restarted by the upper one`() async throws {
        let timer = ManualTimer()
        let story = Story()
        let low = Supervisor(
            "low",
            intensity: RestartIntensity(restartsMax: 1),
            backoff: .none,
            timer: timer,
            observers: [story]
        )
        let puppet = Puppet()
        await low.add(puppet.specification("leaf"))
        let root = Supervisor("root", backoff: .none, timer: timer, observers: [story])
        await root.add(ChildSpecification(low))
        let run = Task { try await root.run() }
        for life in 1...2 {
            #expect(await eventually { puppet.lives == life && puppet.isAlive })
            puppet.end(.failure(Crash()))
        }
        #expect(await eventually { puppet.lives == 3 && puppet.isAlive })
        #expect(await low.path == "root/low")
        #expect(story.all.contains("root/low: escalate leaf"))
        #expect(story.all.contains("root: restart low intensity_exceeded"))
        run.cancel()
        try await run.value
        #expect(!puppet.isAlive)
    }

    @Test func `a child that does not end in time is left behind`() async throws {
        let timer = ManualTimer()
        let story = Story()
        let gate = Gate()
        let supervisor = Supervisor("root", timer: timer, observers: [story])
        await supervisor.add(ChildSpecification("stubborn", shutdownTimeout: .seconds(3)) { await gate.pass() })
        let run = Task { try await supervisor.run() }
        #expect(await eventually { gate.waiting == 1 })
        run.cancel()
        #expect(await timer.waitForSleepers(1))
        timer.advance(by: .seconds(3))
        try await run.value
        #expect(story.all == ["root: start stubborn", "root: abandon stubborn"])
        gate.open()
    }

    @Test func `an actor is made anew at each start and asked for its health`() async throws {
        actor Counter: SupervisedActor {
            static let made = Mutex(0)
            static let stopped = Mutex(0)
            let gate: Gate

            init(_ gate: Gate) {
                self.gate = gate
                Self.made.withLock { $0 += 1 }
            }

            func run() async throws {
                await gate.pass()
                if Self.made.withLock({ $0 }) < 3 { throw Crash() }
                try await Task.sleep(for: .seconds(1000))
            }

            func stop() { Self.stopped.withLock { $0 += 1 } }

            func healthStatus() -> HealthStatus { .degraded }
        }
        let gate = Gate()
        let supervisor = Supervisor("root", backoff: .none, timer: ManualTimer())
        let specification = ChildSpecification(actor: "counter") { Counter(gate) }
        #expect(try await specification.health?() == .healthy)
        await supervisor.add(specification)
        let run = Task { try await supervisor.run() }
        gate.open()
        #expect(await eventually { Counter.made.withLock(\.self) == 3 })
        #expect(await eventually { (try? await specification.health?()) == .degraded })
        run.cancel()
        try await run.value
        #expect(Counter.stopped.withLock(\.self) == 3)
    }

    @Test func `children come and go while the supervisor runs, and become health checks`() async throws {
        let (supervisor, _, _, _, run) = try await Self.family(.oneForOne)
        let puppet = Puppet()
        await supervisor.add(puppet.specification("d"))
        #expect(await eventually { puppet.isAlive })
        let monitor = HealthMonitor()
        for check in await supervisor.healthChecks() { monitor.add(check) }
        await supervisor.remove("d")
        #expect(!puppet.isAlive)
        #expect(await supervisor.children == ["a", "b", "c"])
        let report = await monitor.runAllChecks()
        #expect(report.checks.map(\.name) == ["root/a", "root/b", "root/c", "root/d"])
        #expect(report.status == .healthy)
        #expect(report.components["root/b"]?.status == .healthy)
        run.cancel()
        try await run.value
    }
}
