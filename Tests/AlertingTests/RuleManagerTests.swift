import MartletCore
import MartletLogging
import MartletPatterns
import MartletSeries
import MartletTestKit
import Testing

@testable import MartletAlerting

@Suite("Rule manager")
struct RuleManagerTests {
    private let query = TableQuery()
    private let sink = MemorySink()
    private let receiver = MemoryReceiver()
    private let log = MemoryLog()
    private let clock = ManualClock(milliseconds: 1_000_000)

    private func manager() -> RuleManager {
        let logger = Logger("rules", sink: log)
        let evaluator = RuleEvaluator(query: query, sink: sink, patterns: RE2Patterns(), clock: clock, log: logger)
        return RuleManager(
            evaluator: evaluator,
            receiver: receiver,
            clock: clock,
            sleepMax: .milliseconds(5),
            log: logger
        )
    }

    private func alerting(_ name: String = "Down", _ expression: String = "up == 0", hold: Duration = .zero) -> Rule {
        .alerting(AlertingRule(name: name, expression: expression, holdDuration: hold))
    }

    @Test func `tells of an alert once while it fires and once when it ends`() async throws {
        let manager = manager()
        await manager.apply([RuleGroup(name: "g", rules: [alerting()])])
        query.set("up == 0", [(["instance": "a"], 0)])
        for step in 0..<10 { await manager.evaluateNow(at: Int64(step) * 1000) }
        #expect(receiver.take().count == 1)
        #expect(await manager.activeAlerts.count == 1)
        query.set("up == 0", [])
        await manager.evaluateNow(at: 12_500)
        #expect(receiver.take().map(\.endsAt) == [12_500])
        #expect(await manager.activeAlerts.isEmpty)
        #expect(await manager.allAlerts.map(\.state) == [.inactive])
        let past = await manager.pastAlerts
        #expect(past.map(\.rule) == ["Down"])
        #expect(past.first?.alert.firedAt == 0 && past.first?.alert.resolvedAt == 12_500)
        #expect(
            log.lines == [
                "warn Alert firing rule=Down labels={alertname=\"Down\", instance=\"a\"} value=0",
                "info Alert resolved rule=Down labels={alertname=\"Down\", instance=\"a\"} duration_seconds=12.5",
            ]
        )
    }

    @Test func `keeps the alerts of unchanged rules when the groups change`() async throws {
        let manager = manager()
        query.set("up == 0", [(["instance": "a"], 0)])
        await manager.apply([RuleGroup(name: "g", rules: [alerting(hold: .seconds(60)), alerting("Gone")])])
        await manager.evaluateNow(at: 0)
        _ = sink.take()
        await manager.apply([
            RuleGroup(name: "g", interval: .seconds(5), rules: [alerting("New", "x"), alerting(hold: .seconds(60))])
        ])
        #expect(await manager.activeAlerts.map(\.state) == [.pending])
        await manager.evaluateNow(at: 60_000)
        #expect(await manager.activeAlerts.map(\.state) == [.firing])
        #expect(
            sink.take().filter { $0.contains("stale") } == [
                "ALERTS{alertname=\"Down\", alertstate=\"pending\", instance=\"a\"} stale @60000",
                "ALERTS{alertname=\"Gone\", alertstate=\"firing\", instance=\"a\"} stale @60000",
                "ALERTS_FOR_STATE{alertname=\"Gone\", instance=\"a\"} stale @60000",
            ]
        )
        await manager.apply([])
        #expect(sink.take().count == 2)
        #expect(await manager.groups.isEmpty)
    }

    @Test func `evaluates groups at whole intervals and counts the ones it missed`() async throws {
        let manager = manager()
        let group = RuleGroup(name: "g", interval: .seconds(10), rules: [alerting("A", "a")])
        let schedule = EvaluationSchedule(group)
        await manager.apply([group])
        await manager.start()
        await manager.start()
        let first = schedule.next(after: 1_000_000)
        clock.set(milliseconds: first + 30_500)
        try await poll { await manager.groups.first?.evaluations == 1 }
        let state = await manager.groups.first
        #expect(state?.lastEvaluation == first + 30_000)
        #expect(state?.missedEvaluations == 3)
        await manager.stop()
        clock.set(milliseconds: first + 100_000)
        #expect(await manager.groups.first?.evaluations == 1)
    }

    @Test func `spreads groups by their names and keeps to its times`() {
        let group = RuleGroup(name: "g", file: "f", interval: .seconds(60), rules: [])
        let schedule = EvaluationSchedule(group)
        #expect(schedule.interval == 60_000)
        #expect((0..<60_000).contains(schedule.offset))
        #expect(schedule == EvaluationSchedule(group))
        #expect(schedule.next(after: schedule.offset) == schedule.offset + 60_000)
        #expect(schedule.next(after: schedule.offset - 1) == schedule.offset)
        #expect(schedule.latest(notAfter: schedule.offset + 59_999) == schedule.offset)
        #expect(schedule.latest(notAfter: schedule.offset - 1) == schedule.offset - 60_000)
        #expect(Set((0..<50).map { EvaluationSchedule(RuleGroup(name: "g\($0)", rules: [])).offset }).count > 40)
    }
}

/// Looks again and again until something holds, for half a minute at most.
func poll(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<3000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Failure("the condition did not come to hold within 30 s")
}
