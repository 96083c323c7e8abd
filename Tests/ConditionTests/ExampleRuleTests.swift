import MartletAlerting
import MartletCore
import Testing

/// The example rules of the documents: loaded as they stand, and fired by a script with a clock of the test's own.
@Suite("Example rules")
struct ExampleRuleTests {
    /// A component system's rules, with `notify`.
    static let components = """
        alerts:
          - name: high_error_rate
            condition: "error_rate > 10 per minute"
            severity: warning
            notify: log, webhook
          - name: component_unhealthy
            condition: "health_status == unhealthy"
            severity: critical
            notify: log, webhook
          - name: high_memory_usage
            condition: "memory_usage > 80%"
            severity: warning
            notify: log
        """

    /// A context service's rules, with `channels`.
    static let contexts = """
        monitoring:
          alert_rules:
            - name: high_error_rate
              condition: "error_rate > 0.05"
              severity: critical
              channels: ["email", "slack"]
            - name: high_response_time
              condition: "avg_response_time > 1000ms"
              severity: warning
              channels: ["slack"]
            - name: low_disk_space
              condition: "disk_usage > 90%"
              severity: critical
              channels: ["email", "slack", "pagerduty"]
            - name: high_memory_usage
              condition: "memory_usage > 90%"
              severity: warning
              channels: ["slack"]
        """

    /// A workflow engine's rules, with `metric_name` and windows.
    static let workflows = """
        {"monitoring": {"ENABLED": true, "ALERT_RULES": [
          {"name": "validation_failures", "metric_name": "validation_failure", "condition": "> 5", "threshold": 5,
           "severity": "error", "time_window": "5 minutes", "notification_interval": "15 minutes"},
          {"name": "critical_security_violations", "metric_name": "security_violations_total", "condition": "> 0",
           "threshold": 0, "severity": "critical", "time_window": "1 minute"},
          {"name": "sql_injection_attempts", "metric_name": "sql_injection_attempts", "condition": "> 0", "threshold": 0,
           "severity": "critical", "time_window": "1 minute"},
          {"name": "high_blocked_connections", "metric_name": "blocked_connections", "condition": "> 10",
           "threshold": 10, "severity": "warning", "time_window": "5 minutes"},
          {"name": "high_response_time", "metric_name": "response_time", "condition": "avg > 1000", "threshold": 1000,
           "severity": "warning"},
          {"name": "high_latency", "metric_name": "response_time", "condition": "avg > 500", "threshold": 500,
           "severity": "warning"},
          {"name": "custom_business_metric", "metric_name": "revenue_per_minute", "condition": "< 1000",
           "threshold": 1000, "severity": "warning", "labels": {"team": "business"},
           "annotations": {"runbook": "https://wiki.example.com/revenue"}},
          {"name": "low_success_rate", "metric_name": "validation_success", "condition": "rate < 0.95",
           "threshold": 0.95, "severity": "error"},
          {"name": "security_violations", "metric_name": "security_violations_total", "condition": "> 0",
           "threshold": 0, "severity": "critical", "time_window": "1 hour"}
        ]}}
        """

    /// A database's five families, with enumerated conditions.
    static let database = """
        alerts:
          - {name: High Error Rate, condition: rate_above, metric: db_get_errors_total, threshold: 1, duration: 60000, severity: critical}
          - {name: Slow Response Time, condition: metric_above, metric: db_operation_latency_quantile_seconds, threshold: 0.1, duration: 60000, severity: warning}
          - {name: Low Disk Space, condition: metric_below, metric: db_disk_available_bytes, threshold: 1048576000, severity: emergency}
          - {name: Memory Usage, condition: metric_above, metric: process_resident_memory_bytes, threshold: 1000000, severity: warning}
          - {name: Compaction Lag, condition: metric_above, metric: db_compaction_pending_bytes, threshold: 1000000, duration: 30000, severity: info}
        """

    /// How a rule's metrics look when all is well, and when they aren't; ten seconds go by between two calls.
    static func good(_ metrics: ScriptedCollector) {
        for name in [
            "component_messages_processed_total", "validation_success", "validation_total", "wasm_executions_total",
        ] {
            metrics.add(name, by: 100)
        }
        for name in [
            "component_errors_total", "validation_failure", "security_violations_total", "sql_injection_attempts",
            "blocked_connections", "db_get_errors_total", "wasm_executions_failed_total",
        ] { metrics.add(name, by: 0) }
        metrics.add("response_time_count", by: 10)
        metrics.add("response_time_sum", by: 1000)
        metrics.set("component_health_status", ["component": "cart"], to: 1)
        metrics.set("component_memory_usage_bytes", ["component": "cart"], to: 50)
        metrics.set("component_memory_limit_bytes", ["component": "cart"], to: 100)
        metrics.set("avg_response_time", to: 100)
        metrics.set("disk_usage", to: 50)
        metrics.set("revenue_per_minute", to: 5000)
        metrics.set("db_operation_latency_quantile_seconds", ["q": "0.95"], to: 0.01)
        metrics.set("db_disk_available_bytes", to: 5e9)
        metrics.set("process_resident_memory_bytes", to: 1000)
        metrics.set("db_compaction_pending_bytes", to: 0)
    }

    /// What goes wrong for each rule.
    static let faults: [String: @Sendable (ScriptedCollector) -> Void] = [
        "high_error_rate": { $0.add("component_errors_total", by: 20) },
        "component_unhealthy": { $0.set("component_health_status", ["component": "cart"], to: 2) },
        "high_memory_usage": { $0.set("component_memory_usage_bytes", ["component": "cart"], to: 95) },
        "high_response_time": {
            $0.add("response_time_sum", by: 60_000)
            $0.set("avg_response_time", to: 1500)
        },
        "high_latency": { $0.add("response_time_sum", by: 8000) },
        "low_disk_space": { $0.set("disk_usage", to: 95) },
        "validation_failures": { $0.add("validation_failure", by: 1) },
        "critical_security_violations": { $0.add("security_violations_total", by: 1) },
        "security_violations": { $0.add("security_violations_total", by: 1) },
        "sql_injection_attempts": { $0.add("sql_injection_attempts", by: 1) },
        "high_blocked_connections": { $0.add("blocked_connections", by: 2) },
        "custom_business_metric": { $0.set("revenue_per_minute", to: 900) },
        "low_success_rate": { $0.add("validation_total", by: 50) },
        "High Error Rate": { $0.add("db_get_errors_total", by: 30) },
        "Slow Response Time": { $0.set("db_operation_latency_quantile_seconds", ["q": "0.95"], to: 0.2) },
        "Low Disk Space": { $0.set("db_disk_available_bytes", to: 5e8) },
        "Memory Usage": { $0.set("process_resident_memory_bytes", to: 2e6) },
        "Compaction Lag": { $0.set("db_compaction_pending_bytes", to: 2e6) },
    ]

    @Test(
        arguments: [
            (components, "alerts", 3), (contexts, "monitoring", 4), (workflows, "monitoring", 9),
            (database, "alerts", 5),
        ]
    )
    func `each loads as it stands, fires when its fault is there and clears when it is gone`(
        text: String,
        section: String,
        count: Int
    ) async throws {
        let channels: Set<String> = ["log", "webhook", "email", "slack", "pagerduty"]
        let rules = try Loading.rules(text, section: section, channels: channels).friendly
        #expect(rules.count == count)
        for rule in rules {
            let scenario = try Scenario([rule])
            let fault = try #require(Self.faults[rule.name], "no script for \(rule.name)")
            scenario.pass(.seconds(600)) { Self.good(scenario.metrics) }
            #expect(scenario.manager.history().isEmpty, "\(rule.name) fired while all was well")
            scenario.pass(.seconds(300)) {
                Self.good(scenario.metrics)
                fault(scenario.metrics)
            }
            #expect(scenario.firing == [rule.name], "\(rule.name) did not fire")
            #expect(scenario.manager.activeAlerts.first?.severity == rule.severity)
            scenario.pass(rule.timeWindow + .seconds(60)) { Self.good(scenario.metrics) }
            #expect(scenario.firing == [], "\(rule.name) did not clear")
            #expect(
                await eventually {
                    scenario.handler.texts.first == "firing \(rule.name)"
                        && scenario.handler.texts.last == "resolved \(rule.name)"
                }
            )
        }
    }

    @Test func `all of the documents' rules are among the examples`() throws {
        var names: Set<String> = []
        for (text, section) in [
            (Self.components, "alerts"), (Self.contexts, "monitoring"), (Self.workflows, "monitoring"),
            (Self.database, "alerts"),
        ] {
            names.formUnion(try Loading.rules(text, section: section).friendly.map(\.name))
        }
        #expect(names == Set(Self.faults.keys))
    }

    @Test func `notify and channels name whom a rule reaches`() throws {
        let components = try Loading.rules(Self.components, section: "alerts").friendly
        #expect(components.map(\.channels) == [["log", "webhook"], ["log", "webhook"], ["log"]])
        let contexts = try Loading.rules(Self.contexts, section: "monitoring").friendly
        #expect(contexts[2].channels == ["email", "slack", "pagerduty"])
    }
}
