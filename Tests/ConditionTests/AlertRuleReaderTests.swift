import MartletAlerting
import MartletConfiguration
import MartletCore
import Testing

@Suite("Rules from configuration")
struct AlertRuleReaderTests {
    @Test func `structured conditions load in both spellings of their kind`() throws {
        let rules = try Loading.rules(
            """
            alerts:
              rules:
                - name: slow
                  description: Executions are slow
                  condition:
                    MetricThreshold: {metric: wasm_execution_time_seconds, operator: GreaterThan, threshold: 5, duration: {secs: 60, nanos: 0}}
                  severity: Warning
                  channels: [email]
                  escalation_policy: on_call
                  enabled: true
                - name: pool
                  condition: {HealthCheckFailure: {check_name: sandbox_pool, consecutive_failures: 3}}
                  severity: Critical
                - name: errors
                  condition: {ErrorRate: {threshold_percentage: 5, window_duration: 300}}
                - name: fuel
                  enabled: false
                  condition: {type: resource_usage, resource: fuel, threshold_percentage: 90, duration: 30s}
            """,
            section: "alerts",
            policies: ["on_call"]
        ).friendly
        #expect(rules.map(\.name) == ["slow", "pool", "errors", "fuel"])
        #expect(
            rules.map(\.condition) == [
                .metricThreshold(
                    metric: "wasm_execution_time_seconds",
                    operator: .greaterThan,
                    threshold: 5,
                    duration: .seconds(60)
                ),
                .healthCheckFailure(checkName: "sandbox_pool", consecutiveFailures: 3),
                .errorRate(thresholdPercentage: 5, windowDuration: .seconds(300)),
                .resourceUsage(resource: .fuel, thresholdPercentage: 90, duration: .seconds(30)),
            ]
        )
        #expect(rules[0].description == "Executions are slow")
        #expect(rules[0].channels == ["email"])
        #expect(rules[0].escalationPolicy == "on_call")
        #expect(rules.map(\.isEnabled) == [true, true, true, false])
        #expect(rules.map(\.severity) == [.warning, .critical, .warning, .warning])
    }

    @Test func `enumerated conditions take their threshold and duration from beside them`() throws {
        let rules = try Loading.rules(
            """
            {"alerts": [
              {"name": "errors", "condition": "metric_above", "threshold": 10, "duration": 60000, "severity": "critical"},
              {"name": "low", "condition": "metric_below", "metric": "free_bytes", "threshold": 5},
              {"name": "gone", "condition": "metric_absent", "metric": "up"},
              {"name": "fast", "condition": "rate_above", "metric": "calls_total", "threshold": 1},
              {"name": "slow", "condition": "rate_below", "metric": "calls_total", "threshold": 1}
            ]}
            """,
            section: "alerts"
        ).friendly
        #expect(
            rules.map(\.condition) == [
                .metricAbove(threshold: 10, duration: .seconds(60)), .metricBelow(metric: "free_bytes", threshold: 5),
                .metricAbsent(metric: "up"), .rateAbove(metric: "calls_total", threshold: 1),
                .rateBelow(metric: "calls_total", threshold: 1),
            ]
        )
        #expect(try rules[0].tree().description == "errors > 10")
        #expect(rules[0].hold == .seconds(60))
    }

    @Test func `intervals, labels and annotations are a rule's own`() throws {
        let rules = try Loading.rules(
            """
            alerts:
              - name: custom_business_metric
                metric_name: active_users
                condition: "< 1000"
                threshold: 1000
                severity: warning
                time_window: 5 minutes
                evaluation_interval: 2s
                notification_interval: 900
                labels: {team: shop}
                annotations: {runbook: "https://example.com/runbook"}
            """,
            section: "alerts"
        ).friendly
        #expect(rules[0].timeWindow == .seconds(300))
        #expect(rules[0].evaluationInterval == .seconds(2))
        #expect(rules[0].notificationInterval == .seconds(900))
        let rule = try rules[0].alertingRule()
        #expect(rule.expression == "active_users < 1000")
        #expect(rule.labels == ["severity": "warning", "team": "shop"])
        #expect(rule.annotations == ["runbook": "https://example.com/runbook"])
    }

    @Test func `rules in PromQL stand beside the others`() throws {
        let rules = try Loading.rules(
            """
            alerts:
              rules:
                - {name: Down, expr: up == 0, severity: critical, for: 1m, channels: [pager], evaluation_interval: 5s, description: It is down}
                - {name: Off, expr: up == 0, enabled: false}
            """,
            section: "alerts"
        )
        #expect(rules.friendly == [])
        #expect(rules.groups.count == 1)
        guard case .alerting(let rule) = rules.groups[0].rules[0] else { return }
        #expect(rule.expression == "up == 0")
        #expect(rule.holdDuration == .seconds(60))
        #expect(rule.delivery.channels == ["pager"])
        #expect(rule.annotations == ["description": "It is down"])
        #expect(rules.groups[0].interval == .seconds(5))
    }

    @Test func `all mistakes are told at once with line and column`() {
        let problems = Loading.problems(
            """
            alerts:
              - name: a
                condition: "memory_usage > 80"
              - name: b
                condition: queue > 5
                severity: warnin
                notify: slak, email
              - name: c
                conditon: queue > 5
              - name: d
                condition: {MetricThreshhold: {metric: a}}
              - name: e
                condition: metric_above
              - name: f
                condition: {MetricThreshold: {metric: a, operator: almost, threshold: 1}}
                escalation_policy: on_cal
              - name: g
                condition: "> 5"
                metric_name: queue
                threshold: 6
              - name: h
                condition: {type: sometimes}
            """,
            channels: ["slack", "email"]
        )
        #expect(
            problems == [
                "rules.yml:3:32: memory_usage is a share from 0 through 1; write 80% or 0.8",
                "rules.yml:6:15: unknown severity \"warnin\" (did you mean \"warning\"?); known are info, warning, error, critical, emergency",
                "rules.yml:7:13: unknown channel \"slak\" (did you mean \"slack\"?)",
                "rules.yml:8:5: missing field \"condition\"",
                "rules.yml:9:5: unknown field \"conditon\" (did you mean \"condition\"?)",
                "rules.yml:11:16: unknown condition \"MetricThreshhold\" (did you mean \"MetricThreshold\"?); known are MetricThreshold, HealthCheckFailure, ErrorRate, ResourceUsage",
                "rules.yml:13:16: condition \"metric_above\" needs \"threshold\"",
                "rules.yml:15:56: unknown operator \"almost\"; known are > >= < <= == !=",
                "rules.yml:16:24: unknown escalation policy \"on_cal\" (did you mean \"on_call\"?)",
                "rules.yml:18:19: the condition says 5 and \"threshold\" 6; make them the same",
                "rules.yml:22:23: unknown condition \"sometimes\"; known are MetricThreshold, HealthCheckFailure, ErrorRate, ResourceUsage",
            ]
        )
    }

    @Test func `one block of thresholds gives the production rules`() throws {
        let text = """
            monitoring:
              validation: {success_rate: 0.9, cache_hit_rate: 0.7, max_response_time_ms: 800}
              security: {max_violations_per_hour: 2, blocked_connections: 5, critical_alert_interval_minutes: 10}
              performance: {memory_threshold_percent: 70, cpu_threshold_percent: 60, p95_response_time_ms: 400}
            """
        let rules = try Loading.rules(text, section: "monitoring").friendly
        var thresholds = ProductionThresholds()
        thresholds.successRate = 0.9
        thresholds.cacheHitRate = 0.7
        thresholds.maxResponseTimeMilliseconds = 800
        thresholds.maxViolationsPerHour = 2
        thresholds.blockedConnections = 5
        thresholds.criticalAlertInterval = .seconds(600)
        thresholds.memoryPercentage = 70
        thresholds.cpuPercentage = 60
        thresholds.p95ResponseTimeMilliseconds = 400
        #expect(rules == AlertRule.productionRules(thresholds))
        let own = try Loading.rules("alerts: {production: {success_rate: 0.9}, defaults: true}", section: "alerts")
            .friendly
        #expect(own.count == 18)
        #expect(Loading.problems("alerts: {production: {sucess_rate: 0.9}}").first?.contains("did you mean") == true)
    }

    @Test func `settings in capitals load, and switch monitoring off`() throws {
        let text = """
            {"monitoring": {"ENABLED": false, "ALERT_RULES": [
              {"name": "r", "metric_name": "m", "condition": "> 1", "threshold": 1, "severity": "CRITICAL"}]}}
            """
        let rules = try Loading.rules(text, section: "monitoring")
        #expect(!rules.isEnabled)
        #expect(rules.friendly.map(\.severity) == [.critical])
        let other = try Loading.rules("monitoring: {alert_rules: []}", section: "monitoring")
        #expect(other.isEnabled)
        #expect(other.friendly == [])
    }
}
