import MartletCore
import MartletHealth
import MartletLogging
import MartletMetrics
import MartletPacks
import MartletTestKit
import Testing

@Suite("Health in logs and metrics")
struct HealthObserverTests {
    @Test func `the log tells good runs at debug and bad ones by their weight`() async {
        let timer = ManualTimer(milliseconds: 5)
        let monitor = HealthMonitor(clock: timer, timer: timer)
        let sink = RecordList()
        monitor.add(observer: HealthLog(Logger("health", minimumLevel: .trace, sink: sink, clock: timer)))
        monitor.add(ScriptedCheck("minor", [.healthy("good"), .failed("bad")]))
        for _ in 0..<4 { await monitor.runAllChecks() }
        #expect(
            sink.lines() == [
                "debug Health check passed check=minor message=good duration_ms=0.0",
                "warn Health check failed check=minor failure_count=1 message=bad duration_ms=0.0",
                "warn Health status changed check=minor from=healthy to=degraded message=bad",
                "warn System health status changed from=healthy to=degraded message=not healthy: minor",
                "warn Health check failed check=minor failure_count=2 message=bad duration_ms=0.0",
                "error Health check failed check=minor failure_count=3 message=bad duration_ms=0.0",
                "warn Health status changed check=minor from=degraded to=unhealthy message=bad",
            ]
        )
    }

    @Test func `the log tells of a critical check at error and once at the threshold`() async {
        let timer = ManualTimer(milliseconds: 5)
        let monitor = HealthMonitor(clock: timer, timer: timer)
        let sink = RecordList()
        monitor.add(observer: HealthLog(Logger("health", sink: sink, clock: timer)))
        monitor.add(ScriptedCheck("major", isCritical: true, [.failed("bad")]))
        for _ in 0..<4 { await monitor.runAllChecks() }
        let lines = sink.lines(without: ["duration_ms"])
        #expect(lines.filter { $0.hasPrefix("error Health check failed") }.count == 4)
        #expect(
            lines.filter { $0.contains("threshold") } == [
                "error CRITICAL: Health check failure threshold exceeded check=major failure_count=3 message=bad"
            ]
        )
    }

    @Test func `metrics show states and counts of each check`() async throws {
        let timer = ManualTimer(milliseconds: 5000)
        let monitor = HealthMonitor(clock: timer, timer: timer)
        let registry = MetricRegistry()
        HealthCollector.attach(to: monitor, registry: registry)
        monitor.add(ScriptedCheck("major", isCritical: true, [.healthy("good"), .failed("bad")]))
        await monitor.runAllChecks()
        await monitor.runAllChecks()
        let families = Dictionary(uniqueKeysWithValues: registry.gather().map { ($0.name, $0) })
        func number(_ name: String) -> Double? { families[name]?.series.first?.value.number }
        #expect(number("martlet_health_status") == 2)
        #expect(number("martlet_health_check_status") == 2)
        #expect(
            families["martlet_health_check_status"]?.series.first?.labels
                == ["check": "major", "critical": "true", "kind": "component"]
        )
        #expect(number("martlet_health_checks_total") == 2)
        #expect(number("martlet_health_check_failures_total") == 1)
        #expect(number("martlet_health_check_timeouts_total") == 0)
        #expect(number("martlet_health_check_consecutive_failures") == 1)
        #expect(number("martlet_health_check_last_run_timestamp_seconds") == 5)
        #expect(
            families["martlet_health_transitions_total"]?.series.map(\.labels)
                == [["check": "major", "from": "healthy", "to": "unhealthy"]]
        )
        guard case .histogram(let durations) = families["martlet_health_check_duration_seconds"]?.series.first?.value
        else {
            Issue.record("no durations")
            return
        }
        #expect(durations.count == 2)
        monitor.remove(named: "major")
        #expect(registry.gather().contains { $0.name == "martlet_health_check_status" } == false)
    }
}
