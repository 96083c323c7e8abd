/// Thresholds from which a production's rules are made.
public struct ProductionThresholds: Hashable, Sendable {
    /// The lowest good share of successful validations.
    public var successRate = 0.95
    /// The lowest good share of look-ups that the cache answers.
    public var cacheHitRate = 0.8
    /// The longest good mean response time, in milliseconds.
    public var maxResponseTimeMilliseconds = 1000.0
    /// How many security violations an hour are still good.
    public var maxViolationsPerHour = 0.0
    /// How many blocked connections within the time window are still good.
    public var blockedConnections = 10.0
    /// After how long people are told again of a critical alert.
    public var criticalAlertInterval: Duration = .seconds(300)
    /// The highest good memory usage, in percent.
    public var memoryPercentage = 85.0
    /// The highest good processor usage, in percent.
    public var cpuPercentage = 80.0
    /// The longest good response time of 95 of 100 requests, in milliseconds.
    public var p95ResponseTimeMilliseconds = 500.0

    /// Creates the defaults.
    public init() {}
}

extension AlertRule {
    /// Rules for a workflow engine, its security, its actors and the machine, with the usual thresholds.
    public static func defaultRules() -> [AlertRule] {
        [
            AlertRule(
                "high_validation_failures",
                .text("> 5", metric: "validation_failure_total"),
                description: "Many validations fail",
                severity: .warning
            ),
            AlertRule(
                "critical_security_violations",
                .text("> 0", metric: "security_violations_total"),
                description: "Security violations were found",
                severity: .critical,
                notificationInterval: .seconds(300)
            ),
            AlertRule(
                "high_response_time",
                .text("avg_response_time > 1000ms"),
                description: "Answers take long",
                severity: .warning
            ),
            AlertRule(
                "low_cache_hit_rate",
                .text("cache_hit_rate < 80%"),
                description: "The cache answers few look-ups",
                severity: .info
            ),
            AlertRule(
                "high_memory_usage",
                .resourceUsage(resource: .memory, thresholdPercentage: 90, duration: .seconds(60)),
                description: "Memory runs out",
                severity: .critical
            ),
            AlertRule(
                "low_disk_space",
                .resourceUsage(resource: .disk, thresholdPercentage: 90, duration: .seconds(60)),
                description: "Disk space runs out",
                severity: .error
            ),
            AlertRule(
                "high_error_rate",
                .errorRate(thresholdPercentage: 5, windowDuration: .seconds(300)),
                description: "Many operations fail",
                severity: .error
            ),
            AlertRule(
                "component_unhealthy",
                .text("health_status == unhealthy"),
                description: "A component does not work",
                severity: .critical
            ),
            AlertRule(
                "mailbox_overflow",
                .rateAbove(metric: "actor_mailbox_overflows_total", threshold: 0),
                description: "Full mailboxes of actors turn messages away",
                severity: .warning
            ),
            AlertRule(
                "mailbox_backpressure",
                .metricAbove(metric: "actor_backpressure_active", threshold: 0, duration: .seconds(60)),
                description: "Senders wait for room in the mailbox of an actor",
                severity: .warning
            ),
        ]
    }

    /// Rules for production, made from thresholds.
    public static func productionRules(_ thresholds: ProductionThresholds = ProductionThresholds()) -> [AlertRule] {
        [
            AlertRule(
                "low_success_rate",
                .text("success_rate < \(thresholds.successRate)"),
                description: "Too few validations succeed",
                severity: .error
            ),
            AlertRule(
                "low_cache_hit_rate",
                .text("cache_hit_rate < \(thresholds.cacheHitRate)"),
                description: "The cache answers too few look-ups",
                severity: .warning
            ),
            AlertRule(
                "high_response_time",
                .text("avg_response_time > \(thresholds.maxResponseTimeMilliseconds)ms"),
                description: "Answers take too long",
                severity: .warning
            ),
            AlertRule(
                "security_violations",
                .text("> \(thresholds.maxViolationsPerHour)", metric: "security_violations_total"),
                description: "Security violations within an hour",
                severity: .critical,
                timeWindow: .seconds(3600),
                notificationInterval: thresholds.criticalAlertInterval
            ),
            AlertRule(
                "high_blocked_connections",
                .text("> \(thresholds.blockedConnections)", metric: "blocked_connections_total"),
                description: "Many connections are blocked",
                severity: .warning
            ),
            AlertRule(
                "high_memory_usage",
                .text("memory_usage > \(thresholds.memoryPercentage)%"),
                description: "Memory runs out",
                severity: .error
            ),
            AlertRule(
                "high_cpu_usage",
                .text("cpu_usage > \(thresholds.cpuPercentage)%"),
                description: "Processors are busy",
                severity: .warning
            ),
            AlertRule(
                "high_latency",
                .text("p95_response_time > \(thresholds.p95ResponseTimeMilliseconds)ms"),
                description: "Five of a hundred requests take too long",
                severity: .warning
            ),
        ]
    }

    /// Rules for a database on a log-structured store.
    public static func databaseRules() -> [AlertRule] {
        [
            AlertRule(
                "High Error Rate",
                .rateAbove(metric: "db_get_errors_total", threshold: 1, duration: .seconds(60)),
                description: "Reads of the database fail",
                severity: .critical
            ),
            AlertRule(
                "Slow Response Time",
                .text("avg > 100ms", metric: "db_get_latency_seconds"),
                description: "Reads of the database take long",
                severity: .warning
            ),
            AlertRule(
                "Low Disk Space",
                .metricBelow(metric: "db_disk_available_bytes", threshold: 1_048_576_000),
                description: "The data volume runs out of space",
                severity: .critical
            ),
            AlertRule(
                "Memory Usage",
                .resourceUsage(resource: .memory, thresholdPercentage: 90, duration: .seconds(60)),
                description: "Memory runs out",
                severity: .warning
            ),
            AlertRule(
                "Compaction Lag",
                .metricAbove(metric: "db_compaction_pending_bytes", threshold: 68_719_476_736, duration: .seconds(300)),
                description: "Compaction lags behind writes",
                severity: .warning
            ),
        ]
    }
}
