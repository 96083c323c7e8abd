import MartletAlerting
import MartletCore
import MartletPacks
import MartletPatterns
import MartletPromQL
import Testing

@Suite("Conditions")
struct ConditionTests {
    static func text(_ condition: AlertCondition, rule: String = "rule", window: Duration = .seconds(300)) throws
        -> String
    {
        try condition.condition(rule: rule, window: window).description
    }

    @Test func `operators have a truth table and several spellings`() {
        let table = ComparisonOperator.allCases.map { sign in [1.0, 2, 3].map { sign.holds($0, 2) } }
        #expect(
            table == [
                [false, false, true], [true, false, false], [false, true, true], [true, true, false],
                [false, true, false], [true, false, true],
            ]
        )
        let words = ["GreaterThan", "LessThan", "GreaterThanOrEqual", "LessThanOrEqual", "Equal", "NotEqual"]
        #expect(words.map(ComparisonOperator.init(word:)) == ComparisonOperator.allCases)
        #expect(ComparisonOperator(word: "greater_than_or_equal") == .greaterThanOrEqual)
        #expect(ComparisonOperator(word: "more") == nil)
    }

    @Test(
        arguments: [
            (
                .metricThreshold(metric: "queue_depth", operator: .greaterThanOrEqual, threshold: 10),
                "queue_depth >= 10"
            ),
            (
                .healthCheckFailure(checkName: "cache", consecutiveFailures: 3),
                #"martlet_health_check_consecutive_failures{check="cache"} >= 3"#
            ),
            (
                .resourceUsage(resource: .fuel, thresholdPercentage: 75),
                "1 - wasm_fuel_remaining / (wasm_fuel_limit > 0) > 0.75"
            ),
            (
                .resourceUsage(resource: .disk, thresholdPercentage: 90),
                "system_filesystem_utilization_ratio > 0.9 or disk_usage / 100 > 0.9"
            ),
            (.metricAbove(threshold: 5), "rule > 5"), (.metricBelow(metric: "m", threshold: 5), "m < 5"),
            (.metricAbsent(metric: "m"), "absent_over_time(m[5m])"),
            (.rateAbove(metric: "m_total", threshold: 1), "sum(rate(m_total[5m])) > 1"),
            (.rateBelow(metric: "m_total", threshold: 1), "sum(rate(m_total[5m])) < 1"),
        ] as [(AlertCondition, String)]
    )
    func `structured and enumerated conditions print as PromQL`(condition: AlertCondition, promQL: String) throws {
        #expect(try Self.text(condition) == promQL)
    }

    @Test(
        arguments: [
            ("> 5", "validation_failure", "sum(increase(validation_failure[5m])) > 5"),
            ("< 1000", "queue_depth", "queue_depth < 1000"),
            (
                "avg > 1000", "response_time",
                "sum(increase(response_time_sum[5m])) / sum(increase(response_time_count[5m])) > 1000"
            ),
            (
                "rate < 0.95", "validation_success",
                "sum(increase(validation_success[5m])) / sum(increase(validation_total[5m])) < 0.95"
            ),
            ("rate > 2", "orders_total", "sum(rate(orders_total[5m])) > 2"),
            ("max(queue_depth) >= 7", nil, "max_over_time(queue_depth[5m]) >= 7"),
            ("min queue_depth == 0", nil, "min_over_time(queue_depth[5m]) == 0"),
            ("avg queue_depth != -1.5e3", nil, "avg_over_time(queue_depth[5m]) != -1500"),
            ("sum queue_depth > 7", nil, "sum_over_time(queue_depth[5m]) > 7"),
            ("sum orders_total > 7", nil, "sum(increase(orders_total[5m])) > 7"),
            ("orders_total > 10 per hour", nil, "sum(rate(orders_total[5m])) * 3600 > 10"),
            ("wait_seconds > 250ms", nil, "wait_seconds > 0.25"),
            ("hit_ratio < 80%", nil, "hit_ratio < 0.8"),
            (
                "error_rate > 10 per minute", nil,
                """
                sum(rate(component_errors_total[5m])) * 60 > 10 or \
                sum(rate(wasm_executions_failed_total[5m])) * 60 > 10
                """
            ),
            ("health_status == unhealthy", nil, "component_health_status >= 2 or martlet_health_status >= 2"),
            ("health_status == degraded", nil, "component_health_status == 1 or martlet_health_status == 1"),
            (
                "memory_usage > 80%", nil,
                """
                wasm_memory_usage_bytes / (wasm_memory_limit_bytes > 0) > 0.8 or component_memory_usage_bytes / \
                (component_memory_limit_bytes > 0) > 0.8 or system_memory_utilization_ratio > 0.8
                """
            ),
            ("memory_usage > 85", "memory_usage", "memory_usage > 85"),
        ] as [(String, String?, String)]
    )
    func `texts print as PromQL`(text: String, metric: String?, promQL: String) throws {
        #expect(try Self.text(.text(text, metric: metric)) == promQL)
    }

    @Test(arguments: ["error_rate > 5%", "error_rate > 0.05"])
    func `percent and share are the same`(text: String) throws {
        #expect(try Self.text(.text(text)).hasSuffix("> 0.05"))
        #expect(try Self.text(.text("avg_response_time > 1000ms")) == Self.text(.text("avg_response_time > 1s")))
    }

    @Test(
        arguments: [
            ("queue_depth", nil, "expected one of > >= < <= == !=", 11),
            ("queue_depth >", nil, "expected a number", 13),
            ("> 5", nil, "name a metric, as in \"queue_depth > 5\", or add \"metric_name\"", 0),
            (
                "queue_depth > 5 per fortnight", nil,
                "expected second, minute, hour or day after \"per\", found \"fortnight\"", 20
            ),
            ("queue_depth > 5 furlongs", nil, "unknown unit \"furlongs\"; known are %, us, ms, s", 16),
            ("queue_depth > 5 5", nil, "unexpected \"5\" after the number", 16),
            (
                "avh queue_depth > 5", nil,
                "unknown function \"avh\" (did you mean \"avg\"?); known are avg, rate, sum, max, min", 0
            ),
            ("a b c > 5", nil, "expected a comparison such as > 5", 4),
            ("memory_usage > 80", nil, "memory_usage is a share from 0 through 1; write 80% or 0.8", 15),
            ("avg_response_time > 1000", nil, "write a unit, as in 1000ms or 1s", 20),
            ("memory_usage > 80ms", nil, "the unit does not go with memory_usage", 15),
            (
                "health_status == unhelthy", nil,
                "expected a number or a state, found \"unhelthy\" (did you mean \"unhealthy\"?)", 17
            ),
            ("memory_usage > 5 per minute", nil, "\"per\" goes with counts, not with memory_usage", 15),
            ("a.b > 5", nil, "\"a.b\" is no metric's name", 0),
            ("queue_depth > healthy", nil, "states go with health_status only", 14),
            ("depth > 5", "queue", "the condition is about depth and the rule about queue; name one", 0),
            ("avg > 5", "orders_total", "avg goes with gauges and histograms; orders_total counts", 0),
        ] as [(String, String?, String, Int)]
    )
    func `what is wrong is told with its place`(text: String, metric: String?, message: String, offset: Int) {
        #expect(throws: ConditionError(message, at: offset)) { try Self.text(.text(text, metric: metric)) }
    }

    @Test func `a threshold beside the text must be the one in it`() throws {
        #expect(try Self.text(.text("> 5", metric: "depth", threshold: 5)) == "depth > 5")
        #expect(try Self.text(.text("hit_ratio < 80%", threshold: 0.8)) == "hit_ratio < 0.8")
        #expect(throws: ConditionError("the condition says 5 and \"threshold\" 6; make them the same", at: 2)) {
            try Self.text(.text("> 5", metric: "depth", threshold: 6))
        }
        #expect(throws: ConditionError("threshold_percentage must be in 0 to 100; got 101")) {
            try Self.text(.errorRate(thresholdPercentage: 101, windowDuration: .seconds(60)))
        }
        #expect(throws: ConditionError("consecutive_failures must be at least 1; got 0")) {
            try Self.text(.healthCheckFailure(checkName: "a", consecutiveFailures: 0))
        }
    }

    @Test func `brackets stand where the tree needs them`() {
        func gauge(_ name: String) -> Measure { .latest(SeriesSelector(name)) }
        let tree = Measure.arithmetic(
            gauge("a"),
            .minus,
            .arithmetic(gauge("b"), .minus, .arithmetic(gauge("c"), .times, gauge("d")))
        )
        #expect(tree.description == "a - (b - c * d)")
        let nested = Measure.arithmetic(.either(gauge("a"), gauge("b")), .divided, .filter(gauge("c"), .greaterThan, 0))
        #expect(nested.description == "(a or b) / (c > 0)")
        #expect(
            Measure.quantile(0.95, metric: "x_seconds", window: .seconds(60)).description
                == "histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[1m])))"
        )
    }

    @Test func `everything that the ready sets print is PromQL`() throws {
        let engine = QueryEngine(patterns: RE2Patterns())
        let rules = AlertRule.defaultRules() + AlertRule.productionRules() + AlertRule.databaseRules()
        #expect(rules.count == 23)
        for rule in rules {
            let text = try rule.alertingRule().expression
            #expect(throws: Never.self, "\(rule.name): \(text)") { try engine.parse(text) }
        }
        for signal in ConditionVocabulary.Signal.allCases {
            let text = ConditionVocabulary.standard.measure(signal, window: .seconds(60)).description
            #expect(try engine.parse(text).description == text, "\(signal)")
        }
    }

    @Test func `production rules have the values of the thresholds`() throws {
        let rules = Dictionary(uniqueKeysWithValues: AlertRule.productionRules().map { ($0.name, $0) })
        func ending(_ name: String) throws -> String? {
            try rules[name]?.tree().description.split(separator: " ").last.map(String.init)
        }
        #expect(try ending("low_success_rate") == "0.95")
        #expect(try ending("low_cache_hit_rate") == "0.8")
        #expect(try ending("high_response_time") == "1")
        #expect(try ending("security_violations") == "0")
        #expect(rules["security_violations"]?.notificationInterval == .seconds(300))
        #expect(
            try rules["security_violations"]?.tree().description == "sum(increase(security_violations_total[1h])) > 0"
        )
        #expect(try ending("high_blocked_connections") == "10")
        #expect(try ending("high_memory_usage") == "0.85")
        #expect(try ending("high_cpu_usage") == "0.8")
        #expect(try ending("high_latency") == "0.5")
    }

    @Test func `rules become groups by their intervals and disabled ones none`() throws {
        let condition = AlertCondition.metricAbove(metric: "m", threshold: 1, duration: .seconds(30))
        let rules = [
            AlertRule("a", condition, description: "d", severity: .critical, channels: ["x"], escalationPolicy: "p"),
            AlertRule("b", condition, evaluationInterval: .seconds(2)),
            AlertRule("c", condition, isEnabled: false),
        ]
        let groups = try AlertRule.groups(rules)
        #expect(groups.map(\.name) == ["alerts_every_2s", "alerts_every_10s"])
        guard case .alerting(let rule) = groups[1].rules[0] else { return }
        #expect(rule.expression == "m > 1")
        #expect(rule.holdDuration == .seconds(30))
        #expect(rule.labels == ["severity": "critical"])
        #expect(rule.annotations == ["description": "d"])
        #expect(
            rule.delivery == AlertDelivery(channels: ["x"], notificationInterval: .seconds(900), escalationPolicy: "p")
        )
    }

    @Test func `events have severities of their own, which name those of alerts`() {
        #expect(EventSeverity.allCases.sorted() == [.low, .medium, .high, .critical])
        let named = EventSeverity.allCases.map { AlertSeverity(word: $0.alertSeverity) }
        #expect(named == [.info, .warning, .error, .critical])
    }

    @Test func `five severities are ordered and know the sources' words`() {
        #expect(AlertSeverity.allCases.sorted() == [.info, .warning, .error, .critical, .emergency])
        #expect(
            ["INFO", "Warning", "error", "Critical", "EMERGENCY"].map(AlertSeverity.init(word:))
                == AlertSeverity.allCases
        )
    }
}
