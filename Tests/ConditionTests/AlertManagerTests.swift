import MartletAlerting
import MartletCore
import MartletLogging
import MartletMetrics
import MartletPacks
import MartletTestKit
import Synchronization
import Testing

@Suite("Alert manager of a service")
struct AlertManagerTests {
    static let rule = AlertRule("queue_full", .text("queue_depth > 10"), severity: .critical)

    @Test func `tells once while an alert is active and once when it ends`() async throws {
        let scenario = try Scenario([Self.rule])
        scenario.metrics.set("queue_depth", to: 20)
        scenario.pass(.seconds(100))
        #expect(scenario.manager.activeAlerts.count == 1)
        scenario.metrics.set("queue_depth", to: 5)
        scenario.pass(.seconds(20))
        #expect(scenario.manager.activeAlerts.isEmpty)
        #expect(scenario.manager.allAlerts.count == 1)
        #expect(await eventually { scenario.handler.texts == ["firing queue_full", "resolved queue_full"] })
        let notice = scenario.handler.notices[0]
        #expect(notice.title == "Alert: queue_full")
        #expect(notice.value == 20)
        #expect(notice.message == "queue_depth > 10 (value: 20)")
        #expect(notice.severity == .critical)
        #expect(notice.alertID == "queue_full_1800000000000")
        #expect(notice.key == "queue_full")
        #expect(scenario.handler.notices[1].alertID == notice.alertID)
        #expect(scenario.manager.history().map(\.kind) == [.fired, .resolved])
        let last = try #require(scenario.lines.all.last)
        #expect(last.message == "Alert resolved")
        #expect(last.fields.contains { $0.name == "duration_seconds" && $0.value == .double(100) })
    }

    @Test func `a duration is really waited for`() throws {
        let rule = AlertRule(
            "spike",
            .metricThreshold(metric: "m", operator: .greaterThan, threshold: 1, duration: .seconds(60))
        )
        let scenario = try Scenario([rule])
        scenario.metrics.set("m", to: 5)
        scenario.pass(.seconds(10))
        #expect(scenario.manager.activeAlerts.map(\.state) == [.pending])
        scenario.metrics.set("m", to: 0)
        scenario.pass(.seconds(100))
        #expect(scenario.manager.history().isEmpty)
        scenario.metrics.set("m", to: 5)
        scenario.pass(.seconds(60))
        #expect(scenario.firing == [])
        scenario.pass(.seconds(10))
        #expect(scenario.firing == ["spike"])
    }

    @Test func `three failures of a health check in a row fire and two do not`() throws {
        let scenario = try Scenario([AlertRule("pool", .healthCheckFailure(checkName: "pool", consecutiveFailures: 3))])
        let name = "martlet_health_check_consecutive_failures"
        scenario.metrics.set(name, ["check": "other"], to: 9)
        scenario.metrics.set(name, ["check": "pool"], to: 2)
        scenario.pass(.seconds(10))
        #expect(scenario.firing == [])
        scenario.metrics.set(name, ["check": "pool"], to: 3)
        scenario.pass(.seconds(10))
        #expect(scenario.firing == ["pool"])
    }

    @Test func `a full mailbox fires the ready rules until there is room`() async throws {
        let scenario = try Scenario(AlertRule.defaultRules())
        let metrics = ActorMetrics(system: "shop", registry: scenario.registry)
        let mailbox = MeteredMailbox<Int>("cart", capacity: 2, metrics)
        for number in 0..<2 { #expect(mailbox.offer(number)) }
        scenario.pass(.seconds(20))
        #expect(scenario.firing == [])
        #expect(!mailbox.offer(2))
        scenario.pass(.seconds(20))
        #expect(scenario.firing == ["mailbox_overflow"])
        let sender = Task { await mailbox.send(3) }
        let isPressed = metrics.mailbox.backpressureActive["shop", "cart"]
        #expect(await eventually { isPressed.value == 1 })
        scenario.pass(.seconds(80))
        #expect(scenario.firing.sorted() == ["mailbox_backpressure", "mailbox_overflow"])
        #expect(mailbox.take() == 0)
        #expect(await sender.value)
        #expect(await eventually { isPressed.value == 0 })
        scenario.pass(.seconds(600))
        #expect(scenario.firing == [])
    }

    @Test func `old errors outside of the window do not fire`() throws {
        let scenario = try Scenario([
            AlertRule("errors", .errorRate(thresholdPercentage: 5, windowDuration: .seconds(300)))
        ])
        scenario.metrics.set("wasm_executions_failed_total", to: 1000)
        scenario.metrics.set("wasm_executions_total", to: 1000)
        scenario.pass(.seconds(3600)) { scenario.metrics.add("wasm_executions_total", by: 10) }
        #expect(scenario.manager.history().isEmpty)
        scenario.pass(.seconds(60)) {
            scenario.metrics.add("wasm_executions_total", by: 10)
            scenario.metrics.add("wasm_executions_failed_total", by: 10)
        }
        #expect(scenario.firing == ["errors"])
    }

    @Test(arguments: AlertResource.allCases)
    func `each resource fires, and a limit of zero never`(resource: AlertResource) throws {
        let scenario = try Scenario([AlertRule("full", .resourceUsage(resource: resource, thresholdPercentage: 80))])
        func set(_ share: Double, limit: Double) {
            switch resource {
            case .memory:
                scenario.metrics.set("wasm_memory_usage_bytes", to: share * 100)
                scenario.metrics.set("wasm_memory_limit_bytes", to: limit)
            case .cpu: scenario.metrics.set("system_cpu_utilization_ratio", ["mode": "idle"], to: 1 - share)
            case .disk: scenario.metrics.set("system_filesystem_utilization_ratio", ["mountpoint": "/"], to: share)
            case .fuel:
                scenario.metrics.set("wasm_fuel_remaining", to: 100 - share * 100)
                scenario.metrics.set("wasm_fuel_limit", to: limit)
            }
        }
        set(0.5, limit: 100)
        scenario.pass(.seconds(10))
        #expect(scenario.firing == [])
        set(0.9, limit: 100)
        scenario.pass(.seconds(10))
        #expect(scenario.firing == ["full"])
        guard resource == .memory || resource == .fuel else { return }
        set(0.9, limit: 0)
        scenario.pass(.seconds(10))
        #expect(scenario.firing == [])
    }

    @Test func `enumerated conditions fire and clear, absent when a series stops`() throws {
        let rules = [
            AlertRule("above", .metricAbove(threshold: 5)),
            AlertRule("below", .metricBelow(metric: "above", threshold: 2)),
            AlertRule("gone", .metricAbsent(metric: "above")),
            AlertRule("fast", .rateAbove(metric: "c_total", threshold: 1)),
            AlertRule("slow", .rateBelow(metric: "c_total", threshold: 0.1)),
        ]
        let scenario = try Scenario(rules)
        scenario.metrics.set("above", to: 6)
        scenario.metrics.set("c_total", to: 0)
        scenario.pass(.seconds(400)) { scenario.metrics.add("c_total", by: 20) }
        #expect(scenario.firing == ["above", "fast"])
        scenario.metrics.set("above", to: 1)
        scenario.pass(.seconds(400))
        #expect(scenario.firing == ["below", "slow"])
        scenario.metrics.set("above", to: nil)
        scenario.pass(.seconds(300))
        #expect(scenario.firing == ["gone", "slow"])
        scenario.metrics.set("above", to: 3)
        scenario.metrics.set("c_total", to: nil)
        scenario.pass(.seconds(310))
        #expect(scenario.firing == [])
    }

    @Test func `the alert's value is the metric's, not that of the rule's name`() throws {
        let scenario = try Scenario([AlertRule("alert", .metricAbove(metric: "m", threshold: 1))])
        scenario.metrics.set("alert", to: 100)
        scenario.metrics.set("m", to: 7)
        scenario.pass(.seconds(10))
        #expect(scenario.manager.activeAlerts.map(\.alert.value) == [7])
    }

    @Test func `rules are evaluated on their own intervals`() throws {
        var rules = [AlertRule("two", .text("m > 1")), AlertRule("four", .text("m > 1"))]
        rules[0].evaluationInterval = .seconds(2)
        rules[1].evaluationInterval = .seconds(4)
        let scenario = try Scenario(rules)
        scenario.pass(.seconds(40), step: .seconds(1))
        #expect(scenario.manager.evaluations(of: "two") == 20)
        #expect(scenario.manager.evaluations(of: "four") == 10)
        #expect(scenario.manager.evaluate() == .seconds(2))
    }

    @Test func `reminders come after the notification interval, and not once somebody deals with it`() async throws {
        var rule = Self.rule
        rule.notificationInterval = .seconds(60)
        let scenario = try Scenario([rule])
        scenario.metrics.set("queue_depth", to: 20)
        scenario.pass(.seconds(130))
        #expect(await eventually { scenario.handler.texts.count == 3 })
        #expect(scenario.handler.texts == ["firing queue_full", "reminder queue_full", "reminder queue_full"])
        let alert = try #require(scenario.manager.activeAlerts.first)
        #expect(scenario.manager.acknowledge("queue_full", by: "ann", comment: "on it"))
        #expect(!scenario.manager.acknowledge("nothing", by: "ann"))
        scenario.pass(.seconds(600))
        #expect(scenario.manager.activeAlerts[0].acknowledgement?.by == "ann")
        scenario.metrics.set("queue_depth", to: 1)
        scenario.pass(.seconds(10))
        #expect(await eventually { scenario.handler.texts.count == 4 })
        #expect(scenario.handler.texts.last == "resolved queue_full")
        #expect(scenario.manager.history(of: alert.id).map(\.kind) == [.fired, .acknowledged, .resolved])
    }

    @Test func `a silence ends and is not an acknowledgement`() async throws {
        var rule = Self.rule
        rule.notificationInterval = .seconds(60)
        let scenario = try Scenario([rule])
        scenario.metrics.set("queue_depth", to: 20)
        scenario.pass(.seconds(10))
        #expect(scenario.manager.silence("queue_full", for: .seconds(300)))
        #expect(scenario.manager.activeAlerts[0].acknowledgement == nil)
        scenario.pass(.seconds(290))
        #expect(await eventually { scenario.handler.texts == ["firing queue_full"] })
        scenario.pass(.seconds(30))
        #expect(await eventually { scenario.handler.texts == ["firing queue_full", "reminder queue_full"] })
    }

    @Test func `an alert that comes and goes is told once an interval`() async throws {
        let scenario = try Scenario([Self.rule])
        for _ in 0..<20 {
            scenario.metrics.set("queue_depth", to: 20)
            scenario.pass(.seconds(10))
            scenario.metrics.set("queue_depth", to: 0)
            scenario.pass(.seconds(10))
        }
        #expect(await eventually { scenario.handler.texts == ["firing queue_full", "resolved queue_full"] })
        let ids = scenario.manager.history().filter { $0.kind == .fired }.map(\.alert)
        #expect(Set(ids).count == 20)
    }

    @Test func `alerts that begin at one moment have different ids`() throws {
        let scenario = try Scenario([AlertRule("full", .text("depth > 1"))])
        scenario.metrics.set("depth", ["part": "a"], to: 2)
        scenario.metrics.set("depth", ["piece": "a"], to: 2)
        scenario.pass(.seconds(10))
        let alerts = scenario.manager.activeAlerts
        #expect(alerts.map(\.key) == ["full_a", "full_a"])
        #expect(Set(alerts.map(\.id)).count == 2)
    }

    @Test func `labels and annotations are filled in`() async throws {
        var rule = AlertRule("full", .text("depth > 1"), labels: ["team": "shop"])
        rule.annotations = ["description": "{{ $labels.part }} has {{ $value }}", "runbook": "https://example.com"]
        let scenario = try Scenario([rule])
        scenario.metrics.set("depth", ["part": "cart"], to: 2)
        scenario.pass(.seconds(10))
        #expect(await eventually { scenario.handler.notices.count == 1 })
        let notice = scenario.handler.notices[0]
        #expect(notice.message == "cart has 2 (value: 2)")
        #expect(notice.annotations["runbook"] == "https://example.com")
        #expect(notice.labels == ["alertname": "full", "part": "cart", "severity": "warning", "team": "shop"])
    }

    @Test func `a program can send an alert by hand`() async throws {
        let scenario = try Scenario([AlertRule("error_rate", .text("error_rate > 5%"))])
        let id = try #require(scenario.manager.send(rule: "error_rate", message: "Error rate is 7%"))
        #expect(id == "error_rate_1800000000000-manual-1")
        #expect(scenario.manager.send(rule: "unknown", message: "") == nil)
        #expect(await eventually { scenario.handler.notices.map(\.message) == ["Error rate is 7%"] })
        #expect(scenario.manager.history().map(\.detail) == ["Error rate is 7%"])
    }

    @Test func `a failing rule stops no other, and disabled ones never fire`() throws {
        let rules = [
            AlertRule("many", .text("depth > 0")), AlertRule("good", .text("other > 0")),
            AlertRule("off", .text("other > 0"), isEnabled: false),
        ]
        let scenario = try Scenario(rules) { $0.alertsPerRuleMax = 2 }
        for part in 0..<5 { scenario.metrics.set("depth", ["part": "\(part)"], to: 1) }
        scenario.metrics.set("other", to: 1)
        scenario.pass(.seconds(20))
        #expect(scenario.firing == ["good"])
        #expect(scenario.manager.failure(of: "many") == "exceeded limit of 2 with 5 alerts")
        #expect(scenario.manager.failure(of: "good") == nil)
    }

    @Test func `rules reach the channels they name and unknown ones are refused`() async throws {
        let scenario = try Scenario([])
        let other = KeepingHandler()
        scenario.manager.add(channel: "pager", other)
        try scenario.manager.add(rule: AlertRule("a", .text("m > 0"), channels: ["pager"]))
        try scenario.manager.add(rule: AlertRule("b", .text("m > 0")))
        #expect(
            throws: ConditionError("rule c names the unknown channel \"pagr\" (did you mean \"pager\"?); add it first")
        ) {
            try scenario.manager.add(rule: AlertRule("c", .text("m > 0"), channels: ["pagr"]))
        }
        #expect(throws: ConditionError.self) { try scenario.manager.add(rule: AlertRule("d", .text("m >"))) }
        scenario.metrics.set("m", to: 1)
        scenario.pass(.seconds(10))
        #expect(await eventually { other.texts == ["firing a", "firing b"] && scenario.handler.texts == ["firing b"] })
        #expect(scenario.manager.rules.map(\.name) == ["a", "b"])
        scenario.manager.removeRule(named: "a")
        #expect(scenario.manager.allAlerts.map(\.rule) == ["b"])
    }

    @Test func `a failing or hanging channel delays no other and is told to the log`() async throws {
        final class Hanging: AlertNotificationHandler {
            func send(_ notice: AlertNotice) async throws { try await Task.sleep(for: .seconds(1000)) }
        }
        let scenario = try Scenario([Self.rule])
        let flaky = KeepingHandler(failures: 2)
        scenario.manager.add(channel: "hanging", Hanging())
        scenario.manager.add(channel: "flaky", flaky)
        scenario.manager.add(channel: "broken", KeepingHandler(failures: .max))
        scenario.metrics.set("queue_depth", to: 20)
        scenario.manager.evaluate()
        #expect(await eventually { scenario.handler.texts.count == 1 })
        for _ in 0..<200 where (scenario.manager.statistics(of: "hanging")?.failed ?? 0) < 1 {
            scenario.timer.advance(by: .seconds(1))
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(flaky.texts == ["firing queue_full"])
        #expect(scenario.manager.statistics(of: "flaky")?.sent == 1)
        #expect(scenario.manager.statistics(of: "hanging")?.failed == 1)
        let failures = scenario.lines.all.filter { $0.message == "Failed to send alert notification" }
        let fields = failures.map { record in record.fields.map { "\($0.name)=\($0.value)" } }
        #expect(fields.contains { $0.contains { $0.contains("broken") } && $0.contains { $0.contains("refused") } })
        #expect(fields.contains { $0.contains { $0.contains("hanging") } })
    }

    @Test func `starts once, evaluates on its own and stops`() async throws {
        let scenario = try Scenario([Self.rule])
        scenario.metrics.set("queue_depth", to: 20)
        scenario.manager.start()
        scenario.manager.start()
        #expect(await eventually { scenario.firing == ["queue_full"] })
        for round in 2...4 {
            #expect(await eventually { scenario.timer.sleeperCount >= 1 })
            scenario.timer.advance(by: .seconds(10))
            #expect(await eventually { scenario.manager.evaluations(of: "queue_full") == round })
        }
        await scenario.manager.stop()
        scenario.timer.advance(by: .seconds(100))
        #expect(scenario.manager.evaluations(of: "queue_full") == 4)
        #expect(scenario.handler.texts == ["firing queue_full"])
    }

    @Test func `handles of the registry are seen with histograms as means and quantiles`() throws {
        let registry = MetricRegistry()
        let timer = ManualTimer(milliseconds: 1_800_000_000_000)
        let histogram = Histogram("response_time_seconds", help: "Time.", unit: "seconds", registry: registry)
        let manager = AlertManager(registry: registry, clock: timer, timer: timer)
        try manager.add(rule: AlertRule("mean", .text("avg_response_time > 500ms")))
        try manager.add(rule: AlertRule("p95", .text("p95_response_time > 500ms")))
        for _ in 0..<30 {
            for _ in 0..<9 { histogram.observe(0.01) }
            histogram.observe(2)
            manager.evaluate()
            timer.advance(by: .seconds(10))
        }
        #expect(manager.activeAlerts.map(\.rule) == ["p95"])
        for _ in 0..<60 {
            histogram.observe(2)
            manager.evaluate()
            timer.advance(by: .seconds(10))
        }
        #expect(manager.activeAlerts.map(\.rule) == ["mean", "p95"])
    }
}
