import Dispatch
import MartletCore
import MartletHealth
import MartletTestKit
import Synchronization
import Testing

@Suite("Health monitor")
struct HealthMonitorTests {
    static func monitor(_ change: (inout HealthMonitor.Configuration) -> Void = { _ in }) -> (
        HealthMonitor, ManualTimer
    ) {
        var configuration = HealthMonitor.Configuration()
        configuration.jitter = 0
        change(&configuration)
        let timer = ManualTimer(milliseconds: 1_000_000)
        return (HealthMonitor(configuration, clock: timer, timer: timer), timer)
    }

    @Test func `runs each check at once and then on its interval`() async throws {
        let (monitor, timer) = Self.monitor { $0.interval = .seconds(1) }
        let check = ScriptedCheck("queue")
        monitor.add(check)
        monitor.start()
        monitor.start()
        for round in 1...10 {
            let next = timer.nanoseconds + 1_000_000_000
            try #require(await eventually { check.runs == round && timer.deadlines == [next] })
            timer.advance(by: .seconds(1))
        }
        #expect(await eventually { monitor.report.checks[0].runCount == 11 })
        monitor.stop()
        #expect(await eventually { timer.sleeperCount == 0 })
        timer.advance(by: .seconds(10))
        #expect(check.runs == 11)
    }

    @Test func `interval, timeout and thresholds are those of the documents unless said otherwise`() {
        let configuration = HealthMonitor.Configuration()
        #expect(configuration.interval == .seconds(30))
        #expect(configuration.timeout == .seconds(5))
        #expect(configuration.alertThreshold == 3)
        #expect(configuration.statusThreshold == 1)
        let other = HealthMonitor.Configuration(checkInterval: .seconds(2), unhealthyThreshold: 5)
        #expect(other.interval == .seconds(2))
        #expect(other.alertThreshold == 5)
    }

    @Test func `jitter shifts a check within its interval and keeps its pace`() async throws {
        let (monitor, timer) = Self.monitor { $0.jitter = 0.5 }
        monitor.add(ScriptedCheck("one"))
        monitor.add(ScriptedCheck("two"))
        monitor.start()
        let start = timer.nanoseconds
        func areShifted(_ deadlines: [Int64]) -> Bool {
            deadlines.count == 2 && deadlines.allSatisfy { (30_000_000_000..<45_000_000_000).contains($0 - start) }
        }
        try #require(await eventually { areShifted(timer.deadlines) })
        let first = timer.deadlines
        #expect(first[0] != first[1])
        timer.advance(by: .seconds(45))
        #expect(await eventually { timer.deadlines == first.map { $0 + 30_000_000_000 } })
        monitor.stop()
    }

    @Test func `asking for the report runs nothing`() async {
        let (monitor, _) = Self.monitor()
        let check = ScriptedCheck("queue")
        monitor.add(check)
        await monitor.runAllChecks()
        for _ in 0..<100 { #expect(monitor.report.status == .healthy) }
        #expect(check.runs == 1)
    }

    @Test func `requests for a fresh report share a run and reuse a young result`() async {
        let (monitor, timer) = Self.monitor()
        let gate = Gate()
        monitor.register("slow") {
            await gate.pass()
            return .healthy("fine")
        }
        let reports = Task {
            await withTaskGroup(of: HealthStatus.self) { group in
                for _ in 0..<20 { group.addTask { await monitor.report(notOlderThan: .seconds(1)).status } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(await eventually { gate.waiting == 1 })
        gate.open()
        #expect(await reports.value == Array(repeating: .healthy, count: 20))
        _ = await monitor.report(notOlderThan: .seconds(1))
        #expect(gate.passed == 1)
        timer.advance(by: .seconds(2))
        _ = await monitor.report(notOlderThan: .seconds(1))
        #expect(gate.passed == 2)
    }

    @Test func `a hanging check is reported at its limit and others on time`() async {
        let (monitor, timer) = Self.monitor()
        let gate = Gate()
        monitor.register("stuck") {
            await gate.pass()
            return .healthy("at last")
        }
        monitor.add(ScriptedCheck("fine"))
        let run = Task { await monitor.runAllChecks() }
        #expect(await eventually { monitor.report.checks[1].lastCheck != nil && timer.sleeperCount >= 1 })
        #expect(await eventually { timer.deadlines == [timer.nanoseconds + 5_000_000_000] })
        timer.advance(by: .seconds(5))
        let report = await run.value
        #expect(report.checks[0].message == "timed out after 5s")
        #expect(report.checks[0].status == .unhealthy)
        #expect(report.checks[0].timeoutCount == 1)
        #expect(report.checks[1].status == .healthy)
        #expect(report.status == .degraded)

        // It is not started again while it hangs, so that it holds one task for ever and not one a round.
        timer.advance(by: .seconds(30))
        let second = await monitor.runAllChecks()
        #expect(
            second.checks[0].message == "an earlier run has not come back for 35 s; the check is not started again"
        )
        #expect(gate.waiting == 1)

        gate.open()
        #expect(await eventually { await monitor.runAllChecks().checks[0].status == .healthy })
    }

    @Test func `a check that blocks its thread holds no other back`() async {
        var configuration = HealthMonitor.Configuration()
        configuration.timeout = .milliseconds(50)
        let monitor = HealthMonitor(configuration)
        let isDone = DispatchSemaphore(value: 0)
        for number in 0..<8 {
            monitor.add(
                ClosureHealthCheck("blocks\(number)", isBlocking: true) {
                    wait(for: isDone)
                    return .healthy("done")
                }
            )
        }
        monitor.add(ScriptedCheck("fine"))
        let report = await monitor.runAllChecks()
        for _ in 0..<8 { isDone.signal() }
        #expect(report.checks.filter { $0.message.hasPrefix("timed out") }.count == 8)
        #expect(report.checks.last?.isHealthy == true)
    }

    @Test func `a timeout stays below the interval`() async {
        let (monitor, timer) = Self.monitor { $0.interval = .seconds(1) }
        monitor.register("stuck") {
            try await Task.sleep(for: .seconds(1000))
            return .healthy("at last")
        }
        let run = Task { await monitor.runAllChecks() }
        #expect(await timer.waitForSleepers(1))
        timer.advance(by: .milliseconds(900))
        #expect(await run.value.checks[0].message == "timed out after 900ms")
    }

    @Test func `a throwing check is unhealthy with the error as its message and the monitor goes on`() async {
        let (monitor, _) = Self.monitor()
        monitor.register("cache", kind: .dependency) { throw Trouble() }
        monitor.add(ScriptedCheck("fine"))
        let report = await monitor.runAllChecks()
        #expect(report.checks[0].status == .unhealthy)
        #expect(report.checks[0].message == "connection refused")
        #expect(report.issues == ["cache: connection refused"])
        #expect(!monitor.isHealthy)
        #expect(monitor.issues == ["cache: connection refused"])
        #expect(report.checks[1].isHealthy)
    }

    @Test func `a yes or no is enough for a check`() async {
        let (monitor, _) = Self.monitor()
        let isGood = Mutex(true)
        monitor.add("cache", where: { isGood.withLock(\.self) })
        #expect(await monitor.runAllChecks().checks[0].message == "cache is healthy")
        isGood.withLock { $0 = false }
        #expect(await monitor.runAllChecks().issues == ["cache: cache failed"])
    }

    @Test func `a success resets the count of failures`() async {
        let (monitor, _) = Self.monitor()
        let bad = HealthResult.failed("bad")
        monitor.add(ScriptedCheck("queue", [bad, bad, .healthy("good"), bad]))
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(await monitor.runAllChecks().checks[0].failureCount) }
        #expect(counts == [1, 2, 0, 1])
    }

    @Test func `a failed check gets worse from the alert threshold on`() async {
        let (monitor, _) = Self.monitor()
        monitor.add(ScriptedCheck("minor", [.failed("bad")]))
        monitor.add(ScriptedCheck("major", isCritical: true, [.failed("bad")]))
        var minor: [HealthStatus] = []
        var major: [HealthStatus] = []
        for _ in 0..<4 {
            let checks = await monitor.runAllChecks().checks
            minor.append(checks[0].status)
            major.append(checks[1].status)
        }
        #expect(minor == [.degraded, .degraded, .unhealthy, .unhealthy])
        #expect(major == [.unhealthy, .unhealthy, .critical, .critical])
    }

    @Test func `people are told at the threshold, once, and only of critical checks`() async {
        let (monitor, _) = Self.monitor()
        let events = EventList()
        monitor.add(observer: events)
        let check = ScriptedCheck("major", isCritical: true, [.failed("bad")])
        monitor.add(check)
        monitor.add(ScriptedCheck("minor", [.failed("bad")]))
        await monitor.runAllChecks()
        await monitor.runAllChecks()
        #expect(events.exceeded == [])
        await monitor.runAllChecks()
        #expect(events.exceeded == ["major"])
        await monitor.runAllChecks()
        #expect(events.exceeded == ["major"])
        check.set(.healthy("good"), .failed("bad"))
        for _ in 0..<4 { await monitor.runAllChecks() }
        #expect(events.exceeded == ["major", "major"])
    }

    @Test func `a single flake leaves the state healthy where several failures are asked for`() async {
        let (monitor, _) = Self.monitor { $0.statusThreshold = 3 }
        let bad = HealthResult.unhealthy("bad")
        monitor.add(ScriptedCheck("flaky", [bad, .healthy("good"), bad, bad, bad]))
        var states: [HealthStatus] = []
        for _ in 0..<5 { states.append(await monitor.runAllChecks().status) }
        #expect(states == [.healthy, .healthy, .healthy, .healthy, .degraded])
    }

    @Test func `a check's own threshold goes before the monitor's`() async {
        let (monitor, _) = Self.monitor()
        monitor.add(ScriptedCheck("child", statusThreshold: 2, [.unhealthy("bad")]))
        #expect(await monitor.runAllChecks().checks[0].status == .healthy)
        #expect(await monitor.runAllChecks().checks[0].status == .unhealthy)
    }

    @Test func `changes are kept, told and bounded`() async throws {
        let (monitor, timer) = Self.monitor { $0.historyMax = 4 }
        let check = ScriptedCheck("queue", isCritical: true)
        monitor.add(check)
        await monitor.runAllChecks()
        #expect(monitor.history() == [])
        let changes = monitor.changes()
        check.set(.unhealthy("no answer"))
        await monitor.runAllChecks()
        var iterator = changes.makeAsyncIterator()
        let first = try #require(await iterator.next())
        #expect(
            first.json == """
                {"time":1000000,"check":"queue","from":"healthy","to":"unhealthy","message":"no answer"}
                """
        )
        let second = try #require(await iterator.next())
        #expect(
            second.json == """
                {"time":1000000,"check":"","from":"healthy","to":"unhealthy","message":"not healthy: queue"}
                """
        )
        timer.advance(by: .seconds(60))
        check.set(.healthy("again"))
        await monitor.runAllChecks()
        #expect(monitor.history().count == 4)
        #expect(monitor.history(since: 1_060_000).map(\.to) == [.healthy, .healthy])
        #expect(monitor.history(check: "").map(\.to) == [.unhealthy, .healthy])
        check.set(.degraded("so so"))
        await monitor.runAllChecks()
        #expect(monitor.history().count == 4)
        #expect(monitor.historyDropped == 2)
        monitor.stop()
        while await iterator.next() != nil {}
    }

    @Test func `the last runs of a check are kept`() async {
        let (monitor, _) = Self.monitor { $0.resultsMax = 2 }
        monitor.add(ScriptedCheck("queue", [.healthy("one"), .failed("two"), .healthy("three")]))
        for _ in 0..<3 { await monitor.runAllChecks() }
        #expect(monitor.runs(of: "queue").map(\.message) == ["two", "three"])
        #expect(
            monitor.runs(of: "queue")[0].json == """
                {"time":1000000,"status":"degraded","healthy":false,"timed_out":false,"message":"two","duration_ms":0}
                """
        )
        #expect(monitor.runs(of: "nothing") == [])
    }

    @Test func `checks come and go while the monitor runs`() async {
        let (monitor, timer) = Self.monitor { $0.checksMax = 1 }
        monitor.start()
        let check = ScriptedCheck("one", [.failed("bad")])
        #expect(monitor.add(check))
        #expect(await eventually { check.runs == 1 && timer.sleeperCount == 1 })
        #expect(!monitor.add(ScriptedCheck("two")))
        #expect(monitor.checkNames == ["one"])
        let other = ScriptedCheck("one")
        #expect(monitor.add(other))
        #expect(await eventually { other.runs == 1 })
        monitor.remove(named: "one")
        monitor.remove(named: "one")
        #expect(monitor.report.checks == [])
        #expect(await eventually { timer.sleeperCount == 0 })
        #expect(monitor.isRunning)
        monitor.stop()
    }

    @Test func `a monitor that nobody uses goes away with its checks`() async {
        let timer = ManualTimer()
        weak var gone: HealthMonitor?
        do {
            let monitor = HealthMonitor(clock: timer, timer: timer)
            monitor.add(ScriptedCheck("queue"))
            monitor.start()
            gone = monitor
            #expect(await timer.waitForSleepers(1))
        }
        #expect(await eventually { gone == nil && timer.sleeperCount == 0 })
    }

    @Test func `readers beyond the bound get an ended stream`() async {
        let (monitor, _) = Self.monitor()
        let streams = (0..<64).map { _ in monitor.changes() }
        for await _ in monitor.changes() { Issue.record("there is nothing to read") }
        #expect(streams.count == 64)
        monitor.stop()
    }
}

/// Blocks the thread.
private func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }

/// Lets nobody pass until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var passed = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var waiting: Int { state.withLock { $0.waiters.count } }
    var passed: Int { state.withLock { $0.passed } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) } else { state.passed += 1 }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            state.passed += state.waiters.count
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
